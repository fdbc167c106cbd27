"""The subscriptions at our own hub: all in memory, written to the store together."""

from __future__ import annotations

from collections.abc import Collection, ItemsView
from functools import lru_cache

from aggregator.fetch import check_url
from aggregator.pipeline.staff import Staff
from storage.interface import ArticleStore
from storage.model import HubSubscription

#: Subscriptions, in all and for callbacks at one host.
MOST, MOST_AT_HOST = 10_000, 500

Key = tuple[str, str]  #: callback and topic


class HubBook:
    """One per hub. All its methods belong to the event loop."""

    def __init__(self, store: ArticleStore, staff: Staff) -> None:
        self._store, self._staff = store, staff
        self._known: dict[Key, HubSubscription] | None = None
        self._unwritten: set[Key] = set()

    async def open(self) -> None:
        """Read what was kept, once. Raises StorageError."""
        if self._known is None:
            found = await self._staff.store.run(self._store.hub_subscriptions)
            self._known = {(one.callback, one.topic): one for one in found}

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def __getitem__(self, key: Key) -> HubSubscription:
        return self._entries[key]

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> HubSubscription | None:
        return self._entries.get(key)

    def items(self) -> ItemsView[Key, HubSubscription]:
        return self._entries.items()

    def at_host(self, host: str) -> int:
        return sum(host_of(key) == host for key in self._entries)

    @property
    def _entries(self) -> dict[Key, HubSubscription]:
        return {} if self._known is None else self._known

    def note(self, one: HubSubscription) -> None:
        """Until it is written it counts all the same; lost by a kill, it is only told once more."""
        key = (one.callback, one.topic)
        self._entries[key] = one
        self._unwritten.add(key)

    async def forget(self, keys: Collection[Key]) -> None:
        """Raises StorageError."""
        for key in keys:
            self._entries.pop(key, None)
            self._unwritten.discard(key)
        if keys:
            await self._staff.store.run(self._store.drop_hub_subscriptions, keys)

    async def write(self) -> None:
        """All that changed since, in one transaction. Raises StorageError; it is still to be written then."""
        keys, self._unwritten = self._unwritten, set()
        changed = [self._entries[key] for key in keys if key in self._entries]
        try:
            if changed:
                await self._staff.store.run(self._store.keep_hub_subscriptions, changed)
        except BaseException:
            self._unwritten |= keys & self._entries.keys()
            raise


@lru_cache(maxsize=MOST)
def host_of(key: Key) -> str:
    return check_url(key[0]).host
