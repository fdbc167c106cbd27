"""Agreements with hubs, and subscribers of our own."""

from __future__ import annotations

from collections.abc import Collection

from storage.errors import StorageError
from storage.memory.part import MemoryPart
from storage.model import HubSubscription, Subscription


class MemoryHubs(MemoryPart):
    """Subscriptions both ways."""

    def subscriptions(self) -> list[Subscription]:
        with self._lock:
            return sorted(self._subscriptions.values(), key=lambda one: (one.source, one.token))

    def subscription(self, token: str) -> Subscription | None:
        with self._lock:
            return self._subscriptions.get(token)

    def keep_subscription(self, subscription: Subscription) -> None:
        with self._change():
            if subscription.source not in self._slots:
                raise StorageError(f"no source {subscription.source} is on record to subscribe for")
            self._subscriptions[subscription.token] = subscription

    def drop_subscription(self, token: str) -> None:
        with self._change():
            self._subscriptions.pop(token, None)

    def hub_subscriptions(self) -> list[HubSubscription]:
        with self._lock:
            return [one for _, one in sorted(self._hub_subscriptions.items())]

    def keep_hub_subscriptions(self, subscriptions: Collection[HubSubscription]) -> None:
        with self._change():
            self._hub_subscriptions |= {(one.callback, one.topic): one for one in subscriptions}

    def drop_hub_subscriptions(self, keys: Collection[tuple[str, str]]) -> None:
        with self._change():
            for key in keys:
                self._hub_subscriptions.pop(key, None)
