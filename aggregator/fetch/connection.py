"""One connection that speaks HTTP/1.1: h11 reads the answers that are not plain, asyncio moves the bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import h11

from aggregator.fetch.oddheads import mended
from aggregator.fetch.plain import RawHeaders, not_modified, request_head

MAX_HEAD = 64 * 1024  #: bytes of status line and headers
_HIGH_WATER = 256 * 1024  #: unread bytes, beyond which the peer is made to wait
_BREATH = 100  #: parts read without a pause: chunks of one byte must not hold up everybody else
_MOST_INTERIM = 10  #: answers 1xx before the final one


class Disconnected(Exception):
    """The peer closed or broke the connection before the answer began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is sent: a request with the whole of its head, and its body."""

    method: str
    target: bytes
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes = b""


class Head(NamedTuple):
    """Of the final answer. The names of the fields are in lower case."""

    status: int
    headers: RawHeaders


class Connection(asyncio.Protocol):
    """Used by one exchange at a time. h11's RemoteProtocolError comes out of ``event`` as it is."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)  # until connection_made
        self.on_close: Callable[[Connection], None] | None = None  #: told of the end of an idle connection
        self._asking: Asking
        self._early: bytearray | None = bytearray()  #: of the present answer; None once h11 has read its head
        self._http: h11.Connection | None = None
        self._news = asyncio.Event()
        self._unread = self._events = 0
        self._idle = False
        self._ended = False
        self._broken: Exception | None = None

    # -- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._idle:  # nothing was asked: whatever this is, it must not be taken for the next answer
            self.close()
            return
        if self._early is not None:
            self._early += data
        if self._http is not None:
            self._http.receive_data(data)
        self._unread += len(data)
        if self._unread > _HIGH_WATER:
            self.transport.pause_reading()
        self._news.set()

    def eof_received(self) -> bool:
        self._end(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc)

    def _end(self, exc: Exception | None) -> None:
        if not self._ended:
            self._ended, self._broken = True, exc
            self._news.set()
        if self._idle:
            self.close()

    # -- what the transport calls

    def send(self, asking: Asking) -> None:
        self._idle = False
        self._asking, self._early, self._http = asking, bytearray(), None
        head = request_head(asking.method, asking.target, asking.headers)
        # Else ``head`` tells of it: libuv raises where asyncio keeps silent.
        if not self.transport.is_closing():
            self.transport.write(head + asking.body)

    async def head(self) -> Head:
        """The final answer's head. Raises Disconnected where the peer left instead."""
        while not self._early:
            if self._ended:
                raise Disconnected
            await self._more()
        came = bytes(self._early)
        plain = not_modified(came)
        if plain is not None:
            self._early.clear()
            return Head(304, plain)
        try:
            head = await self._read_head(came)
        except h11.RemoteProtocolError:
            put_right = mended(bytes(self._early))
            if put_right is None:
                raise
            head = await self._read_head(put_right)
        self._early = None
        return head

    async def _read_head(self, came: bytes) -> Head:
        self._http = _after(self._asking)
        self._http.receive_data(came)
        for _ in range(_MOST_INTERIM):
            event = await self.event()
            if isinstance(event, h11.Response):
                return Head(event.status_code, list(event.headers))
        raise h11.RemoteProtocolError("no final answer after many interim ones")

    async def event(self) -> h11.Event:
        """The next part of the answer. One cut in its middle raises h11.RemoteProtocolError."""
        if self._http is None:  # a plain answer is its head
            return h11.EndOfMessage()
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._ended:
                self._tell_end(self._http)
            else:
                await self._more()
        self._events += 1
        if self._events % _BREATH == 0:
            await asyncio.sleep(0)
        if isinstance(event, type):  # h11.PAUSED: after the answer nothing is asked for
            raise h11.RemoteProtocolError("data after the end of the answer")
        return event

    async def _more(self) -> None:
        self._resume()
        self._news.clear()
        await self._news.wait()

    def _tell_end(self, http: h11.Connection) -> None:
        if self._broken is not None:
            raise h11.RemoteProtocolError(f"the connection broke: {self._broken}")
        http.receive_data(b"")  # an end that h11 may take for the end of the body, where no length was given

    def _resume(self) -> None:
        self._unread = 0
        if not self.transport.is_closing():
            self.transport.resume_reading()

    @property
    def ended(self) -> bool:
        return self._ended

    def rest(self) -> bool:
        """Make it ready for another exchange; False where it is not fit for one."""
        if self._ended or not (_is_done(self._http) if self._http else not self._early):
            return False
        self._http = None
        self._resume()
        self._idle = True
        return True

    def close(self) -> None:
        """At once: an aborted TLS connection does not wait for the peer's good-bye."""
        self.transport.abort()
        if self.on_close is not None:
            self.on_close(self)


def _after(asking: Asking) -> h11.Connection:
    """h11 in the state in which it has sent this."""
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
    http.send(h11.Request(method=asking.method, target=asking.target, headers=list(asking.headers)))
    if asking.body:
        http.send(h11.Data(data=asking.body))
    http.send(h11.EndOfMessage())
    return http


def _is_done(http: h11.Connection) -> bool:
    """Whether the exchange is over, nothing came after it, and another may follow."""
    return {http.our_state, http.their_state} == {h11.DONE} and not http.trailing_data[0]
