"""The way of one article, from the claim of its source to the commit: the file to read first.

claim      the store gives out a source that is due, with a lease                     (daemon, app)
visit      fetch -> bytes -> Items; unchanged documents end here                      visit.py, listing.py
normalise  Item -> Article, clean and absolute, with an identity                      aggregator.normalise
decide     new, update, copy or unchanged, against what is stored                     aggregator.dedup
place      the sections it goes to                                                    aggregator.curate
commit     articles, decisions, validators and next poll in one transaction           storage
publish    the sections that changed                                                  press.py
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from aggregator.clock import Clock
from aggregator.config.model import Source
from aggregator.curate import admits
from aggregator.dedup import Resolution
from aggregator.fetch import Response, SiteHeld
from aggregator.item import Item
from aggregator.normalise import Dropped, normalise_all
from aggregator.pipeline.archives import (
    OLDER,
    ArchiveReader,
    OlderRead,
    chain_for,
    may_miss_something,
    with_older,
)
from aggregator.pipeline.firstfetch import BEGUN, begins
from aggregator.pipeline.holds import SiteHolds
from aggregator.pipeline.known import SLICES
from aggregator.pipeline.lease import Lease
from aggregator.pipeline.listing import HANDLED, mark
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.readers import ReadingStopped
from aggregator.pipeline.staff import Staff
from aggregator.pipeline.storable import storable_article, storable_record
from aggregator.pipeline.subscriptions import Subscriptions
from aggregator.pipeline.takein import Batch, candidates, take_in
from aggregator.pipeline.twins import Shared, Twins
from aggregator.pipeline.visit import Visit, Visitor
from aggregator.schedule import Outcome, after_poll, after_push, put_off
from storage.errors import LeaseLost, StorageError
from storage.interface import ArticleStore
from storage.model import Article, ArticleQuery, Claim, SourceRecord
from storage.sites import Hold, held_back

log = structlog.get_logger("aggregator.poll")

#: How the document of a poll is read.
Reading = Callable[[Plan, Source, SourceRecord], Awaitable[Visit]]
#: So many faults of one document are kept on the source's record.
MAX_FAULTS = 5
#: Kinds of results that were brought, not asked for.
PUSHES = ("pushed", "pinged")


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """What one poll came to, for logs, the progress bar and ``check``."""

    source: str
    url: str
    #: "taken" | "unchanged" | "not_modified" | "failed" | "limited" | "gone" | "held" | "lost"; of a push "pushed" |
    #: "pinged"
    kind: str
    status: int | None = None
    format: str = ""
    error: str | None = None
    faults: tuple[str, ...] = ()
    items: int = 0
    resolutions: tuple[Resolution, ...] = ()
    dropped: tuple[str, ...] = ()  #: items not taken, with the reason
    next_poll: datetime | None = None
    next_poll_reason: str = ""
    elapsed: timedelta = timedelta()
    counts: dict[str, int] = field(default_factory=dict)  #: by kind of resolution
    record: SourceRecord | None = None  #: as it was committed; None where nothing was
    shows: bool = True  #: something that is printed may be another now

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """What became of the items of one visit."""

    taken: list[Article]
    dropped: list[str]  #: the others, with the reason
    later: set[str]  #: marks of pages among these that may be taken another time
    again: set[bytes] = field(default_factory=set)  #: digests of entries of which the same is true


class Poller:
    """Polls claimed sources. One instance serves all of them; it keeps nothing of a poll that is over."""

    def __init__(
        self,
        store: ArticleStore,
        visitor: Visitor,
        subscriptions: Subscriptions,
        holds: SiteHolds,
        clock: Clock,
        rng: random.Random,
        staff: Staff,
    ) -> None:
        self._store = store
        self._visitor = visitor
        self._subscriptions = subscriptions
        self._clock = clock
        self._rng = rng
        self._staff = staff
        self._holds = holds
        self._twins = Twins(store, visitor, clock, staff)
        self._archives = ArchiveReader(visitor.read_older, clock)
        self.under_way: set[str] = set()  #: ids of the sources that are polled at this moment, twins included

    async def poll(self, present: Callable[[], Plan], claim: Claim) -> list[PollResult]:
        """Visit the claimed source and commit what came of it, for its twins too: its own result comes first.

        Never raises; a fault of our own is the source's error. Cancelled, it gives the twins' claims back.
        ``present`` gives the plan of the moment: a reload may come between the visit and the commit.
        """
        plan, started = present(), time.monotonic()
        with self._noted(claim):
            async with self._kept_alive(plan, claim):
                await self._holds.refresh()
                shared = await self._twins.ask(plan, claim, self.under_way)
                read = partial(self._visitor.visit, answer=shared.answer)
                if not shared.twins:
                    return [await self._polled(present, plan, claim, read, started)]
                return await self._with_twins(present, plan, claim, shared, started)

    async def take_pushed(self, present: Callable[[], Plan], claim: Claim, pushed: Response) -> PollResult:
        """What the source's hub brought goes the same way; the source is not asked."""
        plan, started = present(), time.monotonic()
        with self._noted(claim):
            async with self._kept_alive(plan, claim):
                read = partial(self._visitor.read_pushed, pushed=pushed)
                return await self._polled(present, plan, claim, read, started)

    async def _with_twins(
        self, present: Callable[[], Plan], plan: Plan, claim: Claim, shared: Shared, started: float
    ) -> list[PollResult]:
        read = partial(self._visitor.visit, answer=shared.answer)

        async def polled(twin: Claim) -> PollResult:
            async with self._kept_alive(plan, twin):
                return await self._polled(present, plan, twin, read, started)

        with self._noted(*shared.twins):
            own = self._polled(present, plan, claim, read, started)
            try:
                return await asyncio.gather(own, *(polled(twin) for twin in shared.twins))
            except asyncio.CancelledError:
                await self._twins.release(shared.twins)
                raise

    @contextmanager
    def _noted(self, *claims: Claim) -> Iterator[None]:
        ids = {claim.source.id for claim in claims}
        self.under_way |= ids
        try:
            yield
        finally:
            self.under_way -= ids

    async def _polled(
        self, present: Callable[[], Plan], plan: Plan, claim: Claim, read: Reading, started: float
    ) -> PollResult:
        source = plan.sources[claim.source.id]
        try:
            result = await self._visited(present, source, claim, read)
        except SiteHeld as held:
            result = await self._put_off(claim, (held.until, held.why))
        except LeaseLost:
            result = _lost(claim)
        except ReadingStopped as error:
            result = await self._broken_off(present, source, claim, error)
        except Exception as error:
            log.exception("poll broke off", source=source.id)
            result = await self._broken_off(present, source, claim, error)
        result = replace(result, elapsed=timedelta(seconds=time.monotonic() - started))
        _report(result)
        return result

    def _kept_alive(self, plan: Plan, claim: Claim) -> Lease:
        lease, left = plan.lease(plan.sources[claim.source.id]), claim.lease_until - self._clock()

        async def renew() -> None:
            await self._staff.store.run(self._store.renew, claim, now=self._clock(), lease=lease)

        return Lease(renew, first=min(lease, left) / 3, every=lease / 3)

    async def _visited(
        self, present: Callable[[], Plan], source: Source, claim: Claim, reading: Reading
    ) -> PollResult:
        plan = present()
        visit = await reading(plan, source, claim.source)
        read = await self._read(plan, source, claim, visit.items)
        if visit.outcome.succeeded and not visit.pushed and (visit.older or OLDER in claim.source.memory):
            visit, read = await self._with_older(plan, source, claim, visit, read)
        visit = _still_wanted(visit, read)
        result = await self._staff.commits.run(self._commit, present, source, claim, visit, read.taken)
        return replace(result, dropped=tuple(read.dropped))

    async def _read(self, plan: Plan, source: Source, claim: Claim, items: Sequence[Item]) -> Normalised:
        if not items:
            return Normalised(taken=[], dropped=[], later=set())
        context, now = plan.context(source, claim.source), self._clock()
        articles = await self._staff.reading.run(normalise_all, items, context, now=now)
        return _admitted(source, items, articles)

    async def _with_older(
        self, plan: Plan, source: Source, claim: Claim, visit: Visit, read: Normalised
    ) -> tuple[Visit, Normalised]:
        """The visit, and what older documents of the feed have to add to it."""

        async def is_known(items: Sequence[Item]) -> bool:
            further = await self._read(plan, source, claim, items)
            return await self._staff.store.run(self._knows_any, claim, further.taken)

        unknown = may_miss_something(visit) and not await self._staff.store.run(
            self._knows_any, claim, read.taken
        )
        chain = chain_for(source, claim.source, visit, nothing_known=unknown, now=self._clock())
        if chain is None:
            return with_older(visit, OlderRead()), read
        older = await self._archives.follow(plan, source, chain, visit, is_known)
        return with_older(visit, older), await self._read(plan, source, claim, (*visit.items, *older.items))

    def _knows_any(self, claim: Claim, taken: Sequence[Article]) -> bool:
        """Whether one of these articles, at least, was taken from this source before."""
        with self._store.poll(claim) as unit:
            return any(known.source == claim.source.id for known in candidates(unit, claim.source.id, taken))

    async def _put_off(self, claim: Claim, hold: Hold) -> PollResult:
        """Its site is to be left alone: neither a poll nor a failure."""

        def write() -> PollResult:
            record = held_back(claim.source, hold)
            with self._store.poll(claim) as unit:
                unit.finish(record)
            return PollResult(
                source=record.id,
                url=record.url,
                kind="held",
                next_poll=record.next_poll,
                next_poll_reason=record.next_poll_reason,
            )

        try:
            return await self._staff.store.run(write)
        except LeaseLost:
            return _lost(claim)

    async def _broken_off(
        self, present: Callable[[], Plan], source: Source, claim: Claim, error: Exception
    ) -> PollResult:
        """Put the source off as after any failure, so that it is neither asked at once again nor silently left out."""
        visit = Visit(outcome=Outcome(kind="failed", error=_fault_of(error)))
        try:
            return await self._staff.commits.run(self._commit, present, source, claim, visit, [])
        except LeaseLost:
            return _lost(claim)
        except Exception as second:
            # Not even that can be kept: the source is tried again when the lease, which nobody renews, has run out.
            log.error("the failure could not be recorded", source=source.id, error=str(second))
            return PollResult(source=source.id, url=claim.source.url, kind="failed", error=_fault_of(error))

    def _commit(
        self,
        present: Callable[[], Plan],
        source: Source,
        claim: Claim,
        visit: Visit,
        taken: Sequence[Article],
    ) -> PollResult:
        """Everything of a poll, or nothing of it (runs in a thread: it blocks on the disk)."""
        now = self._clock()
        with self._store.poll(claim) as unit:
            # Asked for inside the transaction: who swaps plans waits for it before placing what is stored anew.
            plan = present()
            batch = self._batch(source, claim, visit, taken)
            resolutions = take_in(unit, plan, batch, now) if taken else []
            record = self._record_after(plan, source, claim.source, visit, resolutions, now)
            holds = self._holds.keep(unit, record, visit.outcome, now, own=visit.own_site)
            if visit.slices is not None and visit.slices != visit.known.digests:
                unit.keep_note(SLICES, b"".join(visit.slices) or None)
            unit.finish(record)
        self._holds.forget(holds)
        return PollResult(
            source=source.id,
            url=claim.source.url,
            kind=_kind(visit),
            status=visit.outcome.status,
            format=visit.format,
            error=None if visit.pushed else record.last_error,
            faults=visit.faults,
            items=len(visit.items),
            resolutions=tuple(resolutions),
            next_poll=record.next_poll,
            next_poll_reason=record.next_poll_reason,
            counts=_counts(resolutions, visit.left_out),
            record=record,
            shows=bool(resolutions) or _printed(record) != _printed(claim.source),
        )

    def _batch(self, source: Source, claim: Claim, visit: Visit, taken: Sequence[Article]) -> Batch:
        return Batch(
            source=source,
            record=claim.source,
            articles=taken,
            length=visit.outcome.feed_length or 0,
            complete=visit.whole,
            recent=lambda limit: self._store.articles(ArticleQuery(source=source.id, limit=limit)),
        )

    def _record_after(
        self,
        plan: Plan,
        source: Source,
        record: SourceRecord,
        visit: Visit,
        resolutions: Sequence[Resolution],
        now: datetime,
    ) -> SourceRecord:
        new = [r.article for r in resolutions if r.kind in ("new", "copy") and r.article is not None]
        if (
            OLDER in record.memory
        ):  # what a chain of older documents brings belatedly says nothing of the rhythm
            new = [a for a in new if record.last_poll is None or a.date >= record.last_poll]
        dates = tuple(a.published for a in [*new, *_past(resolutions, record)] if a.published is not None)
        outcome = replace(visit.outcome, new=len(new), dates=dates)
        if visit.pushed:
            return storable_record(after_push(record, outcome, now))
        policy, missed = self._subscriptions.policy_after(
            plan.policy(source), record, began=visit.began or now, new=bool(new), now=now
        )
        after = after_poll(record, outcome, policy, now, self._rng)
        memory = {**after.memory, **(visit.memory or {}), **missed, **_survived(visit)}
        memory = {key: value for key, value in memory.items() if value is not None}
        came = len(visit.items) or len(visit.slices or ())
        memory[BEGUN] = begins(record, came, len(memory.get("owed", ())) + (OLDER in memory))
        after = replace(after, memory=memory)
        if visit.put_off is not None:
            after = put_off(after, *visit.put_off)
        return storable_record(after)


