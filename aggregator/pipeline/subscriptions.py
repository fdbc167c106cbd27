"""The agreements with hubs as the store has them, at hand: every poll asks for its source's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from aggregator.pipeline.staff import Staff
from aggregator.schedule import PINGED, Policy
from aggregator.websub import is_relied_on
from storage.interface import ArticleStore
from storage.model import SourceRecord, Subscription

#: Under this key a record remembers when the last poll began that found what no hub had pushed.
MISSED = "missed"


class Subscriptions:
    """Written by one process. Empty until ``load``: whoever cannot be pushed to relies on nobody."""

    def __init__(self, store: ArticleStore, staff: Staff) -> None:
        self._store = store
        self._staff = staff
        self._by_token: dict[str, Subscription] = {}
        self._by_source: dict[str, str] = {}
        self._writing = asyncio.Lock()

    async def load(self) -> None:
        for subscription in await self._staff.store.run(self._store.subscriptions):
            self.note(subscription)

    def all(self) -> list[Subscription]:
        return list(self._by_token.values())

    def named(self, token: str) -> Subscription | None:
        return self._by_token.get(token)

    def of(self, source: str) -> Subscription | None:
        """The one that stands, or is asked for; not one that is being ended."""
        return self._by_token.get(self._by_source.get(source, ""))

    def relied_on(self, source: str, memory: Mapping[str, Any], now: datetime) -> bool:
        """Whether polls of the source are a safety net only; ``memory`` is its record's."""
        return is_relied_on(self.of(source), _moment(memory.get(MISSED)), now)

    def policy_after(
        self, policy: Policy, record: SourceRecord, *, began: datetime, new: bool, now: datetime
    ) -> tuple[Policy, dict[str, str]]:
        """How far a source just polled may rely on its hub, and what its record is to remember of that.

        ``record`` is the one from before the poll, ``new`` whether the poll found anything that was not known.
        """
        unheard = new and record.next_poll_reason != PINGED and self.of(record.id) is not None
        missed = {MISSED: began.isoformat()} if unheard else {}
        pushed = self.relied_on(record.id, {**record.memory, **missed}, now)
        return policy if pushed == policy.pushed else replace(policy, pushed=pushed), missed

    def note(self, subscription: Subscription) -> Subscription:
        """Take it in, for ``write`` to store."""
        self._by_token[subscription.token] = subscription
        if subscription.state != "ending":
            self._by_source[subscription.source] = subscription.token
        elif self._by_source.get(subscription.source) == subscription.token:
            del self._by_source[subscription.source]
        return subscription

    def change(self, token: str, **changes: Any) -> Subscription:
        return self.note(replace(self._by_token[token], **changes))

    async def write(self, token: str) -> None:
        """Store what is known of it by now. Raises StorageError."""
        async with self._writing:
            subscription = self._by_token.get(token)
            if subscription is not None:
                await self._staff.store.run(self._store.keep_subscription, subscription)

    async def drop(self, token: str) -> None:
        gone = self._by_token.pop(token, None)
        if gone is not None and self._by_source.get(gone.source) == token:
            del self._by_source[gone.source]
        async with self._writing:
            await self._staff.store.run(self._store.drop_subscription, token)


def _moment(noted: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(noted)
    except (TypeError, ValueError):
        return None
