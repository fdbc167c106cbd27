"""The transaction of one poll, over what the memory store holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage.changes import compare
from storage.errors import StorageError
from storage.fencing import check_ends
from storage.memory.shelf import Shelf, keys_of
from storage.model import Article, Claim, Decision, Kin, Meaning, Separation, SourceRecord
from storage.postings import Postings, Sketch
from storage.sites import Hold, site_of
from storage.slot import Slot
from storage.transactions import CROWD

#: By story and uid.
Apart = Mapping[tuple[str, str], Separation]


@dataclass(slots=True)
class Draft:
    """What a transaction wants to change; nobody else sees it before its end."""

    articles: dict[str, Article] = field(default_factory=dict)
    sections: list[str] = field(default_factory=list)  # as often as they changed
    decisions: list[Decision] = field(default_factory=list)
    apart: dict[tuple[str, str], Separation] = field(default_factory=dict)
    joined: list[tuple[str, str]] = field(default_factory=list)  # sources and stories
    notes: dict[tuple[str, str], bytes | None] = field(default_factory=dict)  # by source and name
    learnt: dict[str, bytes] = field(default_factory=dict)  # by name
    kin: list[Kin] = field(default_factory=list)
    holds: list[tuple[str, Hold]] = field(default_factory=list)  # by site
    meanings: dict[str, Meaning] = field(default_factory=dict)  # by uid
    records: dict[str, SourceRecord] = field(default_factory=dict)  # by source


class MemorySketches:
    """Implements ``Sketches``. Writes at once, since only units read them, and takes back when one fails."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings
        self._before: list[tuple[str, Sketch | None]] = []

    def add(self, uid: str, hashes: Collection[int], *, at: datetime, filled: int = 0) -> None:
        self._before.append((uid, self._postings.get(uid)))
        self._postings.add(uid, hashes, at, filled)

    def sharing(self, hashes: Collection[int]) -> dict[str, int]:
        return self.filled(self._postings.query(hashes))

    def filled(self, uids: Collection[str]) -> dict[str, int]:
        return {uid: sketch.filled for uid in uids if (sketch := self._postings.get(uid))}

    def take_back(self) -> None:
        for uid, sketch in reversed(self._before):
            self._postings.put(uid, sketch)


class MemoryHand:
    """Reads the draft first, then the shelf; the store takes the draft over when the transaction ends well."""

    def __init__(self, shelf: Shelf, draft: Draft, sketches: MemorySketches) -> None:
        self._shelf = shelf
        self._draft: Draft | None = draft
        self._sketches = sketches
        self._bumped: set[str] = set()

    @property
    def sketches(self) -> MemorySketches:
        if self._draft is None:
            raise StorageError("this unit is closed: open a new one")
        return self._sketches

    @property
    def draft(self) -> Draft:
        if self._draft is None:
            raise StorageError("this unit is closed: open a new one")
        return self._draft

    def close(self) -> None:
        self._draft = None

    def article(self, uid: str) -> Article | None:
        return self.draft.articles.get(uid) or self._shelf.articles.get(uid)

    def save(self, articles: Iterable[Article], decisions: Iterable[Decision] = ()) -> None:
        incoming = list(articles)
        stored = {article.uid: known for article in incoming if (known := self.article(article.uid))}
        change = compare(stored, incoming)
        self.draft.articles |= {article.uid: article for article in change.articles}
        self.draft.sections += change.sections - self._bumped
        self._bumped |= change.sections
        self.draft.decisions += decisions

    def copies(self, uid: str) -> list[Article]:
        kept = [one for one in self._shelf.at(("copy", uid)) if one.uid not in self.draft.articles]
        drafted = [one for one in self.draft.articles.values() if one.copy_of == uid]
        return sorted((*kept, *drafted), key=lambda article: (article.date, article.uid))

    def keep_apart(self, separations: Iterable[Separation]) -> None:
        for one in separations:
            self.draft.apart.setdefault((one.story, one.uid), one)

    def let_join(self, source: str, story: str) -> None:
        self.draft.joined.append((source, story))
        kept = {
            key: one for key, one in self.draft.apart.items() if (one.source, one.story) != (source, story)
        }
        self.draft.apart = kept