def _past(resolutions: Sequence[Resolution], record: SourceRecord) -> list[Article]:
    """What the first document of a source holds beyond what is printed: it tells the rhythm all the same."""
    return [] if record.last_success else [r.article for r in resolutions if r.kind == "seen" and r.article]


def _admitted(source: Source, items: Sequence[Item], articles: Sequence[Article | Dropped]) -> Normalised:
    """Of what the items became, the articles that the source's rules let in."""
    taken: list[Article] = []
    dropped: list[str] = []
    later: set[str] = set()
    again: set[bytes] = set()
    for item, article in zip(items, articles, strict=True):
        if isinstance(article, Dropped):
            dropped.append(article.reason)
            if article.later:
                later.add(mark(item.url))
                again.add(item.digest)
        elif refusal := admits(source, article):
            dropped.append(f"{article.title!r}: {refusal}")
        else:
            taken.append(storable_article(article))
    return Normalised(taken=taken, dropped=dropped, later=later, again=again)


def _still_wanted(visit: Visit, read: Normalised) -> Visit:
    """Pages and entries whose articles are not taken yet, though they may be later, are read again."""
    if visit.slices is not None and read.again:
        visit = replace(visit, slices=tuple(one for one in visit.slices if one not in read.again))
    if not read.later or not visit.memory or HANDLED not in visit.memory:
        return visit
    handled = [done for done in visit.memory[HANDLED] if done not in read.later]
    return replace(visit, memory={**visit.memory, HANDLED: handled})


