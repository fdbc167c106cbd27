"""Manners: who may ask which host when. Each host has a queue of its own: none waits for another's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_REMEMBERED = 1024  #: hosts at least, before the idle ones are forgotten
_FORGET_AFTER = 3600.0  #: seconds since the last start: longer than any sensible spacing


@dataclass(slots=True)
class _Host:
    queue: asyncio.Lock = field(
        default_factory=asyncio.Lock
    )  # first come, first served; its holder is the next to start
    left: asyncio.Event = field(default_factory=asyncio.Event)  # set whenever an exchange ends
    users: int = 0  # who wait, and who are at it
    active: int = 0
    started: float = float("-inf")


class Hosts:
    """Gives turns: so many at a time in all and per host, and so long between two starts at one host."""

    def __init__(
        self,
        concurrency: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._everywhere = asyncio.Semaphore(concurrency)
        self._monotonic, self._sleep = monotonic, sleep
        self._hosts: dict[str, _Host] = {}
        self._clean_at = _REMEMBERED

    @asynccontextmanager
    async def turn(self, name: str, *, concurrency: int, spacing: float) -> AsyncIterator[None]:
        """Wait until ``name`` may be asked; it counts as asked until the block ends. Spacing in seconds."""
        host = self._host(name)
        host.users += 1
        try:
            async with host.queue:
                await self._admit(host, concurrency, spacing)
            try:
                yield
            finally:
                host.active -= 1
                host.left.set()
                self._everywhere.release()
        finally:
            host.users -= 1

    async def _admit(self, host: _Host, concurrency: int, spacing: float) -> None:
        while host.active >= concurrency:
            host.left.clear()
            await host.left.wait()
        # In a loop: a timer may fire a little early.
        while (wait := host.started + spacing - self._monotonic()) > 0:
            await self._sleep(wait)
        # Last, so that whoever waits for a host occupies none of the places that all hosts share.
        await self._everywhere.acquire()
        host.started = self._monotonic()
        host.active += 1

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
