"""Older documents of a feed (RFC 5005: ``prev-archive``, or ``next`` pages), read where something may be missing.

That is on the first poll of a source, as far back as ``first_fetch`` reaches, and whenever nothing in a document is
known: what came between may have scrolled out of it. What they hold is taken in with the poll, in its one transaction.
Where one does not come, ``older`` in the source's memory says where the next poll goes on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from aggregator.clock import Clock
from aggregator.config.model import FirstFetch, Source
from aggregator.entry import Entry, FeedRead
from aggregator.pipeline.articlepages import MAX_ATTEMPTS, MAX_WAIT, PageFault
from aggregator.pipeline.firstfetch import has_begun, oldest_taken
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.visit import Visit
from aggregator.sources import MOST_ENTRIES
from aggregator.text.urls import canonical_url
from storage.model import SourceRecord

#: Under this key a record remembers the chain of older documents that is still to be followed.
OLDER = "older"

#: Fetch and read one document, its first entry first seen at that moment. Raises PageFault.
Read = Callable[[Plan, Source, SourceRecord, str, datetime], Awaitable[FeedRead]]
#: Whether the source is known to have had one of these.
IsKnown = Callable[[Sequence[Entry]], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The way back through the documents. Kept as JSON from poll to poll."""

    url: str  #: of the next document
    left: int  #: documents that may still be read
    past: bool  #: of a new source: as much of it as ``first_fetch`` takes
    overlap: bool = False  #: a broken chain lies below: what is known does not end this one
    since: str = ""  #: ISO 8601: when it was begun
    attempts: int = 0  #: at the next document
    not_before: str = ""  #: ISO 8601: it asked to be left alone until then

    @classmethod
    def of(cls, record: SourceRecord) -> Chain | None:
        """The one left over from earlier polls; what cannot be read is none."""
        noted = record.memory.get(OLDER)
        try:
            return cls(**noted) if noted else None
        except TypeError:
            return None

    def to(self, url: str | None) -> Chain | None:
        """One document on; None at the end."""
        further = replace(self, url=url, left=self.left - 1, attempts=0, not_before="") if url else None
        return further if self.left > 1 else None

    def waits(self, now: datetime) -> bool:
        return bool(self.not_before) and now < datetime.fromisoformat(self.not_before)

    def after(self, fault: PageFault, now: datetime) -> Chain | None:
        """The same once more, unless it is hopeless."""
        if fault.busy and now - datetime.fromisoformat(self.since) < MAX_WAIT:
            return replace(self, not_before=(now + fault.wait).isoformat() if fault.wait else "")
        if fault.busy or fault.final or self.attempts + 1 >= MAX_ATTEMPTS:
            return None
        return replace(self, attempts=self.attempts + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderRead:
    """What older documents brought."""

    entries: tuple[Entry, ...] = ()
    faults: tuple[str, ...] = ()
    chain: Chain | None = None  #: what is left for the next poll


def chain_for(
    source: Source, record: SourceRecord, visit: Visit, *, nothing_known: bool, now: datetime
) -> Chain | None:
    """The older documents to be read after a visit that succeeded."""
    waiting, begun = Chain.of(record), has_begun(record)
    if source.first_fetch.archives == 0:
        return None
    if not visit.older or visit.outcome.partial or (begun and not nothing_known) or (waiting and not begun):
        return waiting
    return Chain(
        url=visit.older,
        left=source.first_fetch.archives,
        past=not begun,
        overlap=waiting is not None,
        since=now.isoformat(),
    )


def may_miss_something(visit: Visit) -> bool:
    """Whether the document leads to older ones, and no entry of it was left out as known already."""
    return bool(visit.older) and visit.whole


def with_older(visit: Visit, read: OlderRead) -> Visit:
    """The visit with what older documents had to add."""
    return replace(
        visit,
        entries=(*visit.entries, *read.entries),
        faults=(*visit.faults, *read.faults),
        memory=visit.memory_with(OLDER, asdict(read.chain) if read.chain else None),
    )


class ArchiveReader:
    """Reads chains of older documents. Holds no state of its own between polls."""

    def __init__(self, read: Read, clock: Clock) -> None:
        self._read = read
        self._clock = clock

    async def follow(
        self,
        plan: Plan,
        source: Source,
        record: SourceRecord,
        chain: Chain,
        visit: Visit,
        is_known: IsKnown,
    ) -> OlderRead:
        """Follow the chain until it ends, enough is read, or something known is met."""
        if chain.waits(self._clock()):
            return OlderRead(chain=chain)
        walk = _Walk(chain, visit, source.first_fetch, self._clock())
        while (url := walk.next_url()) is not None:
            try:
                read = await self._read(plan, source, record, url, walk.moment())
            except PageFault as fault:
                return walk.broken_off(fault)
            walk.take(read)
            if not (chain.past or chain.overlap) and await is_known(read.entries):
                walk.end()
        return walk.result()


class _Walk:
    """One chain, as far as one poll follows it."""

    def __init__(self, chain: Chain, visit: Visit, limits: FirstFetch, now: datetime) -> None:
        self._chain: Chain | None = chain
        self._limits = limits
        self._now = now
        self._seen = {canonical_url(visit.outcome.final_url)}
        self._live = len(visit.entries)
        self._read_at = visit.read_at or now
        self._entries: list[Entry] = []
        self._faults: list[str] = []
        self._end_when_reached(visit.entries)

    def next_url(self) -> str | None:
        """The document to read now; one transaction takes no more than so many entries, the next poll goes on."""
        if self._chain is None or len(self._entries) >= MOST_ENTRIES:
            return None
        identity = canonical_url(self._chain.url)
        if identity in self._seen:
            self._faults.append(f"{self._chain.url}: the older documents of the feed lead in a circle")
            self.end()
            return None
        self._seen.add(identity)
        return self._chain.url

    def moment(self) -> datetime:
        """Undated entries keep their order over all documents: each is seen a moment before the one above it."""
        return self._read_at - timedelta(microseconds=self._live + len(self._entries))

    def take(self, read: FeedRead) -> None:
        self._entries += read.entries
        self._chain = self._chain and self._chain.to(read.feed.older)
        self._end_when_reached(read.entries)

    def end(self) -> None:
        self._chain = None

    def broken_off(self, fault: PageFault) -> OlderRead:
        assert self._chain is not None  # it has led to the document at fault
        self._faults.append(f"{self._chain.url}: {fault}")
        self._chain = self._chain.after(fault, self._now)
        return self.result()

    def result(self) -> OlderRead:
        return OlderRead(entries=tuple(self._entries), faults=tuple(self._faults), chain=self._chain)

    def _end_when_reached(self, entries: Sequence[Entry]) -> None:
        """``first_fetch`` bounds the age of what is fetched; the number only of a past that is not printed beyond."""
        if self._chain is None:
            return
        enough = self._chain.past and self._live + len(self._entries) >= self._limits.max_items
        oldest = oldest_taken(self._now, self._limits.max_age)
        if enough or any(entry.published is not None and entry.published < oldest for entry in entries):
            self.end()
