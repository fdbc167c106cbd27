"""The end of a poll: articles, decisions, validators and the next poll, in one transaction, perhaps with others'."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.clock import Clock
from aggregator.config.model import Source
from aggregator.dedup import Resolution
from aggregator.pipeline.archives import OLDER
from aggregator.pipeline.firstfetch import BEGUN, begins
from aggregator.pipeline.holds import SiteHolds
from aggregator.pipeline.known import SLICES
from aggregator.pipeline.meaning import Understanding
from aggregator.pipeline.nearcopies import manner_of
from aggregator.pipeline.nearlibrary import NearMemory
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.result import PollResult, lost
from aggregator.pipeline.storable import storable_record
from aggregator.pipeline.subscriptions import Subscriptions
from aggregator.pipeline.takein import Batch, take_in
from aggregator.pipeline.visit import Visit
from aggregator.schedule import after_poll, after_push, put_off
from aggregator.schedule.memory import remembering
from storage.interface import ArticleStore, Unit
from storage.model import Article, ArticleQuery, Claim, SourceRecord
from storage.sites import Hold, held_back

#: So many faults of one document are kept on the source's record.
MAX_FAULTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A poll that is to be committed."""

    present: Callable[[], Plan]
    source: Source
    claim: Claim
    visit: Visit
    taken: Sequence[Article] = ()  #: the articles that it brought, as far as they are wanted


class Committer:
    """Writes what polls brought. Blocks on the disk: its methods belong in a thread."""

    def __init__(
        self,
        store: ArticleStore,
        subscriptions: Subscriptions,
        holds: SiteHolds,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._store = store
        self._subscriptions = subscriptions
        self._holds = holds
        self._clock = clock
        self._rng = rng
        self._near = NearMemory()
        self._understanding = Understanding(store)

    def put_off(self, claim: Claim, hold: Hold) -> PollResult:
        """Leave the source as it was, until its site may be asked again."""
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

    def prepares(self, plan: Plan, source: Source, taken: Sequence[Article]) -> bool:
        """Whether ``prepare`` has anything to do."""
        return bool(taken) and self._understanding.wanted(plan, source)

    def prepare(self, plan: Plan, source: Source, taken: Sequence[Article]) -> None:
        """What takes long and needs no transaction. Not in the thread of the commits, which others wait for."""
        self._understanding.prepare(plan, manner_of(plan), source, taken)

    def commit(self, ended: Sequence[Ended]) -> list[PollResult]:
        """Everything of these polls, or nothing of any."""
        now = self._clock()
        kept: dict[str, Hold] = {}
        results: list[PollResult] = []
        with self._store.polls() as polls:
            for one in ended:
                with polls.poll(one.claim) as unit:
                    result, holds = self._written(unit, one, now)
                results.append(result)
                kept |= holds
        self._holds.forget(kept)
        return results

    def _written(self, unit: Unit, ended: Ended, now: datetime) -> tuple[PollResult, Mapping[str, Hold]]:
        """One of them, and what is stored with it of the sites' holds."""
        claim, visit = ended.claim, ended.visit
        # Asked for inside the transaction: who swaps plans waits for it before placing what is stored anew.
        plan = ended.present()
        resolutions = (
            take_in(unit, plan, self._batch(ended), self._near, self._understanding, now)
            if ended.taken or visit.late
            else []
        )
        record = self._record_after(plan, ended.source, claim.source, visit, resolutions, now)
        holds = self._holds.keep(unit, record, visit.outcome, now, own=visit.own_site)
        if _newly_known(visit):
            unit.keep_note(SLICES, b"".join(visit.slices or ()) or None)
        for name, note in visit.notes.items():
            unit.keep_note(name, note)
        unit.finish(record)
        return _result(claim, visit, record, resolutions), holds

    def is_brief(self, ended: Ended) -> bool:
        """Whether nothing but the source's record is to be written of a poll."""
        visit = ended.visit
        more = ended.taken or visit.late or visit.notes or _newly_known(visit)
        return not more and not self._holds.owes(visit.outcome)

    def commit_brief(self, ended: Sequence[Ended]) -> list[PollResult]:
        """All of these polls, which are brief, or none; but of one whose claim is stale nothing, and of that alone.

        The plan may be swapped before their transaction: nothing is placed by it.
        """
        now = self._clock()
        left = [
            (one.claim, self._record_after(one.present(), one.source, one.claim.source, one.visit, (), now))
            for one in ended
        ]
        stale = self._store.finish(left)
        return [
            lost(one.claim) if record.id in stale else _result(one.claim, one.visit, record)
            for one, (_, record) in zip(ended, left, strict=True)
        ]

    def _batch(self, ended: Ended) -> Batch:
        of = ended.source.id
        return Batch(
            source=ended.source,
            record=ended.claim.source,
            articles=ended.taken,
            length=ended.visit.outcome.feed_length or 0,
            complete=ended.visit.whole,
            late=ended.visit.late,
            recent=lambda limit: self._store.articles(ArticleQuery(source=of, limit=limit)),
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
        # What a chain of older documents brings belatedly says nothing of the rhythm.
        if OLDER in record.memory:
            new = [a for a in new if record.last_poll is None or a.date >= record.last_poll]
        dates = tuple(a.published for a in [*new, *_past(resolutions, record)] if a.published is not None)
        outcome = replace(visit.outcome, new=len(new), dates=dates) if new or dates else visit.outcome
        if visit.pushed:
            return storable_record(_remembering(after_push(record, outcome, now), visit))
        policy, missed = self._subscriptions.policy_after(
            plan.policy(source), record, began=visit.began or now, new=bool(new), now=now
        )
        after = after_poll(record, outcome, policy, now, self._rng)
        memory = {**_remembering(after, visit).memory, **missed, **_survived(visit)}
        came = len(visit.entries) or len(visit.slices or ())
        memory[BEGUN] = begins(record, came, len(memory.get("owed", ())) + (OLDER in memory))
        after = remembering(after, memory)
        if visit.put_off is not None:
            after = put_off(after, *visit.put_off)
        return storable_record(after)


def _result(
    claim: Claim, visit: Visit, record: SourceRecord, resolutions: Sequence[Resolution] = ()
) -> PollResult:
    return PollResult(
        source=record.id,
        url=claim.source.url,
        kind=_kind(visit),
        status=visit.outcome.status,
        format=visit.format,
        error=None if visit.pushed else record.last_error,
        faults=visit.faults,
        items=len(visit.entries),
        resolutions=tuple(resolutions),
        next_poll=record.next_poll,
        next_poll_reason=record.next_poll_reason,
        counts=_counts(resolutions, visit.left_out),
        record=record,
        shows=bool(resolutions) or _printed(record) != _printed(claim.source),
    )


def _newly_known(visit: Visit) -> bool:
    """Whether other entries of the feed are known from now on than before."""
    return visit.slices is not None and visit.slices != visit.known.digests


def _remembering(record: SourceRecord, visit: Visit) -> SourceRecord:
    memory = {**record.memory, **(visit.memory or {})}
    return remembering(record, {key: value for key, value in memory.items() if value is not None})


def _past(resolutions: Sequence[Resolution], record: SourceRecord) -> list[Article]:
    """What the first document of a source holds beyond what is printed: it tells the rhythm all the same."""
    return [] if record.last_success else [r.article for r in resolutions if r.kind == "seen" and r.article]


def _survived(visit: Visit) -> dict[str, list[str]]:
    """What was wrong with the document last read and did not keep it from being read: ``status`` names it."""
    return {"faults": list(visit.faults[:MAX_FAULTS])} if visit.outcome.kind == "taken" else {}


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
