"""httpx's transport over checked, pinned, kept connections.

httpx's own pool costs several times the CPU (it scans every connection at every step) and pins no address.
aiohttp's is as quick as this one, but writes headers as UTF-8, so an ETag with a byte 0xE9 is not echoed,
and rewrites the escapes of the path.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import h11
import httpx

from aggregator.config.model import Network
from aggregator.fetch.addresses import allowed
from aggregator.fetch.connection import MAX_HEAD, Asking, Connection, Disconnected
from aggregator.fetch.dial import Dialler, Route
from aggregator.fetch.errors import FetchError

_IDLE = 30.0  #: seconds that an unused connection is kept: longer than the spacing of a host's requests
_KEPT = 100  #: idle connections
_BYTES = re.compile(r"(?:bytearray\()?\bb(['\"])(.*)\1\)?")
_QUOTED = 80  #: characters of a line at fault that are shown
_STATUS_431 = 431  #: h11's hint that the head is too long


class PinnedTransport(httpx.AsyncBaseTransport):
    """One HTTP/1.1 exchange. ``extensions`` of the request: ``allow_private`` (networks), ``verify`` (bool),
    ``ca_file`` (path or None).

    Raises FetchError. An exchange on a kept connection that the server had closed meanwhile is begun once
    more, on a fresh one.
    """

    def __init__(self, dialler: Dialler) -> None:
        self._dialler = dialler
        self._idle = IdleConnections()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        route = _route(request)
        # Whether a server that closes while it is posted to has taken the post, nobody knows: that is done once only.
        kept = self._idle.take(route) if request.method == "GET" else None
        if kept is not None:
            try:
                return await self._exchange(kept, route, request)
            except Disconnected:
                pass  # the server had closed it: it has answered nothing, so nothing is asked of it twice
        url = str(request.url)
        try:
            return await self._exchange(await self._dialler.dial(url, route), route, request)
        except Disconnected as error:
            raise FetchError(url, "the server closed the connection without an answer", "protocol") from error

    async def is_own(self, url: str, host: str, allow: tuple[Network, ...]) -> bool:
        """Whether all addresses of the host lie inside ``allow``."""
        return bool(allow) and all(allowed(ip, allow) for ip in await self._dialler.addresses(url, host))

    async def aclose(self) -> None:
        self._idle.close()

    async def _exchange(self, connection: Connection, route: Route, request: httpx.Request) -> httpx.Response:
        try:
            connection.send(
                Asking(
                    method=request.method,
                    target=request.url.raw_path,
                    headers=request.headers.raw,
                    body=request.read(),
                )
            )
            answer = await connection.head()
        except h11.RemoteProtocolError as error:
            connection.close()
            raise _fault(str(request.url), connection, error) from error
        except BaseException:
            connection.close()
            raise
        body = _Body(connection, str(request.url), lambda: self._idle.put(route, connection))
        return httpx.Response(answer.status, headers=answer.headers, stream=body, request=request)


class _Body(httpx.AsyncByteStream):
    """The body as it comes over the wire, still packed. Closed before its end it costs the connection."""

    def __init__(self, connection: Connection, url: str, keep: Callable[[], None]) -> None:
        self._connection, self._url, self._keep = connection, url, keep
        self._whole = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while isinstance(event := await self._connection.event(), h11.Data):
                yield bytes(event.data)
        except h11.RemoteProtocolError as error:
            raise _fault(self._url, self._connection, error) from error
        self._whole = True

    async def aclose(self) -> None:
        if self._whole:
            self._keep()
        else:
            self._connection.close()


class IdleConnections:
    """Connections between two exchanges, the latest first to be used again; each ends after a while."""

    def __init__(self, *, most: int = _KEPT, seconds: float = _IDLE) -> None:
        self._most, self._seconds = most, seconds
        self._all: OrderedDict[Connection, tuple[Route, asyncio.TimerHandle]] = OrderedDict()
        self._routes: dict[Route, list[Connection]] = {}

    def take(self, route: Route) -> Connection | None:
        kept = self._routes.get(route)
        if not kept:
            return None
        connection = kept[-1]
        self._remove(connection)
        return connection

    def put(self, route: Route, connection: Connection) -> None:
        """Keep the connection if it is fit for another exchange, else close it."""
        if not connection.rest():
            connection.close()
            return
        if len(self._all) >= self._most:
            next(iter(self._all)).close()
        timer = asyncio.get_running_loop().call_later(self._seconds, connection.close)
        connection.on_close = self._remove
        self._all[connection] = (route, timer)
        self._routes.setdefault(route, []).append(connection)

    def close(self) -> None:
        for connection in list(self._all):
            connection.close()

    def _remove(self, connection: Connection) -> None:
        connection.on_close = None
        route, timer = self._all.pop(connection)
        timer.cancel()
        kept = self._routes[route]
        kept.remove(connection)
        if not kept:
            del self._routes[route]


def _route(request: httpx.Request) -> Route:
    url = request.url
    return Route(
        scheme=url.scheme,
        host=url.raw_host.decode("ascii"),
        port=url.port or (443 if url.scheme == "https" else 80),
        allow=cast(tuple[Network, ...], request.extensions.get("allow_private", ())),
        verify=bool(request.extensions.get("verify", True)),
        ca_file=cast(Path | None, request.extensions.get("ca_file")),
    )


def _fault(url: str, connection: Connection, error: h11.RemoteProtocolError) -> FetchError:
    if connection.ended:
        return FetchError(
            url, "the connection ended before the answer did; it will be asked for again", "truncated"
        )
    if error.error_status_hint == _STATUS_431:
        return FetchError(
            url, f"the headers of the answer are longer than {MAX_HEAD // 1024} KiB", "protocol"
        )
    return FetchError(url, f"the answer is no proper HTTP ({_in_words(error)})", "protocol")


def _in_words(error: h11.RemoteProtocolError) -> str:
    """h11 quotes the line at fault as Python writes bytes."""
    return _BYTES.sub(lambda found: f'"{found[2][:_QUOTED]}"', str(error))
