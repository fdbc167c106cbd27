"""The way of one article, from the claim of its source to the commit: the file to read first.

claim      the store gives out a source that is due, with a lease                     (daemon, app)
visit      fetch -> bytes; unchanged documents end here                               visit.py, listing.py
read       bytes -> Items -> Articles, in a process of its own                       aggregator.documents
fill       the page behind an entry that only summarises                              fulltext.py
decide     new, update, copy or unchanged, against what is stored                     aggregator.dedup
place      the sections it goes to                                                    aggregator.curate
commit     articles, decisions, validators and next poll in one transaction           commit.py, takein.py
publish    the sections that changed                                                  press.py
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog

from aggregator.clock import Clock
from aggregator.config.model import Source
from aggregator.entry import Entry
from aggregator.fetch import Response, SiteHeld
from aggregator.pipeline.admission import Admitted, admitted
from aggregator.pipeline.archives import (
    OLDER,
    ArchiveReader,
    OlderRead,
    chain_for,
    may_miss_something,
    with_older,
)
from aggregator.pipeline.commit import Committer, Ended
from aggregator.pipeline.fulltext import FullTexts
from aggregator.pipeline.holds import SiteHolds
from aggregator.pipeline.lease import Lease
from aggregator.pipeline.listing import HANDLED, mark
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.readers import ReadingStopped
from aggregator.pipeline.result import PollResult, fault_of, lost, report
from aggregator.pipeline.staff import Staff
from aggregator.pipeline.takein import candidates
from aggregator.pipeline.together import Together
from aggregator.pipeline.twins import Shared, Twins
from aggregator.pipeline.visit import Visit, Visitor
from aggregator.schedule import Outcome
from storage.errors import LeaseLost
from storage.interface import ArticleStore
from storage.model import Article, Claim, SourceRecord
from storage.sites import Hold

log = structlog.get_logger("aggregator.poll")

#: Seconds for which a poll that brings articles waits for those whose documents are being read, to be committed with
#: them. For those that are only asked it does not: it holds a place meanwhile, from which others could be asked.
PATIENCE = 0.15
#: So many articles are committed together: other writers wait meanwhile. Of polls never more than may be unstored.
MOST_TOGETHER = 160

#: How the document of a poll is read.
Reading = Callable[[Plan, Source, SourceRecord], Awaitable[Visit]]


class Poller:
    """Polls claimed sources. One instance serves all of them; it keeps nothing of a poll that is over."""

    def __init__(
        self,
        store: ArticleStore,
        visitor: Visitor,
        committer: Committer,
        holds: SiteHolds,
        clock: Clock,
        staff: Staff,
    ) -> None:
        self._store = store
        self._visitor = visitor
        self._committer = committer
        self._clock = clock
        self._staff = staff
        self._holds = holds
        self._twins = Twins(store, visitor, clock, staff)
        self._archives = ArchiveReader(visitor.read_older, clock)
        self._full_texts = FullTexts(visitor.pages, self._known_as, store.note, clock, staff)
        self._brief = Together(self._commit_brief, company=lambda: len(self.under_way))
        self._news = Together(
            self._commit,
            company=lambda: self._news.waiting + staff.reading.backlog.works,
            patience=PATIENCE,
            weight=lambda ended: max(len(ended.taken), MOST_TOGETHER // staff.unstored.most),
            most=MOST_TOGETHER,
        )
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
            self._brief.look()
            self._news.look()

    async def _polled(
        self, present: Callable[[], Plan], plan: Plan, claim: Claim, read: Reading, started: float
    ) -> PollResult:
        source = plan.sources[claim.source.id]
        try:
            result = await self._visited(present, source, claim, read)
        except SiteHeld as held:
            result = await self._put_off(claim, (held.until, held.why))
        except LeaseLost:
            result = lost(claim)
        except ReadingStopped as error:
            result = await self._broken_off(present, source, claim, error)
        except Exception as error:
            log.exception("poll broke off", source=source.id)
            result = await self._broken_off(present, source, claim, error)
        result = replace(result, elapsed=timedelta(seconds=time.monotonic() - started))
        report(result)
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
        if visit.outcome.succeeded and not visit.pushed and (visit.older or OLDER in claim.source.memory):
            visit = await self._with_older(plan, source, claim, visit)
        read = admitted(source, visit.entries)
        visit = replace(_still_wanted(visit, read), faults=(*visit.faults, *read.faults))
        visit, read = await self._full_texts.added(plan, source, claim, visit, read)
        ended = Ended(present=present, source=source, claim=claim, visit=visit, taken=read.taken)
        if self._committer.prepares(plan, source, read.taken):
            await self._staff.meaning.run(self._committer.prepare, plan, source, read.taken)
            # Alone: by their meaning articles are found once they are committed.
            (result,) = await self._commit([ended])
        else:
            result = await self._committed(ended)
        return replace(result, dropped=tuple(read.dropped)) if read.dropped else result

    async def _committed(self, ended: Ended) -> PollResult:
        if ended.taken:
            with self._staff.unstored:
                return await self._news.do(ended)
        if self._committer.is_brief(ended):
            return await self._brief.do(ended)
        (result,) = await self._commit([ended])
        return result

    async def _commit(self, ended: Sequence[Ended]) -> list[PollResult]:
        return await self._staff.commits.run(self._committer.commit, ended)

    async def _commit_brief(self, ended: Sequence[Ended]) -> list[PollResult]:
        return await self._staff.commits.run(self._committer.commit_brief, ended)

    async def _with_older(self, plan: Plan, source: Source, claim: Claim, visit: Visit) -> Visit:
        """The visit, and what older documents of the feed have to add to it."""

        async def is_known(entries: Sequence[Entry]) -> bool:
            taken = admitted(source, entries).taken
            return await self._staff.store.run(self._knows_any, claim, taken)

        unknown = may_miss_something(visit) and not await is_known(visit.entries)
        chain = chain_for(source, claim.source, visit, nothing_known=unknown, now=self._clock())
        if chain is None:
            return with_older(visit, OlderRead())
        older = await self._archives.follow(plan, source, claim.source, chain, visit, is_known)
        return with_older(visit, older)

    def _knows_any(self, claim: Claim, taken: Sequence[Article]) -> bool:
        """Whether one of these articles, at least, was taken from this source before."""
        return bool(self._known_as(claim, taken))

    def _known_as(self, claim: Claim, taken: Sequence[Article]) -> list[Article]:
        """Articles of this source that one of these may be."""
        with self._store.poll(claim) as unit:
            found = candidates(unit, claim.source.id, taken)
            return [known for known in found if known.source == claim.source.id]

    async def _put_off(self, claim: Claim, hold: Hold) -> PollResult:
        """Its site is to be left alone: neither a poll nor a failure."""
        try:
            return await self._staff.store.run(self._committer.put_off, claim, hold)
        except LeaseLost:
            return lost(claim)

    async def _broken_off(
        self, present: Callable[[], Plan], source: Source, claim: Claim, error: Exception
    ) -> PollResult:
        """Put the source off as after any failure, so that it is neither asked at once again nor silently left out."""
        visit = Visit(outcome=Outcome(kind="failed", error=fault_of(error)))
        try:
            return await self._committed(Ended(present=present, source=source, claim=claim, visit=visit))
        except LeaseLost:
            return lost(claim)
        except Exception as second:
            # Not even that can be kept: the source is tried again when the lease, which nobody renews, has run out.
            log.error("the failure could not be recorded", source=source.id, error=str(second))
            return PollResult(source=source.id, url=claim.source.url, kind="failed", error=fault_of(error))


def _still_wanted(visit: Visit, read: Admitted) -> Visit:
    """Pages and entries whose articles are not taken yet, though they may be later, are read again."""
    if visit.slices is not None and read.again:
        visit = replace(visit, slices=tuple(one for one in visit.slices if one not in read.again))
    if not read.later or not visit.memory or HANDLED not in visit.memory:
        return visit
    later = {mark(url) for url in read.later}
    handled = [done for done in visit.memory[HANDLED] if done not in later]
    return replace(visit, memory={**visit.memory, HANDLED: handled})
