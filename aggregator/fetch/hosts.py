"""Manners: who may ask which host when. Each host has a queue of its own: none waits for another's."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_REMEMBERED = 1024  #: hosts at least, before the idle ones are forgotten
_FORGET_AFTER = 3600.0  #: seconds since the last start: longer than any sensible spacing
#: Seconds that an exchange has its place among all to itself; a little less than the daemon's tick.
_PATIENCE = 0.8
_MOST_LENT = 3  #: times ``concurrency``
EXCHANGES = 1 + _MOST_LENT  #: times ``concurrency``: at the same time, those that lent their place included


@dataclass(slots=True)
class _Lane:
    """Those who come to one host with the same spacing: whoever has to wait long holds up only his like."""

    started: float
    # First come, first served; its holder is the next of the lane to start.
    queue: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class _Host:
    lanes: dict[float, _Lane] = field(default_factory=dict)  # by spacing
    left: asyncio.Event | None = None  # set when an exchange ends, while somebody waits for that: it is large
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

    def turn(self, name: str, *, concurrency: int, spacing: float, who: str = "") -> Turn:
        """Wait until ``name`` may be asked; it counts as asked until the block ends. Spacing in seconds."""
        return Turn(self, self._host(name), concurrency, spacing, who)

    @contextmanager
    def aside(self, who: str) -> Iterator[None]:
        """A block that does nothing but wait, for something else than a turn."""
        self._waiting[who] += 1
        try:
            yield
        finally:
            _less(self._waiting, who)

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
                host.left = host.left or asyncio.Event()
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


class Turn:
    """One exchange, as a block: it begins when its host may be asked."""

    def __init__(self, hosts: Hosts, host: _Host, concurrency: int, spacing: float, who: str) -> None:
        self._hosts, self._host, self._who = hosts, host, who
        self._concurrency, self._spacing = concurrency, spacing
        self._lent = False
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> None:
        hosts, host = self._hosts, self._host
        host.users += 1
        hosts._waiting[self._who] += 1
        try:
            await hosts._admit(host, self._concurrency, self._spacing)
        except BaseException:
            host.users -= 1
            raise
        finally:
            _less(hosts._waiting, self._who)
        hosts._at_it[self._who] += 1
        self._timer = asyncio.get_running_loop().call_later(hosts._patience, self._lend)

    def _lend(self) -> None:
        """The place among all, which was held for long, goes to another."""
        hosts = self._hosts
        if hosts._lendable > 0:
            self._lent = True
            hosts._lendable -= 1
            hosts._everywhere.release()
            _less(hosts._at_it, self._who)
            hosts._waiting[self._who] += 1

    async def __aexit__(self, *_: object) -> None:
        hosts, host = self._hosts, self._host
        if self._timer is not None:
            self._timer.cancel()
        if self._lent:
            hosts._lendable += 1
            _less(hosts._waiting, self._who)
        else:
            hosts._everywhere.release()
            _less(hosts._at_it, self._who)
        host.active -= 1
        if host.left is not None:
            host.left.set()
            host.left = None
        host.users -= 1


def _less(counter: Counter[str], who: str) -> None:
    counter[who] -= 1
    if not counter[who]:
        del counter[who]
