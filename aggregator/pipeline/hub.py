"""Our own hub: takes subscriptions (``hubquestions``) and brings subscribers what was printed (``hubdeliveries``).

What is owed is not kept anywhere: a subscription remembers the tag of the document that it took last, and whatever
stands in the published folder instead is owed. So nothing is lost when the process is killed, and a subscriber that
failed for an hour gets one document, the present one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from aggregator.fetch import FetchError
from aggregator.pipeline.editions import feed_names, name_of
from aggregator.pipeline.hubbook import HubBook, host_of
from aggregator.pipeline.hubdeliveries import HubDeliveries, Owed
from aggregator.pipeline.hubquestions import HubQuestions, Reply
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.receivers import Receivers
from aggregator.pipeline.telling import Telling, request_to
from aggregator.websub import hub as pure
from storage.errors import StorageError
from storage.model import HubSubscription

log = structlog.get_logger("aggregator.hub")

#: So often the files are looked at although nothing was printed here.
_LOOK = timedelta(minutes=1)
_GONE_TOPIC = "this feed is no longer published here"


class Hub:
    """One per process. All its methods belong to the event loop."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._book = HubBook(telling.store, telling.staff)
        self._questions = HubQuestions(telling, self._book, self._ended)
        self._deliveries = HubDeliveries(telling, self._book, self._ended)
        self._denials: set[asyncio.Task[None]] = set()
        self._plan: Plan | None = None
        self._names: frozenset[str] = frozenset()  #: of the feeds that may be subscribed to; empty: no hub
        self._wake: datetime | None = None  #: when there is something to do; None: now

    @property
    def is_open(self) -> bool:
        return bool(self._names)

    @property
    def under_way(self) -> int:
        return len(self._questions.tasks) + len(self._deliveries.tasks) + len(self._denials)

    @property
    def subscriptions(self) -> list[HubSubscription]:
        return [one for _, one in self._book.items()]

    @property
    def receivers(self) -> Receivers:
        failing = sum(one.attempts > 0 for one in self.subscriptions)
        return Receivers(channel="subscriber", well=len(self._book) - failing, failing=failing)

    async def take(self, plan: Plan) -> None:
        """Take a plan in, at the start and at a reload. Raises StorageError."""
        await self._book.open()
        self._plan, self._wake = plan, None
        self._names = feed_names(plan.config) if plan.config.output.websub.hub == "self" else frozenset()

    async def ask(self, form: Mapping[str, str]) -> Reply:
        """Take a request; what becomes of it, the subscriber learns from our question."""
        return self._questions.take(self._present(), self._names, form)

    def printed(self) -> None:
        """Files may have changed."""
        self._wake = None

    def due(self, now: datetime) -> bool:
        """Whether ``tend`` has something to do; true also where the clock was set back."""
        return self._wake is None or not now < self._wake <= now + 2 * _LOOK

    async def tend(self) -> None:
        """Begin what is due: whatever was printed since, and what failed before. Raises StorageError."""
        now = self._telling.clock()
        self._wake = now + _LOOK
        try:
            await self._book.write()
            await self._end(now)
            self._deliveries.begin(self._present(), await self._owed(now))
        except BaseException:
            self._wake = None
            raise

    async def _owed(self, now: datetime) -> list[Owed]:
        topics = {topic: name for (_, topic), _ in self._book.items() if (name := self._named(topic))}
        if not topics:
            return []
        editions = await asyncio.to_thread(self._telling.editions.look, set(topics.values()))
        owed: list[Owed] = []
        for key, one in self._book.items():
            edition = editions.get(topics.get(one.topic, ""))
            at = pure.due_at(one, edition.tag, now) if edition else None
            if edition is None or at is None:
                continue
            if at <= now or at > now + 2 * pure.LAST_WAIT:  # the latter by a clock that was set back since
                owed.append(Owed(key=key, edition=edition, attempts=one.attempts))
            elif self._wake is not None:
                self._wake = min(self._wake, at)
        return owed

    # -- what ends

    async def _end(self, now: datetime) -> None:
        """Leases that have run out, and topics that are ours no more; of these the subscriber is told."""
        ended = [key for key, one in self._book.items() if one.lease_until <= now]
        without = [key for key, _ in self._book.items() if self._named(key[1]) is None and key not in ended]
        for key in without:
            task = asyncio.create_task(self._deny(self._book[key]))
            self._denials.add(task)
            task.add_done_callback(self._denials.discard)
            task.add_done_callback(_heed)
        await self._book.forget([*ended, *without])

    async def _deny(self, one: HubSubscription) -> None:
        try:
            await self._telling.fetcher.fetch(request_to(pure.denial(one, _GONE_TOPIC), self._present()))
        except FetchError as error:
            log.info("not told of the end", callback=host_of((one.callback, one.topic)), reason=error.reason)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A question or a delivery: there may be room for others, or something to be tried again."""
        self._wake = None
        _heed(task)

    async def drain(self, seconds: float) -> None:
        """Let what is on its way arrive, for so long; what does not is owed at the next start."""
        asked, sending = [*self._questions.tasks, *self._denials], self._deliveries.tasks
        _cancel(asked)
        if sending:
            await asyncio.wait(sending, timeout=seconds)
        _cancel(sending)
        await asyncio.gather(*sending, *asked, return_exceptions=True)
        try:
            await self._book.write()
        except StorageError as error:
            log.error("what subscribers have taken was not stored; they get it once more", error=str(error))

    def _named(self, topic: str) -> str | None:
        name = name_of(self._telling.address(), topic)
        return name if name in self._names else None

    def _present(self) -> Plan:
        assert self._plan is not None, "a plan is taken before anything is asked"
        return self._plan


def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


def _heed(task: asyncio.Task[None]) -> None:
    """A fault of our own is seen, and ends nothing else."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("the hub stumbled", error=str(error), exc_info=error)
