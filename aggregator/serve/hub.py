"""The address of our own hub: subscribers post their requests here (WebSub §5.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.serve.kinds import COMMON_HEADERS

_FORM = "application/x-www-form-urlencoded"
_LONGEST = 16 * 1024  #: bytes of a request
_MOST_FIELDS = 50
#: Seconds in which a request must have come whole.
PATIENCE = 10.0
_UNSTORED = {**COMMON_HEADERS, "Cache-Control": "no-store"}


class HubReply(Protocol):
    """The answer to a request."""

    @property
    def status(self) -> int: ...

    @property
    def text(self) -> str: ...

    @property
    def wait(self) -> int | None: ...


class OwnHub(Protocol):
    """Answered by whoever keeps the subscriptions."""

    @property
    def is_open(self) -> bool: ...

    async def ask(self, form: Mapping[str, str]) -> HubReply: ...


class HubDoor:
    """An ASGI application over ``/hub``. Without an open hub the address is one of the files'."""

    def __init__(self, hub: OwnHub | None, files: ASGIApp) -> None:
        self._hub, self._files = hub, files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._hub is None or not self._hub.is_open:
            await self._files(scope, receive, send)
            return
        response = await self._answer(self._hub, Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, hub: OwnHub, request: Request) -> Response:
        if request.method != "POST":
            return _line(405, "A WebSub hub: it takes requests by POST.", Allow="POST")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            return _line(415, f"a request is a form, {_FORM}")
        try:
            async with asyncio.timeout(PATIENCE):
                form = await _form(request)
        except TimeoutError:
            return _line(408, Connection="close")
        except ClientDisconnect:
            return _line(400)
        except ValueError as error:
            return _line(400, str(error), Connection="close")
        reply = await hub.ask(form)
        return _line(reply.status, reply.text, **({"Retry-After": str(reply.wait)} if reply.wait else {}))


async def _form(request: Request) -> dict[str, str]:
    """Of a parameter that is given twice the first counts. Raises ValueError."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST:
            raise ValueError(f"a request is no longer than {_LONGEST} bytes")
    found: dict[str, str] = {}
    for name, value in parse_qsl(
        body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
    ):
        found.setdefault(name, value)
    return found


def _line(status: int, text: str = "", **headers: str) -> Response:
    return PlainTextResponse(f"{text}\n" if text else "", status, {**_UNSTORED, **headers})
