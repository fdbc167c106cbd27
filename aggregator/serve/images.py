"""``/image/<signature>/<source>/<address>``: pictures that the server fetches for its readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from aggregator.serve.kinds import COMMON_HEADERS

#: Of a picture nothing is run, and nothing in it may ask for anything.
_PICTURE: Mapping[str, str] = {
    **COMMON_HEADERS,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=86400",
}
_LONGEST = 4000  #: characters of a path


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A picture, or where else it may be had."""

    body: bytes = b""
    type: str = ""
    elsewhere: str | None = None


class Pictures(Protocol):
    """Who has the pictures."""

    async def serve(self, signature: str, source: str, coded: str) -> Served | None:
        """None where this address was never printed."""
        ...


class PictureDoor:
    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    async def answer(self, request: Request) -> Response:
        if len(request.url.path) > _LONGEST:
            return _missing()
        asked = request.path_params
        found = await self._pictures.serve(str(asked["signature"]), str(asked["source"]), str(asked["coded"]))
        if found is None:
            return _missing()
        if found.elsewhere is not None:
            return RedirectResponse(found.elsewhere, 302, {**COMMON_HEADERS, "Cache-Control": "max-age=600"})
        tag = f'"{blake2b(found.body, digest_size=16).hexdigest()}"'
        headers = {**_PICTURE, "ETag": tag}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(found.body, headers={**headers, "Content-Type": found.type})


def _missing() -> Response:
    return PlainTextResponse("no such picture\n", 404, {**COMMON_HEADERS, "Cache-Control": "max-age=60"})