def _survived(visit: Visit) -> dict[str, list[str]]:
    """What was wrong with the document last read and did not keep it from being read: ``status`` names it."""
    return {"faults": list(visit.faults[:MAX_FAULTS])} if visit.outcome.kind == "taken" else {}


def _lost(claim: Claim) -> PollResult:
    return PollResult(
        source=claim.source.id,
        url=claim.source.url,
        kind="lost",
        error="nothing kept: meanwhile the source was changed, paused, removed or taken over by another worker",
    )


def _fault_of(error: Exception) -> str:
    """What ``status`` shows of a fault that the visit did not meet."""
    if isinstance(error, ReadingStopped):
        return str(error)
    if isinstance(error, StorageError):
        return f"what came could not be stored: {error}"
    return f"a fault of this program ({type(error).__name__}: {error}); its log has the details, please report it"


def _kind(visit: Visit) -> str:
    if visit.pushed:
        return "pushed" if visit.outcome.succeeded else "pinged"
    return visit.outcome.kind


def _printed(record: SourceRecord) -> tuple[object, ...]:
    """What the paper says of a source."""
    return record.title, record.url, record.health, record.failing_since, record.last_error


def _counts(resolutions: Iterable[Resolution], left_out: int) -> dict[str, int]:
    """By kind; what was known and not read is unchanged."""
    counts = {"unchanged": left_out} if left_out else {}
    for resolution in resolutions:
        counts[resolution.kind] = counts.get(resolution.kind, 0) + 1
    return counts


def _report(result: PollResult) -> None:
    """One line a poll."""
    line = log.bind(
        source=result.source,
        outcome=result.kind,
        status=result.status,
        ms=round(result.elapsed / timedelta(milliseconds=1)),
        **result.counts,
    )
    if result.error is not None:
        line.warning("poll failed", error=result.error, next_poll=result.next_poll_reason)
    else:
        line.info("pushed" if result.kind in PUSHES else "polled")
    for fault in result.faults:
        line.warning("fault survived", fault=fault)
