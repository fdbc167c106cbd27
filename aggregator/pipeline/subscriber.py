"""The subscriber: asks hubs for pushes, answers their questions, renews, and takes its leave (WebSub §5).

What is wanted follows from the offers that polls note on the sources' records and from the plan; what is agreed stands
in the store. ``tend`` brings the two together, a few requests at a time; hubs that do not answer are asked ever more
seldom, and their sources polled as if they had none.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import structlog

from aggregator.clock import Clock
from aggregator.config.model import SourceDefaults
from aggregator.fetch import Fetcher, FetchError
from aggregator.pipeline.callbacks import callback, is_public
from aggregator.pipeline.offers import OFFER
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.staff import Staff
from aggregator.pipeline.subscriptions import Subscriptions
from aggregator.schedule import back_to_polling
from aggregator.websub import (
    MOST_GOODBYES,
    Offer,
    Question,
    due_at,
    granted_lease,
    is_for,
    judge,
    offer_from_memory,
    subscription_form,
)
from storage.clocks import TOLERANCE
from storage.errors import LeaseLost
from storage.interface import ArticleStore
from storage.model import Health, SourceRecord, Subscription

log = structlog.get_logger("aggregator.websub")

#: Under this setting stands where callbacks were reached when subscriptions were last asked for.
BASE = "websub_base"
#: Requests to hubs at a time.
_AT_ONCE = 8
#: Of a hub's answer; it says why not.
_MOST_SAID = 64 * 1024
_SHOWN = 200
_LEASE = timedelta(minutes=1)
_UNCONFIRMED = "the hub took the request and never asked back: perhaps it cannot reach {base}"
_LAPSED = "the lease ended before the hub confirmed another"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """To a hub's question."""

    status: int
    text: str = ""


