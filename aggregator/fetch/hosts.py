"""Manners: who may ask which host when. Each host has a queue of its own: none waits for another's."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field

_REMEMBERED = 1024  #: hosts at least, before the idle ones are forgotten
_FORGET_AFTER = 3600.0  #: seconds since the last start: longer than any sensible spacing
#: Seconds that an exchange has its place among all to itself; a little less than the daemon's tick.
_PATIENCE = 0.8
_MOST_LENT = 3  #: times ``concurrency``


@dataclass(slots=True)
class _Lane:
    """Those who come to one host with the same spacing: whoever has to wait long holds up only his like."""

    started: float
    # First come, first served; its holder is the next of the lane to start.
    queue: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class _Host:
    lanes: dict[float, _Lane] = field(default_factory=dict)  # by spacing
    left: asyncio.Event = field(default_factory=asyncio.Event)  # set whenever an exchange ends
    users: int = 0  # who wait, and who are at it
    active: int = 0
    started: float = float("-inf")

    def lane(self, spacing: float) -> _Lane:
        return self.lanes.setdefault(spacing, _Lane(started=self.started))

    def opens(self, spacing: float) -> float:
        """When the lane of this spacing may start; between lanes the shorter of the two spacings is kept."""
        return max(lane.started + min(spacing, other) for other, lane in self.lanes.items())


class Hosts:
    """Gives turns: so many at a time in all and per host, and so long between two starts at one host.

    An exchange that is kept waiting for long lends its place among all to another, so that silent servers hold up
    nobody; its host's place it keeps.
    """

    def __init__(
        self,
        concurrency: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        patience: float = _PATIENCE,
    ) -> None:
        self._everywhere = asyncio.Semaphore(concurrency)
        self._patience, self._lendable = patience, _MOST_LENT * concurrency
        self._monotonic, self._sleep = monotonic, sleep
        self._hosts: dict[str, _Host] = {}
        self._waiting: Counter[str] = Counter()
        self._at_it: Counter[str] = Counter()
        self._clean_at = _REMEMBERED

    def waits(self, who: str) -> bool:
        """Whether all that this one asks for waits: for its host's turn, or long already for the answer."""
        return self._waiting[who] > 0 and self._at_it[who] == 0

    @asynccontextmanager
    async def turn(
        self, name: str, *, concurrency: int, spacing: float, who: str = ""
    ) -> AsyncIterator[None]:
        """Wait until ``name`` may be asked; it counts as asked until the block ends. Spacing in seconds."""
        host = self._host(name)
        host.users += 1
        try:
            with _counted(self._waiting, who):
                await self._admit(host, concurrency, spacing)
            try:
                with self._place(who):
                    yield
            finally:
                host.active -= 1
                host.left.set()
        finally:
            host.users -= 1

    @contextmanager
    def _place(self, who: str) -> Iterator[None]:
        """One place among all, which the caller has; lent when it is held for long, and given back at the end."""
        with ExitStack() as held:
            held.callback(self._everywhere.release)
            held.enter_context(_counted(self._at_it, who))
            timer = asyncio.get_running_loop().call_later(self._patience, self._lend, held, who)
            try:
                yield
            finally:
                timer.cancel()

    def _lend(self, held: ExitStack, who: str) -> None:
        if self._lendable <= 0:
            return
        held.close()
        self._lendable -= 1
        held.callback(self._take_back)
        held.enter_context(_counted(self._waiting, who))

    def _take_back(self) -> None:
        self._lendable += 1

    async def _admit(self, host: _Host, concurrency: int, spacing: float) -> None:
        lane = host.lane(spacing)
        async with lane.queue:
            while True:
                await self._open(host, concurrency, spacing)
                # Last, so that whoever waits for a host occupies none of the places that all hosts share.
                await self._everywhere.acquire()
                if host.active < concurrency and host.opens(spacing) <= self._monotonic():
                    break
                self._everywhere.release()  # meanwhile the host's other lane was quicker
            lane.started = host.started = self._monotonic()
            host.active += 1

    async def _open(self, host: _Host, concurrency: int, spacing: float) -> None:
        """Wait until the host has room and its last start is long enough ago."""
        while True:
            while host.active >= concurrency:
                host.left.clear()
                await host.left.wait()
            wait = host.opens(spacing) - self._monotonic()
            if wait <= 0:
                return
            await self._sleep(wait)

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            if len(self._hosts) >= self._clean_at:
                self._forget_idle()
            self._hosts[name] = _Host()
        return self._hosts[name]

    def _forget_idle(self) -> None:
        since = self._monotonic() - _FORGET_AFTER
        self._hosts = {name: host for name, host in self._hosts.items() if host.users or host.started > since}
        self._clean_at = max(_REMEMBERED, 2 * len(self._hosts))


@contextmanager
def _counted(counter: Counter[str], who: str) -> Iterator[None]:
    counter[who] += 1
    try:
        yield
    finally:
        counter[who] -= 1
        if not counter[who]:
            del counter[who]
