"""What the server's own pages are told (the ``Facts`` of aggregator.serve): by the daemon, or by the store alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from math import inf
from typing import TypeVar

from aggregator.clock import Clock, system_clock
from aggregator.config import Loaded
from aggregator.daemon import Daemon
from aggregator.daemon.desk import Desk
from aggregator.serve.links import hub_address
from aggregator.serve.removed import RemovedSections
from aggregator.serve.status import stale_bounds
from storage import open_store
from storage.errors import StorageError
from storage.interface import ArticleStore
from storage.model import SourceRecord, Subscription

T = TypeVar("T")

#: A loop whose tick is older than this is stuck.
STUCK = 30.0
#: Seconds for which the copies that /status tells of are not counted anew.
COUNTED_FOR = 60.0


@dataclass(slots=True, kw_only=True)
class DaemonFacts:
    """What the server's own pages tell of the daemon (the ``Facts`` of aggregator.serve)."""

    desk: Desk
    daemon: Daemon
    removed_sections: RemovedSections = field(init=False)
    _copies: tuple[float, Mapping[tuple[str, str], int]] = field(init=False, default=(-inf, {}))

    def __post_init__(self) -> None:
        self.removed_sections = RemovedSections(
            lambda: self.desk.staff.store.run(self.desk.store.section_revisions),
            lambda: [section.id for section in self.desk.plan.config.sections],
        )

    async def sources(self) -> list[SourceRecord]:
        return await self.desk.staff.store.run(self.desk.store.sources)

    async def subscriptions(self) -> list[Subscription]:
        return self.desk.subscriptions.all()

    def stale_after(self) -> Mapping[str, timedelta]:
        return stale_bounds(self.desk.plan.config)

    async def copies(self) -> Mapping[tuple[str, str], int]:
        """Counting goes through all copies: not at every look."""
        at, counted = self._copies
        if time.monotonic() - at > COUNTED_FOR:
            counted = await self.desk.staff.store.run(self.desk.store.copy_counts)
            self._copies = time.monotonic(), counted
        return counted

    def address(self) -> tuple[str, str]:
        base = self.desk.press.address
        return base, hub_address(self.desk.plan.config.output.websub.hub, base)

    async def ready(self) -> str | None:
        if self.daemon.stopping:
            return "stopping"
        if self.daemon.tick_age() > STUCK:
            return f"no tick for {self.daemon.tick_age():.0f} s"
        try:
            await self.desk.staff.store.run(self.desk.store.setting, "routing")
        except StorageError as error:
            return str(error)
        return self.desk.press.last_error

    def alive(self) -> bool:
        return self.daemon.tick_age() <= STUCK

    def now(self) -> float:
        return self.desk.clock().timestamp()


@dataclass(slots=True, kw_only=True)
class StoredFacts:
    """What ``serve`` alone can tell: the records as the last poll left them."""

    loaded: Loaded
    clock: Clock = system_clock
    removed_sections: RemovedSections = field(init=False)

    def __post_init__(self) -> None:
        configured = [section.id for section in self.loaded.config.sections]
        known = partial(self._read, lambda store: list(store.section_revisions()))
        self.removed_sections = RemovedSections(known, lambda: configured)

    def stale_after(self) -> Mapping[str, timedelta]:
        return stale_bounds(self.loaded.config)

    def address(self) -> tuple[str, str]:
        base = self.loaded.base_url
        return base, hub_address(self.loaded.config.output.websub.hub, base)

    async def sources(self) -> list[SourceRecord]:
        return await self._read(lambda store: store.sources())

    async def subscriptions(self) -> list[Subscription]:
        return await self._read(lambda store: store.subscriptions())

    async def copies(self) -> Mapping[tuple[str, str], int]:
        return dict(await self._read(lambda store: list(store.copy_counts().items())))

    async def _read(self, what: Callable[[ArticleStore], list[T]]) -> list[T]:
        def read() -> list[T]:
            store = open_store(self.loaded.storage_url, read_only=True)
            try:
                return what(store)
            finally:
                store.close()

        try:
            return await asyncio.to_thread(read)
        except StorageError:
            return []  # nothing was polled yet; the published files are served all the same

    async def ready(self) -> str | None:
        return None

    def alive(self) -> bool:
        return True

    def now(self) -> float:
        return self.clock().timestamp()
