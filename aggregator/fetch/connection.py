"""One connection that speaks HTTP/1.1: h11 reads and writes the messages, asyncio moves the bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import h11

MAX_HEAD = 64 * 1024  #: bytes of status line and headers
_HIGH_WATER = 256 * 1024  #: unread bytes, beyond which the peer is made to wait
_BREATH = 100  #: parts read without a pause: chunks of one byte must not hold up everybody else
_MOST_INTERIM = 10  #: answers 1xx before the final one


class Disconnected(Exception):
    """The peer closed or broke the connection before the answer began."""


class Connection(asyncio.Protocol):
    """Used by one exchange at a time. h11's RemoteProtocolError comes out of ``event`` as it is."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)  # until connection_made
        self.answered = False  #: a byte of the present answer has come
        self.reused = False
        self.on_close: Callable[[Connection], None] | None = None  #: told of the end of an idle connection
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
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
        self.answered = True
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

    def send(self, request: h11.Request, body: bytes = b"") -> None:
        self._idle = self.answered = False
        parts = [request, *([h11.Data(data=body)] if body else []), h11.EndOfMessage()]
        self.transport.write(b"".join(self._http.send(part) or b"" for part in parts))

    async def head(self) -> h11.Response:
        """The final answer's head. Raises Disconnected where the peer left instead."""
        for _ in range(_MOST_INTERIM):
            event = await self.event()
            if isinstance(event, h11.Response):
                return event
        raise h11.RemoteProtocolError("no final answer after many interim ones")

    async def event(self) -> h11.Event:
        """The next part of the answer. One cut in its middle raises h11.RemoteProtocolError."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._ended:
                self._tell_end()
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

    def _tell_end(self) -> None:
        if not self.answered:
            raise Disconnected
        if self._broken is not None:
            raise h11.RemoteProtocolError(f"the connection broke: {self._broken}")
        self._http.receive_data(
            b""
        )  # an end that h11 may take for the end of the body, where no length was given

    def _resume(self) -> None:
        self._unread = 0
        if not self.transport.is_closing():
            self.transport.resume_reading()

    @property
    def ended(self) -> bool:
        return self._ended

    def rest(self) -> bool:
        """Make it ready for another exchange; False where it is not fit for one."""
        states = {self._http.our_state, self._http.their_state}
        if self._ended or states != {h11.DONE} or self._http.trailing_data[0]:
            return False
        self._http.start_next_cycle()
        self._resume()
        self._idle = self.reused = True
        return True

    def close(self) -> None:
        """At once: an aborted TLS connection does not wait for the peer's good-bye."""
        self.transport.abort()
        if self.on_close is not None:
            self.on_close(self)
