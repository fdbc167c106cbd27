"""Agreements with hubs, and subscribers of our own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

from storage import tables
from storage.dialect import Backend
from storage.model import HubSubscription, Subscription
from storage.rows import hub_subscription_of, subscription_of
from storage.sql.part import SqlPart
from storage.statements.common import replace_row
from storage.statements.hubs import (
    DROP_HUB_SUBSCRIPTION,
    DROP_SUBSCRIPTION,
    HUB_SUBSCRIPTIONS,
    SUBSCRIPTION,
    SUBSCRIPTIONS,
)


class SqlHubs(SqlPart):
    """Subscriptions both ways."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._put_subscription = replace_row(backend, tables.subscription)
        self._put_hub_subscription = replace_row(backend, tables.hub_subscription)

    def subscriptions(self) -> list[Subscription]:
        with self._backend.read() as connection:
            return [subscription_of(row) for row in connection.execute(SUBSCRIPTIONS)]

    def subscription(self, token: str) -> Subscription | None:
        with self._backend.read() as connection:
            row = connection.execute(SUBSCRIPTION, {"token": token}).first()
        return subscription_of(row) if row else None

    def keep_subscription(self, subscription: Subscription) -> None:
        with self._backend.write() as connection:
            connection.execute(self._put_subscription, asdict(subscription))

    def drop_subscription(self, token: str) -> None:
        with self._backend.write() as connection:
            connection.execute(DROP_SUBSCRIPTION, {"of": token})

    def hub_subscriptions(self) -> list[HubSubscription]:
        with self._backend.read() as connection:
            return [hub_subscription_of(row) for row in connection.execute(HUB_SUBSCRIPTIONS)]

    def keep_hub_subscriptions(self, subscriptions: Collection[HubSubscription]) -> None:
        if subscriptions:
            with self._backend.write() as connection:
                connection.execute(self._put_hub_subscription, [asdict(one) for one in subscriptions])

    def drop_hub_subscriptions(self, keys: Collection[tuple[str, str]]) -> None:
        if keys:
            values = [{"at": callback, "of": topic} for callback, topic in keys]
            with self._backend.write() as connection:
                connection.execute(DROP_HUB_SUBSCRIPTION, values)