class Subscriber:
    """One per process. All its methods belong to the event loop."""

    def __init__(
        self,
        *,
        store: ArticleStore,
        subscriptions: Subscriptions,
        fetcher: Fetcher,
        clock: Clock,
        staff: Staff,
        rng: random.Random,
        owner: str,
        base_url: str,
    ) -> None:
        self._store, self._staff, self._fetcher = store, staff, fetcher
        self._subscriptions = subscriptions
        self._clock, self._rng, self._owner = clock, rng, owner
        self._base = base_url
        self._offers: dict[str, Offer] = {}
        #: Sources of which it is to be seen whether what is agreed is still wanted.
        self._stirred: set[str] = set()
        self._attempts: dict[str, int] = {}  #: by token: requests in a row that the hub did not confirm
        self._keys: dict[str, SourceDefaults] = {}  #: of sources as last configured: a farewell needs them
        self._moved: set[str] = set()  #: tokens of which the hub knows another address than the present one
        self._wake: datetime | None = None
        self._reckoned = clock()  #: when that was worked out
        self._begun = False

    def stands_at(self, base_url: str) -> None:
        """The address that callbacks are reached at, where the configuration does not say."""
        self._base = base_url

    # -- what is wanted

    async def take(self, plan: Plan) -> None:
        """Take a plan in, at the start and at a reload. Raises StorageError."""
        if not self._begun:
            await self._begin()
        known = {subscription.source for subscription in self._subscriptions.all()}
        self._keys = {source: keys for source, keys in self._keys.items() if source in known}
        self._keys.update(plan.sources)
        for record in await self._staff.store.run(self._store.sources):
            self.noticed(record)
        self._offers = {source: offer for source, offer in self._offers.items() if source in plan.sources}
        self._stir({*self._offers, *known})

    async def _drop(self, token: str) -> None:
        self._attempts.pop(token, None)
        self._moved.discard(token)
        await self._subscriptions.drop(token)

    async def _begin(self) -> None:
        await self._subscriptions.load()
        moved = await self._staff.store.run(self._store.setting, BASE) != self._base
        await self._staff.store.run(self._store.set_setting, BASE, self._base)
        for known in self._subscriptions.all():
            if known.state != "active":
                self._attempts[known.token] = 1
            elif moved:
                self._moved.add(known.token)
        self._begun = True

    def noticed(self, record: SourceRecord) -> None:
        """See what a source's document offers since its last poll."""
        polled = record.health not in (Health.GONE, Health.PAUSED)
        offer = offer_from_memory(record.memory.get(OFFER)) if polled else None
        if offer == self._offers.get(record.id):
            return
        if offer is None:
            del self._offers[record.id]
        else:
            self._offers[record.id] = offer
        self._stir({record.id})

    def _stir(self, sources: set[str]) -> None:
        if sources:
            self._stirred |= sources
            self._wake = self._clock()

    async def _wanted(self, plan: Plan, source_id: str) -> Offer | None:
        """What the source offers, where it is to be taken and hubs can reach us."""
        source, offer = plan.sources.get(source_id), self._offers.get(source_id)
        if source is None or offer is None or source.websub == "off":
            return None
        if is_public(self._base):
            return offer
        try:
            # A hub in a network of one's own may reach an address there; any other would be asked in vain.
            own = await self._fetcher.is_own(offer.hub, source.allow_private)
        except FetchError:
            return None
        return offer if own else None

    # -- what is to be done

    def due(self, now: datetime) -> bool:
        set_back = now < self._reckoned - TOLERANCE
        return self._wake is not None and (set_back or self._wake <= now)

    async def tend(self, plan: Plan) -> None:
        """Ask what is due to be asked. Raises StorageError; then it is tried again."""
        stirred, self._stirred = self._stirred, set()
        try:
            for source_id in sorted(stirred):
                await self._settle(plan, source_id, await self._wanted(plan, source_id))
        except BaseException:
            self._stir(stirred)
            raise
        now = self._clock()
        due = [known.token for known in self._subscriptions.all() if self._due_at(known, now) <= now]
        turns = asyncio.Semaphore(_AT_ONCE)
        try:
            await _all(self._in_turn(turns, plan, token) for token in due)
        finally:
            now = self._reckoned = self._clock()
            self._wake = min((self._due_at(known, now) for known in self._subscriptions.all()), default=None)
            self._stir(self._stirred)

    def _due_at(self, known: Subscription, now: datetime) -> datetime:
        if known.token in self._moved:
            return known.asked_at
        if known.asked_at > now + TOLERANCE:  # by a clock that was set back since
            return now
        return due_at(known, self._attempts.get(known.token, 0))

    async def _settle(self, plan: Plan, source_id: str, wanted: Offer | None) -> None:
        """What is agreed and not wanted is on its way out; what is wanted and not agreed is to be asked for."""
        known = self._subscriptions.of(source_id)
        if known is not None and is_for(known, wanted):
            return
        if known is not None:  # first: broken off after it, this is taken up where it was
            await self._leave(plan, known)
        if wanted is not None:
            await self._new(source_id, wanted)

    async def _leave(self, plan: Plan, known: Subscription) -> None:
        if known.state == "active":
            self._subscriptions.change(known.token, state="ending")
            self._attempts[known.token] = 0
            await self._subscriptions.write(known.token)
            if known.pushes:  # its polls were a safety net; another hub has to earn that first
                await self._staff.store.run(self._polled_again, plan, known.source)
        else:  # a hub that asks about it now is told that there is no such thing
            await self._drop(known.token)

    async def _new(self, source_id: str, offer: Offer) -> None:
        made = Subscription(
            source=source_id,
            token=secrets.token_urlsafe(32),
            topic=offer.topic,
            hub=offer.hub,
            secret=secrets.token_urlsafe(48),
            state="asked",
            asked_at=self._clock(),
        )
        self._subscriptions.note(made)
        await self._subscriptions.write(made.token)

    # -- asking

    async def _in_turn(self, turns: asyncio.Semaphore, plan: Plan, token: str) -> None:
        async with turns:
            known = self._subscriptions.named(token)
            if known is not None:
                await self._step(plan, known)

    async def _step(self, plan: Plan, known: Subscription) -> None:
        token, now, attempts = known.token, self._clock(), self._attempts.get(known.token, 0)
        if known.state == "ending" and attempts >= MOST_GOODBYES:
            await self._drop(token)
            return
        mode: Literal["subscribe", "unsubscribe"] = "unsubscribe" if known.state == "ending" else "subscribe"
        await self._look(plan, known, now, attempts)
        self._attempts[token] = attempts + 1
        self._moved.discard(token)
        self._subscriptions.change(token, asked_at=now)
        await self._subscriptions.write(token)
        fault = await self._ask(plan, known, mode)
        if fault is not None and self._subscriptions.named(token) is not None:
            await self._doubted(plan, token, fault)

    async def _look(self, plan: Plan, known: Subscription, now: datetime, attempts: int) -> None:
        """See what is wrong already before the hub is asked once more."""
        ended = known.state == "active" and known.lease_until is not None and known.lease_until <= now
        if ended or known.state == "denied":
            self._subscriptions.change(known.token, state="asked", lease_until=None)
        if ended:
            await self._doubted(plan, known.token, known.error or _LAPSED)
        elif attempts and known.error is None and known.state in ("asked", "active"):
            await self._doubted(plan, known.token, _UNCONFIRMED.format(base=self._base))

    async def _doubted(self, plan: Plan, token: str, fault: str) -> None:
        known = self._subscriptions.change(token, error=fault)
        log.warning("push in doubt", source=known.source, hub=known.hub, error=fault)
        await self._subscriptions.write(token)
        if known.pushes:
            await self._staff.store.run(self._polled_again, plan, known.source)

    async def _ask(
        self, plan: Plan, known: Subscription, mode: Literal["subscribe", "unsubscribe"]
    ) -> str | None:
        """Post to the hub; what is wrong with its answer, None when it takes the request."""
        form = subscription_form(
            mode, topic=known.topic, callback=callback(self._base, known.token), secret=known.secret
        )
        keys = plan.sources.get(known.source) or self._keys.get(known.source) or plan.config.defaults
        request = plan.side_request(keys, known.hub, kind="feed")
        request = replace(request, kind="other", form=form, max_size=_MOST_SAID)
        try:
            answer = await self._fetcher.fetch(request)
        except FetchError as error:
            return f"the hub was asked in vain: {error.reason}"
        log.info("asked the hub", source=known.source, hub=known.hub, mode=mode, status=answer.status)
        if 200 <= answer.status < 300:
            return None
        said = _shown(known, answer.body[:_MOST_SAID].decode("utf-8", "replace"))
        return f"the hub answered HTTP {answer.status}" + (f": {said}" if said.isprintable() and said else "")

    def _polled_again(self, plan: Plan, source_id: str) -> None:
        """A source that is being polled at this moment finds out by itself."""
        source, now = plan.sources.get(source_id), self._clock()
        claim = source and self._store.claim(source_id, now=now, lease=_LEASE, owner=self._owner)
        if not source or not claim:
            return
        try:
            with self._store.poll(claim) as unit:
                unit.finish(back_to_polling(claim.source, plan.policy(source), now, self._rng))
        except LeaseLost:
            log.info("polled meanwhile", source=source_id)

    # -- being asked

    async def answer(self, plan: Plan, token: str, query: Mapping[str, str]) -> Answer:
        """Answer the question of a hub. Raises StorageError."""
        question, known = Question.of(query), self._subscriptions.named(token)
        verdict = judge(question, known)
        if known is None or verdict == "refuse":
            return Answer(status=404)
        if verdict == "denied":
            self._subscriptions.change(token, state="denied", lease_until=None)
            reason = _shown(known, question.reason)
            await self._doubted(plan, token, "denied by the hub" + (f": {reason}" if reason else ""))
        elif known.state == "ending":
            await self._drop(token)
        else:
            until = self._clock() + granted_lease(question.lease_seconds)
            self._subscriptions.change(token, state="active", lease_until=until, error=None)
            self._attempts[token] = 0
            await self._subscriptions.write(token)
            log.info("the hub will push", source=known.source, hub=known.hub, until=until.isoformat())
        self._wake = min(self._wake or self._clock(), self._clock())
        return Answer(status=200, text=question.challenge if verdict == "confirm" else "")


def _shown(known: Subscription, said: str) -> str:
    """What a hub says, on one line, without what only it is to know: it may repeat what it was asked."""
    for secret in (known.token, known.secret):
        said = said.replace(secret, "…")
    return " ".join(said.split())[:_SHOWN]


async def _all(works: Iterable[Awaitable[None]]) -> None:
    """To the end of each; then the first failure is raised."""
    ended = await asyncio.gather(*works, return_exceptions=True)
    for fault in ended:
        if fault is not None:
            raise fault
