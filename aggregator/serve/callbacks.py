"""The address that hubs call: their questions by GET, their documents by POST (WebSub §5.3, §6)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.serve.kinds import COMMON_HEADERS
from storage.errors import StorageError

#: Documents that are being read at a time, in all and at one callback, and the bytes that they may come to.
_AT_ONCE, _OF_ONE, _MOST_BYTES = 100, 4, 64 * 1024 * 1024
#: Seconds in which a document must have come whole.
PATIENCE = 30.0
#: Bytes beyond the limit that are read and forgotten, since who is cut off while it writes sees no answer.
_PASSED_OVER = 1024 * 1024
#: What a token looks like: other paths in this folder are published files.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_METHODS = ("GET", "POST")
_UNSTORED = {**COMMON_HEADERS, "Cache-Control": "no-store"}


class Verified(Protocol):
    """The answer to a question."""

    @property
    def status(self) -> int: ...

    @property
    def text(self) -> str: ...


class Callbacks(Protocol):
    """Answered by whoever subscribes."""

    async def verify(self, token: str, query: Mapping[str, str]) -> Verified:
        """Raises StorageError."""
        ...

    def limit(self, token: str) -> int | None:
        """The most bytes of a document; None where none is expected."""
        ...

    def receive(self, token: str, headers: Mapping[str, str], body: bytes) -> int:
        """Take a whole document; the status to answer with."""
        ...

    def overlong(self, token: str) -> None:
        """A document was longer than its limit and was not read."""
        ...


class CallbackDoor:
    """An ASGI application over ``/websub/{token}``. Without ``callbacks`` nobody subscribes, and all is 404."""

    def __init__(self, callbacks: Callbacks | None, files: ASGIApp, *, patience: float = PATIENCE) -> None:
        self._callbacks, self._files, self._patience = callbacks, files, patience
        self._reading: list[tuple[str, int]] = []  #: callbacks, and the bytes kept for each document

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        token = str(request.path_params["token"])
        if not _TOKEN.fullmatch(token):
            await self._files(scope, receive, send)
            return
        response = await self._answer(request, token)
        await response(scope, receive, send)

    async def _answer(self, request: Request, token: str) -> Response:
        if self._callbacks is None:
            return _line(404)
        if request.method not in _METHODS:
            return _line(405, Allow=", ".join(_METHODS))
        try:
            if request.method == "POST":
                return await self._document(self._callbacks, request, token)
            answer = await self._callbacks.verify(token, dict(request.query_params))
        except StorageError:
            return _line(503, **{"Retry-After": "60"})
        return _line(answer.status, answer.text)

    async def _document(self, callbacks: Callbacks, request: Request, token: str) -> Response:
        limit = callbacks.limit(token)
        if limit is None:
            return _line(404)
        place = (token, min(limit, _length(request, limit)))
        if not self._has_room(*place):
            return _line(503, **{"Retry-After": "10"})
        self._reading.append(place)
        try:
            async with asyncio.timeout(self._patience):
                body = await _body(request, limit)
        except TimeoutError:
            return _line(408, Connection="close")
        except ClientDisconnect:
            return _line(400)
        finally:
            self._reading.remove(place)
        if body is None:
            callbacks.overlong(token)
            return _line(413, Connection="close")
        return _line(callbacks.receive(token, request.headers, body))

    def _has_room(self, token: str, size: int) -> bool:
        """A document has the whole room when it comes alone."""
        of_one = sum(reader == token for reader, _ in self._reading)
        taken = sum(kept for _, kept in self._reading)
        return not self._reading or (
            len(self._reading) < _AT_ONCE and of_one < _OF_ONE and taken + size <= _MOST_BYTES
        )


def _length(request: Request, unsaid: int) -> int:
    said = request.headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else unsaid


async def _body(request: Request, limit: int) -> bytes | None:
    """None where it is longer than the limit."""
    body, beyond = bytearray(), 0
    async for piece in request.stream():
        if len(body) + len(piece) <= limit and not beyond:
            body += piece
        elif (beyond := beyond + len(piece)) > _PASSED_OVER:
            break
    return bytes(body) if not beyond else None


def _line(status: int, text: str = "", **headers: str) -> Response:
    return PlainTextResponse(text, status, {**_UNSTORED, **headers})
