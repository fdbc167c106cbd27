"""Pictures that readers ask our server for (``images: proxy``): only those whose addresses we printed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.clock import Clock
from aggregator.fetch import Fetcher
from aggregator.pipeline.picturecache import PictureCache
from aggregator.pipeline.pictures import NoPicture, Picture, fetch_picture
from aggregator.pipeline.plan import Plan
from aggregator.publish.pictures import address_in

#: Fetched at the same time; beside them so many wait for their turn, and no more.
AT_ONCE, WAITING = 16, 200
#: What could not be had is not asked for again so soon; so many are remembered.
LOST_FOR, MOST_LOST = timedelta(minutes=10), 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """We have it not; it may be had at its own address."""

    address: str


class PictureProxy:
    """Answers for one process; each picture is fetched once however many ask for it at the same time."""

    def __init__(
        self,
        fetcher: Fetcher,
        plan: Callable[[], Plan],
        key: Callable[[], Awaitable[bytes | None]],
        cache: PictureCache,
        clock: Clock,
    ) -> None:
        self._fetcher, self._plan, self._cache, self._clock = fetcher, plan, cache, clock
        self._read_key = key
        self._key: bytes | None = None
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[tuple[str, str], asyncio.Task[Picture]] = {}
        self._lost: OrderedDict[tuple[str, str], tuple[datetime, bool]] = OrderedDict()

    async def picture(self, signature: str, source: str, coded: str) -> Picture | Elsewhere | None:
        """None where the address was not printed by us, or nobody is to be sent there."""
        if self._key is None:
            self._key = await self._read_key()
        address = address_in(self._key, signature, source, coded) if self._key else None
        if address is None:
            return None
        kept = await asyncio.to_thread(self._cache.get, source, address)
        if kept is not None:
            return kept
        if (forbidden := self._is_lost(source, address)) is not None:
            return None if forbidden else Elsewhere(address=address)
        try:
            return await self._fetched(source, address)
        except NoPicture as reason:
            return None if reason.forbidden else Elsewhere(address=address)

    async def _fetched(self, source: str, address: str) -> Picture:
        """By the one fetch of it that is under way; it goes on when whoever asked first goes away."""
        task = self._under_way.get((source, address))
        if task is None:
            if len(self._under_way) >= AT_ONCE + WAITING:
                raise NoPicture("too many pictures are asked for")
            task = asyncio.create_task(self._fetch(source, address))
            self._under_way[source, address] = task
            task.add_done_callback(lambda done: self._done((source, address), done))
        return await asyncio.shield(task)

    async def _fetch(self, source: str, address: str) -> Picture:
        async with self._turn:
            picture = await fetch_picture(self._fetcher, self._plan(), source, address)
        await asyncio.to_thread(self._cache.put, source, address, picture)
        return picture

    def _done(self, what: tuple[str, str], task: asyncio.Task[Picture]) -> None:
        self._under_way.pop(what, None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, NoPicture):
            self._lost[what] = self._clock() + LOST_FOR, error.forbidden
            while len(self._lost) > MOST_LOST:
                self._lost.popitem(last=False)

    def _is_lost(self, source: str, address: str) -> bool | None:
        until, forbidden = self._lost.get((source, address), (None, False))
        return forbidden if until is not None and self._clock() < until else None

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
