"""uvicorn's protocol over httptools, with the bounds that it lacks: of a head's size, of its time, of connections.

httptools parses in C: a conditional request costs a third of what it costs over h11, uvicorn's other one, which has a
bound for heads and none for time.
"""

from __future__ import annotations

import asyncio
import resource

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Bytes of a request's head, or of anything else that is neither head nor body.
MOST_HEAD = 64 * 1024
#: Seconds until a head is whole, counted from the connection or from its first byte.
PATIENCE = 15.0
#: Connections at a time: what polls and files need is left over.
MOST_CONNECTIONS = 4096

_REFUSED = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def most_connections() -> int:
    """At most half of the files that this process may open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if files == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, files // 2)


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    _unread = 0  #: bytes since the last head, or piece of a body, was whole
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if len(self.connections) >= most_connections():
            transport.abort()  # type: ignore[attr-defined]  # every transport of a server's has it
            return
        super().connection_made(transport)  # type: ignore[arg-type]  # as uvicorn declares it
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MOST_HEAD:
            self._unread = 0
            self.transport.write(_REFUSED)
            self.transport.close()
        elif self._unread and self._patience is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._come()
        if self.transport is not None:
            super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        self._come()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._come()
        super().on_message_complete()

    def _wait(self) -> None:
        self._patience = self.loop.call_later(PATIENCE, self.transport.abort)

    def _come(self) -> None:
        self._unread = 0
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
