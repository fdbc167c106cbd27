"""What becomes of every article of a poll, against what is stored: new, updated, a copy, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Literal

from aggregator.dedup.clauses import NOTHING_KNOWN, Match, Traits
from aggregator.dedup.facts import Facts, doubts_of, traits_of
from aggregator.dedup.lonely import lonely
from aggregator.dedup.placing import Known, place
from aggregator.dedup.revise import Updates, revised
from aggregator.text.fold import in_its_script
from storage.model import Article, Decision

Mode = Literal["off", "exact", "near"]
Kind = Literal["new", "update", "silent", "copy", "unchanged", "seen"]
#: Makes a uid of a source id and whatever identifies the article within it.
Mint = Callable[[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What becomes of one incoming article."""

    kind: Kind  #: "silent": replaced without a new date; "seen": known, and past its retention
    article: Article | None = None  #: as it is to be saved; None when nothing is to be
    decision: Decision | None = None  #: kept for ``explain``; None where nothing was decided


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One entry of a source: its newest version in the batch, and what it is a version of."""

    at: int  #: place of the newest version in the batch
    root: Traits  #: of the stored article that it updates, else of its first version in the batch
    match: Match | None  #: with what is stored, or with what it is a copy of


def decide(
    incoming: Sequence[Article],
    stored: Sequence[Article],
    *,
    exact: Collection[str],
    mode_of: Callable[[str], Mode],
    updates: Updates,
    mint: Mint,
    now: datetime,
    window: timedelta = timedelta(days=14),
    formerly: Mapping[int, str] | None = None,
    places: Callable[[Article], frozenset[str] | None] = lambda _: None,
    fold: bool = True,
    apart: Collection[str] = (),
) -> list[Resolution]:
    """One resolution for each incoming article, in order.

    ``stored`` holds every stored article that shares a guid (within its source), a canonical URL or a text hash
    with an incoming one, and those that have an incoming one's uid. What the batch holds twice is saved once, in
    its newest version; of copies in it the earliest is printed. ``exact`` names the identities that count,
    ``updates`` is the policy for changes, ``window`` how far back the same text makes a copy. ``formerly`` names, by
    place in ``incoming``, the stored articles that came under new names (``moved``). Copies have one of their
    ``places`` in common (None: are looked for everywhere), and with ``fold`` may be in the other Chinese script.
    Nothing becomes a copy in one of the stories ``apart``.
    """

    def facts_of(article: Article) -> Facts:
        return _facts(article, places(article), fold)

    formerly = formerly or {}
    alone = lonely(incoming, stored, known=formerly)
    found = {at: _new(incoming[at], incoming[at].uid, now) for at in alone}
    if left := [at for at in range(len(incoming)) if at not in alone]:
        was = {place: formerly[at] for place, at in enumerate(left) if at in formerly}
        desk = _Desk([incoming[at] for at in left], stored, facts_of, exact, mode_of, window, was, apart)
        names = _Names({one.uid for one in (*stored, *(incoming[at] for at in alone))}, mint)
        found |= zip(left, desk.resolutions(updates, names, now), strict=True)
    return [found[at] for at in range(len(incoming))]


class _Desk:
    """One batch, compared; then resolved."""

    def __init__(
        self,
        incoming: Sequence[Article],
        stored: Sequence[Article],
        facts_of: Callable[[Article], Facts],
        exact: Collection[str],
        mode_of: Callable[[str], Mode],
        window: timedelta,
        formerly: Mapping[int, str],
        apart: Collection[str],
    ) -> None:
        facts = [facts_of(article) for article in incoming]
        held = [facts_of(article) for article in stored]
        doubts = doubts_of(facts, held)

        def traits(of: Facts, was: str = "", story: str = "") -> Traits:
            alone = mode_of(of.source) == "off" or story in apart
            return traits_of(of, doubts, exact, apart=alone, formerly=was)

        self._incoming = incoming
        self._traits = [traits(of, formerly.get(at, "")) for at, of in enumerate(facts)]
        known = [traits(of, story=was.story) for of, was in zip(held, stored, strict=True)]
        # Traits are told apart by what they are, not by what they hold: two articles may hold the same.
        self._stored = {id(was): article for was, article in zip(known, stored, strict=True)}
        self._guids = {(article.source, article.guid) for article in incoming if article.guid}
        self._order = sorted(range(len(incoming)), key=lambda at: _rank(incoming[at]))
        batch = [self._traits[at] for at in self._order]
        found = place(batch, Known(known), window)
        self._matches = {id(one): match for one, match in zip(batch, found, strict=True)}
        self._final: dict[int, str] = {}  # uids of entries that are not stored yet, by their root

    def resolutions(self, updates: Updates, names: _Names, now: datetime) -> list[Resolution]:
        entries = self._entries()
        for entry in entries:
            if id(entry.root) not in self._stored:
                self._final[id(entry.root)] = names.take(self._incoming[entry.at])
        resolved = {entry.at: self._resolve(entry, updates, now) for entry in entries}
        return [resolved.get(at) or self._older(at) for at in range(len(self._incoming))]

    def _entries(self) -> list[_Entry]:
        """Every entry once, in the order in which uids are given out."""
        versions: dict[int, list[int]] = {}
        roots: dict[int, Traits] = {}
        for at in self._order:
            root = self._root(self._traits[at])
            roots[id(root)] = root
            versions.setdefault(id(root), []).append(at)
        return [self._entry(roots[root], places) for root, places in versions.items()]

    def _entry(self, root: Traits, places: Sequence[int]) -> _Entry:
        at = max(places, key=lambda place: _version(self._incoming[place]))
        if id(root) not in self._stored:
            return _Entry(at=at, root=root, match=self._matches[id(root)])
        matches = (self._matches[id(self._traits[place])] for place in (at, *places))
        return _Entry(at=at, root=root, match=next(match for match in matches if match and match.of is root))

    def _root(self, traits: Traits) -> Traits:
        """What a chain of versions ends at: something stored, or the first of them in the batch."""
        while (match := self._matches.get(id(traits))) is not None and match.verdict == "update":
            traits = match.of
        return traits

    def _resolve(self, entry: _Entry, updates: Updates, now: datetime) -> Resolution:
        old = self._stored.get(id(entry.root))
        if old is None:
            return self._added(entry, now)
        seen = self._incoming[entry.at]
        if old.expired:
            return Resolution(kind="seen", article=self._renamed(old, entry))
        kind, article = revised(old, seen, guid=self._guid(old, entry), updates=updates, now=now)
        if article is None or article.content_hash == old.content_hash or entry.match is None:
            return Resolution(kind=kind, article=article)
        return Resolution(
            kind=kind, article=article, decision=_decision(article, entry.match, old.copy_of or old.uid, now)
        )

    def _added(self, entry: _Entry, now: datetime) -> Resolution:
        uid = self._final[id(entry.root)]
        if entry.match is None:
            return _new(self._incoming[entry.at], uid, now)
        printed, story = self._printed(entry.match.of)
        article = replace(self._incoming[entry.at], uid=uid, story=story, copy_of=printed)
        return Resolution(
            kind="copy", article=article, decision=_decision(article, entry.match, printed, now)
        )

    def _printed(self, traits: Traits) -> tuple[str, str]:
        """The uid of the article that is printed in the stead of this one, and the id of their story."""
        root = self._root(traits)
        while id(root) not in self._stored and (match := self._matches[id(root)]) is not None:
            root = self._root(match.of)
        old = self._stored.get(id(root))
        if old is None:
            return self._final[id(root)], self._final[id(root)]
        printed = old.copy_of or old.uid
        return printed, old.story or printed

    def _guid(self, old: Article, entry: _Entry) -> str:
        """The guid to know it by from now on: a believed one, in the place of one that is used no more."""
        guid = self._traits[entry.at].guid
        return old.guid if not guid or (old.source, old.guid) in self._guids else guid

    def _renamed(self, old: Article, entry: _Entry) -> Article | None:
        """An identity alone, under its new names; None where they are the old ones."""
        seen = self._incoming[entry.at]
        if not self._traits[entry.at].formerly:
            return None
        return replace(old, guid=self._guid(old, entry), url=seen.url, canonical_url=seen.canonical_url)

    def _older(self, at: int) -> Resolution:
        """One version of several, and not the newest."""
        old = self._stored.get(id(self._root(self._traits[at])))
        return Resolution(kind="seen" if old is not None and old.expired else "unchanged")


class _Names:
    """Gives out uids, each once."""

    def __init__(self, taken: set[str], mint: Mint) -> None:
        self._taken = taken
        self._mint = mint

    def take(self, article: Article) -> str:
        uid = next(uid for uid in self._candidates(article) if uid not in self._taken)
        self._taken.add(uid)
        return uid

    def _candidates(self, article: Article) -> Iterator[str]:
        """Its own; then, where another has that (a guid used twice), others made of all that identifies it."""
        yield article.uid
        identity = (article.guid, article.canonical_url, article.title, article.text_hash or article.text)
        yield from (self._mint(article.source, "\0".join((*identity, str(number)))) for number in count(2))


def _new(article: Article, uid: str, now: datetime) -> Resolution:
    if not uid == article.uid == article.story or article.copy_of is not None:
        article = replace(article, uid=uid, story=uid, copy_of=None)
    return Resolution(kind="new", article=article, decision=_decision(article, None, None, now))


def _facts(article: Article, places: frozenset[str] | None, fold: bool) -> Facts:
    return Facts(
        uid=article.uid,
        source=article.source,
        guid=article.guid,
        address=article.canonical_url,
        title=article.title,
        text=article.text,
        text_hash=article.text_hash if fold else in_its_script(article.text_hash, article.text),
        places=places,
        content=article.content_hash,
        date=article.date,
        since=article.first_seen,
        published=article.published,
        expired=article.expired,
    )


def _rank(article: Article) -> tuple[datetime, str, str, str]:
    """Of copies in one batch the earliest is printed, however the source orders them."""
    return article.date, article.uid, article.canonical_url, article.content_hash


def _version(article: Article) -> tuple[datetime, int, str, bool]:
    """Of versions of one entry the one updated last counts; of equals the longer, then one that has a date."""
    return article.updated or article.date, len(article.text), article.content_hash, bool(article.published)


def _decision(article: Article, match: Match | None, printed: str | None, now: datetime) -> Decision:
    return Decision(
        at=now,
        uid=article.uid,
        source=article.source,
        verdict=match.verdict if match else "new",
        of=printed,
        similarity=match.similarity if match else 0.0,
        clause=match.clause if match else NOTHING_KNOWN,
    )