class MemoryMeanings:
    """Implements ``Meanings`` over a draft."""

    def __init__(self, shelf: Shelf, draft: Draft) -> None:
        self._shelf = shelf
        self._draft = draft

    def keep(self, kept: Meaning) -> None:
        self._draft.meanings[kept.uid] = kept

    def get(self, uids: Collection[str]) -> dict[str, Meaning]:
        found = {uid: self._draft.meanings.get(uid) or self._shelf.meanings.get(uid) for uid in uids}
        return {uid: kept for uid, kept in found.items() if kept is not None}


class MemoryUnit(MemoryHand):
    """The same for a poll."""

    def __init__(
        self,
        shelf: Shelf,
        draft: Draft,
        sketches: MemorySketches,
        slots: Mapping[str, Slot],
        claim: Claim,
        apart: Apart,
        notes: Mapping[str, Mapping[str, bytes]],
    ) -> None:
        super().__init__(shelf, draft, sketches)
        self._slots = slots
        self._claim = claim
        self._apart = apart
        self._notes = notes

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
        drafted = self._drafted()
        found: dict[str, Article] = {}
        for key in wanted:
            kept = (article for article in self._shelf.at(key) if article.uid not in self.draft.articles)
            found |= {article.uid: article for article in _of_crowd(source, [*kept, *drafted.get(key, ())])}
        return sorted(found.values(), key=lambda article: (article.first_seen, article.uid))

    def _drafted(self) -> dict[tuple[str, ...], list[Article]]:
        drafted: dict[tuple[str, ...], list[Article]] = {}
        for article in self.draft.articles.values():
            for key in keys_of(article):
                drafted.setdefault(key, []).append(article)
        return drafted

    @property
    def meanings(self) -> MemoryMeanings:
        return MemoryMeanings(self._shelf, self.draft)

    def articles(self, uids: Collection[str]) -> dict[str, Article]:
        return {uid: known for uid in uids if (known := self.article(uid))}

    def relate(self, pairs: Iterable[Kin]) -> None:
        self.draft.kin += pairs

    def apart(self, stories: Collection[str]) -> list[Separation]:
        return [one for _, one in sorted(self._apart.items()) if one.story in stories]

    def note(self, source_id: str, name: str) -> bytes | None:
        if (source_id, name) in self.draft.notes:
            return self.draft.notes[source_id, name]
        return self._notes.get(source_id, {}).get(name)

    def learnt(self, name: str) -> bytes | None:
        return self.draft.learnt.get(name) or self._shelf.learnt.get(name)

    def keep_learnt(self, name: str, value: bytes) -> None:
        self.draft.learnt[name] = value

    def keep_note(self, name: str, value: bytes | None) -> None:
        self.draft.notes[self._claim.source.id, name] = value

    def busy_sources(self, site: str, now: datetime) -> int:
        others = (slot for slot in self._slots.values() if slot.record.id != self._claim.source.id)
        return sum(slot.is_busy(now) and site_of(slot.record.url) == site for slot in others)

    def hold_site(self, site: str, until: datetime, reason: str) -> None:
        self.draft.holds.append((site, (until, reason)))

    def finish(self, record: SourceRecord) -> None:
        check_ends(self._claim, record)
        self.draft.records[record.id] = record


def _of_crowd(source: str, sharing: list[Article]) -> list[Article]:
    if len(sharing) <= CROWD:
        return sharing
    unexpired = sorted(
        (article for article in sharing if not article.expired),
        key=lambda article: (article.first_seen, article.uid),
    )
    return [*(article for article in sharing if article.source == source), *unexpired[:CROWD]]
