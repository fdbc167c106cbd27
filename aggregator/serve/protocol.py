"""uvicorn's protocol over httptools, with the bounds that it lacks: of a head's size, of the time in which a request
comes and an answer is taken, of connections.

httptools parses in C: a conditional request costs a third of what it costs over h11, uvicorn's other one, which has a
bound for heads and none for time.
"""

from __future__ import annotations

import asyncio
import re
import resource
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Bytes of a request's head, or of anything else that is neither head nor body.
MOST_HEAD = 64 * 1024
#: Seconds until a head is whole, counted from the connection or from its first byte.
PATIENCE = 15.0
#: Seconds until the body behind it is whole: what hubs push is cut off sooner (callbacks.py).
BODY_PATIENCE = 60.0
#: Seconds in which a reader takes some of what waits for it. The kernel takes it in steps of 64 kB (server.py).
READER_PATIENCE = 60.0
#: Connections at a time: what polls and files need is left over.
MOST_CONNECTIONS = 4096
#: The share of them that one neighbourhood may have.
SHARE_OF_ONE = 0.25

_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_REFUSED = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def most_connections() -> int:
    """At most half of the files that this process may open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if files == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, files // 2)


def neighbourhood(client: tuple[str, int] | None) -> str | None:
    """Who shares a bound: an address, of IPv6 the 64 bits that one household has. None for this very machine, where
    proxies stand before us."""
    try:
        address = ip_address((client or ("", 0))[0].partition("%")[0])
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback:
        return None
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))


def _in_ascii(data: bytes) -> bytes:
    """With its first line escaped: newsboat and curl send /search?q=潮汐 as it was typed, which httptools refuses."""
    line, end, rest = data.partition(b"\n")
    return _BEYOND_ASCII.sub(lambda found: b"%%%02X" % ord(found[0]), line) + end + rest


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    _at_its_start = True  #: what comes next begins a request
    _unread = 0  #: bytes since the last head, or piece of a body, was whole
    _patience: asyncio.TimerHandle | None = None  #: with the request
    _giving: asyncio.TimerHandle | None = None  #: while something waits to be taken

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # as uvicorn declares it
        if not self._has_room():
            self.transport.abort()
            return
        # So that it is told of whatever waits, and of its end.
        self.transport.set_write_buffer_limits(high=0)
        self._wait(PATIENCE)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._unread += len(data)
        if self._at_its_start and not data.isascii():
            data = _in_ascii(data)
        self._at_its_start = False
        super().data_received(data)
        if self._unread > MOST_HEAD:
            self._unread = 0
            self.transport.write(_REFUSED)
            self.transport.close()
        elif self._unread and self._patience is None:
            self._wait(PATIENCE)

    def connection_lost(self, exc: Exception | None) -> None:
        self._come()
        super().connection_lost(exc)
        self._taken()

    def on_headers_complete(self) -> None:
        self._come()
        super().on_headers_complete()
        self._wait(BODY_PATIENCE)

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._at_its_start = True
        self._come()
        super().on_message_complete()

    # -- the request

    def _wait(self, seconds: float) -> None:
        self._patience = self.loop.call_later(seconds, self.transport.abort)

    def _come(self) -> None:
        self._unread = 0
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    # -- the answer

    def pause_writing(self) -> None:
        super().pause_writing()
        self._give(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        super().resume_writing()
        self._taken()

    def _give(self, waiting: int) -> None:
        self._giving = self.loop.call_later(READER_PATIENCE, self._look, waiting)

    def _look(self, before: int) -> None:
        """An answer is written in pieces, each once the last is taken (giving.py): what waits only grows less."""
        waiting = self.transport.get_write_buffer_size()
        if waiting < before:
            self._give(waiting)
        else:
            self.transport.abort()

    def _taken(self) -> None:
        if self._giving is not None:
            self._giving.cancel()
            self._giving = None

    # -- among the others

    def _has_room(self) -> bool:
        """Whether there is a place for this connection, if need be that of one that is kept alive for nothing."""
        if len(self.connections) > int(most_connections() * SHARE_OF_ONE):
            own = neighbourhood(self.client)
            of_one = sum(neighbourhood(one.client) == own for one in self._all()) if own else 0
            if of_one > most_connections() * SHARE_OF_ONE:
                return False
        if len(self.connections) <= most_connections():
            return True
        idle = next((one for one in self._all() if one.is_idle), None)
        if idle is not None:
            idle.transport.abort()
        return idle is not None

    def _all(self) -> Iterator[BoundedProtocol]:
        return (one for one in self.connections if isinstance(one, BoundedProtocol))

    @property
    def is_idle(self) -> bool:
        """Its last answer has been taken, and nothing of another request has come."""
        answered = self.cycle is not None and self.cycle.response_complete
        nothing_waits = self._patience is None and self._giving is None
        return answered and nothing_waits and not self.transport.is_closing()
