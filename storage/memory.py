"""The store that lives and dies with the process: for tests, and for `run --demo`."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from storage import search, seeding
from storage.changes import Change, compare, identity_of, without_body
from storage.errors import LeaseLost, StorageError
from storage.model import (
    Article,
    ArticleQuery,
    Claim,
    Decision,
    SectionRevision,
    SourceRecord,
    SourceSeed,
)
from storage.slot import Slot
from storage.turns import Turns


class _Shelf:
    """The committed articles, with an index for each identity."""

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}
        self.counts: Counter[str] = Counter()
        self._index: defaultdict[tuple[str, ...], dict[str, None]] = defaultdict(dict)

    def apply(self, change: Change) -> None:
        for article in change.articles:
            self._unlist(self.articles.get(article.uid))
            self.articles[article.uid] = article
            for key in keys_of(article):
                self._index[key][article.uid] = None
        self.counts.update(change.counts)

    def at(self, key: tuple[str, ...]) -> list[Article]:
        return [self.articles[uid] for uid in self._index.get(key, ())]

    def _unlist(self, article: Article | None) -> None:
        for key in keys_of(article) if article else ():
            self._index[key].pop(article.uid if article else "", None)


def keys_of(article: Article) -> list[tuple[str, ...]]:
    """Under what an article is found, besides its uid. The empty string identifies nothing."""
    keys: list[tuple[str, ...]] = []
    if article.guid:
        keys.append(("guid", article.source, article.guid))
    if article.canonical_url:
        keys.append(("canonical", article.canonical_url))
    if article.url:
        keys.append(("url", article.url))
    if article.text_hash:
        keys.append(("text", article.text_hash))
    if article.copy_of:
        keys.append(("copy", article.copy_of))
    return keys


@dataclass(slots=True)
class _Draft:
    """What a unit wants to change; nobody sees it before the unit commits."""

    articles: dict[str, Article] = field(default_factory=dict)
    sections: set[str] = field(default_factory=set)
    decisions: list[Decision] = field(default_factory=list)
    record: SourceRecord | None = None


class MemoryUnit:
    """Reads the draft first, then the shelf; the store takes the draft over when the unit ends well."""

    def __init__(self, shelf: _Shelf, claim: Claim) -> None:
        self._shelf = shelf
        self._claim = claim
        self._draft: _Draft | None = _Draft()

    @property
    def draft(self) -> _Draft:
        if self._draft is None:
            raise StorageError("this poll's unit is closed: open a new one")
        return self._draft

    def close(self) -> None:
        self._draft = None

    def candidates(
        self,
        source: str,
        *,
        guids: Collection[str] = (),
        canonical_urls: Collection[str] = (),
        text_hashes: Collection[str] = (),
    ) -> list[Article]:
        wanted: set[tuple[str, ...]] = {("guid", source, guid) for guid in guids if guid}
        wanted |= {("canonical", url) for url in canonical_urls if url}
        wanted |= {("text", text_hash) for text_hash in text_hashes if text_hash}
        draft = self.draft.articles
        found = {
            article.uid: article
            for key in wanted
            for article in self._shelf.at(key)
            if article.uid not in draft
        }
        found |= {uid: article for uid, article in draft.items() if not wanted.isdisjoint(keys_of(article))}
        return sorted(found.values(), key=lambda article: (article.first_seen, article.uid))

    def article(self, uid: str) -> Article | None:
        return self.draft.articles.get(uid) or self._shelf.articles.get(uid)

    def save(self, articles: Iterable[Article], decisions: Iterable[Decision] = ()) -> None:
        incoming = list(articles)
        stored = {article.uid: known for article in incoming if (known := self.article(article.uid))}
        change = compare(stored, incoming)
        self.draft.articles |= {article.uid: article for article in change.articles}
        self.draft.sections |= change.sections
        self.draft.decisions += decisions

    def finish(self, record: SourceRecord) -> None:
        if record.id != self._claim.source.id:
            raise StorageError(f"the record of {record.id} cannot end a claim of {self._claim.source.id}")
        self.draft.record = record


class MemoryStore:
    """Implements ``ArticleStore`` in plain dictionaries. Readers see committed state only."""

    def __init__(self) -> None:
        self._writers = Turns()
        self._lock = threading.RLock()  # held for moments only; a unit keeps ``_writers`` for all of its life
        self._slots: dict[str, Slot] = {}
        self._shelf = _Shelf()
        self._decisions: list[Decision] = []
        self._updates: list[str] = []  # uids, as often as they were decided to be updated
        self._revisions: dict[str, SectionRevision] = {}
        self._settings: dict[str, str] = {}

    # -- sources and their due-queue

    def sync_sources(self, seeds: Sequence[SourceSeed], now: datetime) -> None:
        with self._change():
            configured = seeding.by_id(seeds)
            for source_id in self._slots.keys() - configured.keys():
                self._slots[source_id].position = None
                self._slots[source_id].end_claim()
            for position, seed in enumerate(configured.values()):
                self._seed(seed, position, now)

    def _seed(self, seed: SourceSeed, position: int, now: datetime) -> None:
        slot = self._slots.get(seed.id)
        record = seeding.seeded(slot.record if slot else None, seed, now)
        if slot is None:
            self._slots[seed.id] = Slot(record=record, position=position)
            return
        if seeding.ends_claim(slot.record, record):
            slot.end_claim()
        slot.record, slot.position = record, position

    def sources(self) -> list[SourceRecord]:
        with self._lock:
            active = [(slot.position, slot) for slot in self._slots.values() if slot.position is not None]
            return [self._counted(slot) for _, slot in sorted(active, key=lambda pair: pair[0])]

    def source(self, source_id: str) -> SourceRecord | None:
        with self._lock:
            slot = self._slots.get(source_id)
            return self._counted(slot) if slot else None

    def _counted(self, slot: Slot) -> SourceRecord:
        return replace(slot.record, articles=self._shelf.counts[slot.record.id])

    def claim_due(
        self,
        *,
        now: datetime,
        limit: int,
        lease: timedelta,
        owner: str,
        early: bool = False,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
    ) -> list[Claim]:
        with self._change():
            due = [
                slot
                for slot in self._slots.values()
                if slot.is_due(now, early=early)
                and slot.is_free(now)
                and (only is None or slot.record.id in only)
                and slot.record.id not in without
            ]
            due.sort(key=lambda slot: (slot.record.next_poll, slot.record.id))
            return [self._claim(slot, owner, now + lease) for slot in due[: max(limit, 0)]]

    def _claim(self, slot: Slot, owner: str, lease_until: datetime) -> Claim:
        slot.token += 1
        slot.owner, slot.lease_until = owner, lease_until
        return Claim(source=self._counted(slot), token=slot.token, owner=owner, lease_until=lease_until)

    def renew(self, claim: Claim, *, now: datetime, lease: timedelta) -> Claim:
        with self._change():
            slot = self._held(claim)
            slot.lease_until = now + lease
            return replace(claim, lease_until=slot.lease_until)

    def _held(self, claim: Claim) -> Slot:
        slot = self._slots.get(claim.source.id)
        if slot is None or not slot.holds(claim):
            raise LeaseLost(f"{claim.source.id}: the claim of {claim.owner} is stale; nothing was written")
        return slot

    def set_back(self, now: datetime) -> int:
        with self._change():
            active = [slot for slot in self._slots.values() if slot.position is not None]
            return sum(slot.set_back(now) for slot in active)

    def release(self, claim: Claim) -> None:
        with self._change():
            slot = self._slots.get(claim.source.id)
            if slot is not None and slot.holds(claim):
                slot.end_claim()

    def next_due(self) -> datetime | None:
        with self._lock:
            return min(
                (slot.record.next_poll for slot in self._slots.values() if slot.is_pollable()), default=None
            )

    @contextmanager
    def poll(self, claim: Claim) -> Iterator[MemoryUnit]:
        with self._writers.take():
            slot = self._held(claim)
            unit = MemoryUnit(self._shelf, claim)
            try:
                yield unit
                with self._lock:
                    self._commit(unit.draft, slot)
            finally:
                unit.close()

    def _commit(self, draft: _Draft, slot: Slot) -> None:
        self._shelf.apply(compare(self._shelf.articles, draft.articles.values()))
        self._bump(draft.sections)
        self._decisions += draft.decisions
        self._updates += (one.uid for one in draft.decisions if one.verdict == "update")
        if draft.record is not None:
            slot.record = draft.record
            slot.end_claim()

    def _bump(self, sections: Iterable[str]) -> None:
        for section in sections:
            known = self._revisions.get(section, SectionRevision(id=section, revision=0, published=0))
            self._revisions[section] = replace(known, revision=known.revision + 1)

    # -- articles

    def article(self, uid: str) -> Article | None:
        with self._lock:
            return self._shelf.articles.get(uid)

    def find(self, url: str, canonical_url: str = "") -> list[Article]:
        with self._lock:
            found = {article.uid: article for article in self._shelf.at(("url", url))}
            found |= {article.uid: article for article in self._shelf.at(("canonical", canonical_url))}
        return sorted(found.values(), key=lambda one: (one.copy_of is not None, one.first_seen, one.uid))

    def articles(self, query: ArticleQuery) -> list[Article]:
        with self._lock:
            stored = list(self._shelf.articles.values())
        wanted = search.words(query.search)
        kept = [article for article in stored if _answers(article, query) and search.matches(article, wanted)]
        kept.sort(key=lambda article: article.uid)
        kept.sort(key=lambda article: article.date, reverse=True)
        end = None if query.limit is None else query.offset + query.limit
        return kept[query.offset : end]

    def copies(self, uids: Collection[str]) -> Mapping[str, list[Article]]:
        with self._lock:
            found = {uid: self._shelf.at(("copy", uid)) for uid in uids}
        return {
            uid: sorted(copies, key=lambda article: (article.date, article.uid))
            for uid, copies in found.items()
            if copies
        }

    def decisions(self, uid: str) -> list[Decision]:
        with self._lock:
            return sorted(
                (one for one in self._decisions if one.uid == uid), key=lambda decision: decision.at
            )

    def known_urls(self, source: str, canonical_urls: Collection[str]) -> set[str]:
        with self._lock:
            return {
                url
                for url in canonical_urls
                if any(article.source == source for article in self._shelf.at(("canonical", url)))
            }

    def updated(self, after: int, limit: int) -> tuple[list[str], int]:
        with self._lock:
            found = self._updates[after : after + limit]
            return list(dict.fromkeys(found)), min(after, len(self._updates)) + len(found)

    def placed(self, uids: Collection[str]) -> set[str]:
        with self._lock:
            found = (self._shelf.articles.get(uid) for uid in uids)
            return {one.uid for one in found if one is not None and one.sections and not one.expired}

    # -- sections

    def section_revisions(self) -> dict[str, SectionRevision]:
        with self._lock:
            return dict(self._revisions)

    def mark_published(self, revisions: Mapping[str, int]) -> None:
        with self._change():
            for section, revision in revisions.items():
                known = self._revisions.get(section)
                if known is not None and known.published < revision:
                    self._revisions[section] = replace(known, published=revision)

    def reroute(self, placements: Mapping[str, tuple[str, ...]]) -> int:
        def placed(article: Article) -> Article:
            if article.expired or article.uid not in placements:
                return article
            return replace(article, sections=placements[article.uid])

        with self._change():
            return len(self._rewrite(placed))

    def _rewrite(self, rule: Callable[[Article], Article]) -> Sequence[Article]:
        """The articles that the rule changed; called within ``_change``."""
        change = compare(self._shelf.articles, [rule(article) for article in self._shelf.articles.values()])
        self._shelf.apply(change)
        self._bump(change.sections)
        return change.articles

    # -- settings and upkeep

    def setting(self, key: str) -> str | None:
        with self._lock:
            return self._settings.get(key)

    def set_setting(self, key: str, value: str) -> None:
        with self._change():
            self._settings[key] = value

    def expire(
        self,
        *,
        articles_before: datetime | None,
        bodies_before: datetime | None,
        keep: Collection[str] = (),
    ) -> int:
        kept = frozenset(keep)

        def outlived(one: Article, before: datetime | None) -> bool:
            if before is None or one.expired or one.uid in kept:
                return False
            return one.first_seen < before

        with self._change():
            reduced = self._rewrite(lambda one: identity_of(one) if outlived(one, articles_before) else one)
            forgotten = {one.uid for one in reduced}
            self._decisions = [one for one in self._decisions if one.uid not in forgotten]
            emptied = self._rewrite(lambda one: without_body(one) if outlived(one, bodies_before) else one)
        return len(reduced) + len(emptied)

    def check(self) -> list[str]:
        return []

    def close(self) -> None:
        """Nothing to give back; the content goes with the object."""

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self._writers.take(), self._lock:
            yield


def _answers(article: Article, query: ArticleQuery) -> bool:
    return (
        not article.expired
        and (query.section is None or query.section in article.sections)
        and (query.source is None or article.source == query.source)
        and (query.story is None or article.story == query.story)
        and (query.since is None or article.date >= query.since)
        and (query.copies or article.copy_of is None)
    )
