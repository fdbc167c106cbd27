"""From a host name to its addresses: asked once, remembered for a minute."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from ipaddress import ip_address
from queue import SimpleQueue
from typing import Protocol

from aggregator.fetch.addresses import IpAddress

TTL = 60.0  #: seconds; the system's resolver does not tell the record's own
_REMEMBERED = 10_000  #: names
#: Look-ups at the same time, whose threads do nothing else: one for each exchange, those that lent their place too, so
#: that a dead name server, for which the system waits up to half a minute, holds up nobody but those who want it.
_THREADS = range(16, 400)


class Resolver(Protocol):
    """All addresses of a host name, best first. Raises OSError where there are none."""

    async def __call__(self, host: str) -> Sequence[IpAddress]: ...


class SystemResolver:
    """The operating system's resolver: hosts file, search order and all."""

    def __init__(self, exchanges: int = 0) -> None:
        self._crew = _Crew(min(max(exchanges, _THREADS.start), _THREADS.stop))

    async def __call__(self, host: str) -> Sequence[IpAddress]:
        found = await asyncio.wrap_future(self._crew.look_up(host))
        return list(dict.fromkeys(found))

    def close(self) -> None:
        self._crew.dismiss()


class _Crew:
    """Threads that look names up, begun when there is work for them.

    The interpreter waits at its end for those of a ThreadPoolExecutor, and a look-up cannot be broken off: with three
    dead name servers the daemon would end half a minute late. These it leaves where they are.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._number = 0
        self._idle = threading.Semaphore(0)
        self._wanted: SimpleQueue[tuple[str, Future[list[IpAddress]]] | None] = SimpleQueue()

    def look_up(self, host: str) -> Future[list[IpAddress]]:
        found: Future[list[IpAddress]] = Future()
        self._wanted.put((host, found))
        if not self._idle.acquire(blocking=False) and self._number < self._most:
            self._number += 1
            threading.Thread(target=self._work, name=f"dns-{self._number}", daemon=True).start()
        return found

    def dismiss(self) -> None:
        for _ in range(self._number):
            self._wanted.put(None)

    def _work(self) -> None:
        while (wanted := self._wanted.get()) is not None:
            host, found = wanted
            if found.set_running_or_notify_cancel():
                try:
                    found.set_result(_getaddrinfo(host))
                except Exception as error:
                    found.set_exception(error)
            self._idle.release()


def _getaddrinfo(host: str) -> list[IpAddress]:
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [ip_address(sockaddr[0]) for *_, sockaddr in answers]


class RememberedResolver:
    """Asks once for all who want a name at the same time, and remembers the answer, but no failure."""

    def __init__(
        self, resolver: Resolver, *, ttl: float = TTL, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._resolver, self._ttl, self._monotonic = resolver, ttl, monotonic
        self._known: dict[str, tuple[float, Sequence[IpAddress]]] = {}
        self._running: dict[str, asyncio.Task[Sequence[IpAddress]]] = {}

    async def __call__(self, host: str) -> Sequence[IpAddress]:
        until, addresses = self._known.get(host, (0.0, ()))
        if addresses and self._monotonic() < until:
            return addresses
        # Shielded: whoever runs out of time must not take the answer from those who still wait for it.
        return await asyncio.shield(self._running.get(host) or self._start(host))

    def is_waiting_for(self, host: str) -> bool:
        """Whether the name is being looked up at this moment."""
        return host in self._running

    async def aclose(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, host: str) -> asyncio.Task[Sequence[IpAddress]]:
        task = self._running[host] = asyncio.create_task(self._look_up(host))
        task.add_done_callback(lambda done: self._finish(host, done))
        return task

    def _finish(self, host: str, task: asyncio.Task[Sequence[IpAddress]]) -> None:
        del self._running[host]
        if not task.cancelled():
            task.exception()  # else asyncio complains when all who waited are gone

    async def _look_up(self, host: str) -> Sequence[IpAddress]:
        addresses = tuple(await self._resolver(host))
        if addresses:
            self._remember(host, addresses)
        return addresses

    def _remember(self, host: str, addresses: Sequence[IpAddress]) -> None:
        now = self._monotonic()
        if len(self._known) >= _REMEMBERED:
            self._known = {name: entry for name, entry in self._known.items() if entry[0] > now}
        if len(self._known) < _REMEMBERED:
            self._known[host] = (now + self._ttl, addresses)
