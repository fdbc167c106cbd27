"""What our own hub brings to its subscribers: the feed as it now is, one document at a time for each (WebSub §7)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from aggregator.fetch import FetchError, Request
from aggregator.pipeline.editions import Edition
from aggregator.pipeline.hubbook import HubBook, Key, host_of
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.telling import Telling, is_taken, request_to
from aggregator.websub import hub as pure
from storage.model import HubSubscription

log = structlog.get_logger("aggregator.hub")

PATH = "/hub"

#: Documents on their way, in all, to one host, and to subscribers that failed before.
_AT_ONCE, _TO_HOST, _TO_FAILING = 64, 4, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A document that a subscriber has not taken yet."""

    key: Key
    edition: Edition
    attempts: int  #: in vain


class HubDeliveries:
    """One per hub. All its methods belong to the event loop."""

    def __init__(self, telling: Telling, book: HubBook, ended: Callable[[asyncio.Task[None]], None]) -> None:
        """``ended`` is called whenever one of the deliveries has come to its end."""
        self._telling, self._book, self._ended = telling, book, ended
        self._sending: dict[Key, asyncio.Task[None]] = {}

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        return list(self._sending.values())

    def begin(self, plan: Plan, owed: Sequence[Owed]) -> None:
        """As many as there are places for; to those that never failed first."""
        hosts = Counter(map(host_of, self._sending))
        known = filter(None, map(self._book.get, self._sending))
        failing = sum(subscription.attempts > 0 for subscription in known)
        for one in sorted(owed, key=lambda one: (one.attempts, one.key)):
            if len(self._sending) >= _AT_ONCE or (one.attempts and failing >= _TO_FAILING):
                break
            if one.key in self._sending or hosts[host := host_of(one.key)] >= _TO_HOST:
                continue
            hosts[host] += 1
            failing += one.attempts > 0
            task = asyncio.create_task(self._deliver(plan, one.key, one.edition))
            self._sending[one.key] = task
            task.add_done_callback(lambda done, key=one.key: self._sent(key, done))  # type: ignore[misc]  # of a default

    def _sent(self, key: Key, task: asyncio.Task[None]) -> None:
        del self._sending[key]
        self._ended(task)

    async def _deliver(self, plan: Plan, key: Key, edition: Edition) -> None:
        one = self._book[key]
        body = await asyncio.to_thread(self._telling.editions.body, edition)
        if body is None:
            return  # printed again meanwhile: what stands there now is due at the next look
        try:
            answer = await self._telling.fetcher.fetch(self._document(plan, one, edition, body))
            status, fault = answer.status, f"HTTP {answer.status}"
        except FetchError as error:
            status, fault = None, error.reason
        taken = status is not None and is_taken(status)
        self._telling.on_sent("subscriber", taken)
        if key not in self._book:
            return
        if taken:
            well = replace(self._book[key], delivered=edition.tag, attempts=0, error=None)
            self._book.note(replace(well, next_try=None, failing_since=None))
        else:
            await self._failed(key, status, fault)

    async def _failed(self, key: Key, status: int | None, fault: str) -> None:
        one, now = self._book[key], self._telling.clock()
        attempts, since = one.attempts + 1, one.failing_since or now
        wait = pure.wait_after(attempts)
        one = replace(one, attempts=attempts, failing_since=since, next_try=now + wait, error=fault)
        self._book.note(one)
        log.info("not taken", callback=host_of(key), topic=one.topic, fault=fault, again=str(wait))
        if pure.ends_after(one, status, now):
            log.info("subscription ended", callback=host_of(key), topic=one.topic, fault=fault)
            await self._book.forget([key])

    def _document(self, plan: Plan, one: HubSubscription, edition: Edition, body: bytes) -> Request:
        fields = [("Link", f'<{self._telling.address()}{PATH}>; rel="hub", <{one.topic}>; rel="self"')]
        if one.secret:
            fields.append(("X-Hub-Signature", pure.signature(one.secret, body)))
        request = request_to(one.callback, plan)
        return replace(request, form=body, form_type=edition.type, fields=tuple(fields))
