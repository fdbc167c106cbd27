"""The deduplicator as others measure it: articles in, verdicts out, what it has seen kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from math import log2
from typing import TYPE_CHECKING, Literal, Protocol

from aggregator.dedup.clauses import NOTHING_KNOWN, Match, Traits
from aggregator.dedup.facts import Facts, doubts_of, traits_of
from aggregator.dedup.library import MemoryLibrary
from aggregator.dedup.near import Near, Outcome
from aggregator.dedup.placing import Known, place
from aggregator.dedup.semantic.encoder import Encoder, Mode, encoder_for
from aggregator.dedup.texts import Text, text_of
from aggregator.text.fold import hash_text
from aggregator.text.urls import canonical_url

if TYPE_CHECKING:
    from aggregator.dedup.semantic.stage import Rewrites

EXACT = ("id", "canonical_url", "content")


class Comparable(Protocol):
    """What an article must have to be compared."""

    @property
    def uid(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def guid(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str | None: ...
    @property
    def published(self) -> datetime | None: ...
    @property
    def first_seen(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one article is."""

    verdict: Literal["new", "update", "exact", "near"]
    of: str | None = None  #: uid of the printed article; None for a new one
    similarity: float = 0.0  #: 0..1
    clause: str = NOTHING_KNOWN  #: the rule that fired, in words
    related: str | None = None  #: uid of a printed article about the same, of which this is no copy
    kinship: float = 0.0  #: how alike these two are, 0..1
    joined: tuple[str, ...] = ()  #: uids of articles that were printed and have proved to be copies of ``of``


class Deduplicator:
    """Decides about articles as they come, batch by batch, against all that came before and the batch itself.

    ``semantic``: whether rewrites are looked for by meaning: "auto" where the extra is installed, "on", "off", or with
    an encoder of one's own.
    """

    def __init__(self, window: timedelta = timedelta(days=14), *, semantic: Mode | Encoder = "auto") -> None:
        self._window = window
        self._known = Known()
        self._printed: dict[int, str] = {}  # by identity of the traits, which stay in ``_known``
        self._copies: dict[str, str] = {}  # the printed article of each copy, when it was decided
        self._library = MemoryLibrary()
        encoder = encoder_for(semantic) if isinstance(semantic, str) else semantic
        self._near = Near(self._library, window, meaning=self._stage(encoder) if encoder else None)

    def _stage(self, encoder: Encoder) -> Rewrites:
        # Here, for it needs the packages of the extra.
        from aggregator.dedup.semantic.index import MemoryCodes
        from aggregator.dedup.semantic.stage import Ready, Rewrites

        library = self._library
        return Rewrites(Ready(encoder), MemoryCodes(), library.get, library.frequencies, self._window)

    def printed(self, uid: str) -> str:
        """The article that stands in this one's stead by now; itself where it is printed.

        What was decided may have been overtaken: two stories are one when their common text arrives.
        """
        return self._library.stories.printed(self._copies.get(uid, uid))

    def add(self, articles: Sequence[Comparable]) -> list[Decision]:
        """One decision for each article, in order. Of copies in one batch the one first seen is the new one."""
        facts = [_facts(article) for article in articles]
        order = sorted(range(len(facts)), key=lambda at: _rank(facts[at]))
        doubts = doubts_of(facts, ())
        batch = [traits_of(facts[at], doubts, EXACT) for at in order]
        matches = place(batch, self._known, self._window)
        found = self._found_near([facts[at] for at in order], matches)
        decisions = dict(zip(order, self._decided(batch, matches, found), strict=True))
        self._revise([facts[at] for at in order], matches)
        return [decisions[at] for at in range(len(facts))]

    def _revise(self, batch: Sequence[Facts], matches: Sequence[Match | None]) -> None:
        """What stands for a story is compared by its newest text."""
        changes: dict[str, tuple[Text, Text]] = {}
        for facts, match in zip(batch, matches, strict=True):
            if match is None or match.verdict != "update" or facts.content == match.of.content:
                continue
            if was := self._library.get(match.of.uid):
                text = self._read(replace(facts, uid=was.uid))
                text = replace(text, story=was.story, date=was.date, begun=was.begun, filled=was.filled)
                changes[was.uid] = text, was
        self._near.revise(list(changes.values()))

    def _found_near(self, batch: Sequence[Facts], matches: Sequence[Match | None]) -> list[Outcome]:
        """What each article that nothing identifies is like; the others' is not asked."""
        texts = [
            self._read(facts) if match is None else None for facts, match in zip(batch, matches, strict=True)
        ]
        for text in texts:
            if text is not None:
                self._near.count(text)
        return [self._near.settle(text) if text is not None else Outcome() for text in texts]

    def _read(self, facts: Facts) -> Text:
        return text_of(
            self._library.habits(facts.source),
            uid=facts.uid,
            source=facts.source,
            title=facts.title,
            text=facts.text,
            date=facts.date,
            begun=facts.since,
            named=bool(facts.guid or facts.address),
        )

    def _decided(
        self, batch: Sequence[Traits], matches: Sequence[Match | None], near: Sequence[Outcome]
    ) -> list[Decision]:
        links = {id(traits): match for traits, match in zip(batch, matches, strict=True)}
        copies = {
            id(traits): outcome.finding.of
            for traits, outcome in zip(batch, near, strict=True)
            if outcome.finding
        }
        for traits in batch:
            self._printed[id(traits)] = self._root(traits, links, copies)
        decisions = [self._decision(match, outcome) for match, outcome in zip(matches, near, strict=True)]
        for traits, decision in zip(batch, decisions, strict=True):
            if decision.of is not None and decision.of != traits.uid:
                self._copies[traits.uid] = decision.of
        return decisions

    def _root(self, traits: Traits, links: dict[int, Match | None], copies: dict[int, str]) -> str:
        """The printed article at the end of the matches; a match may be with one that is a copy itself."""
        while (match := links.get(id(traits))) is not None:
            traits = match.of
        return copies.get(id(traits)) or self._printed.get(id(traits), traits.uid)

    def _decision(self, match: Match | None, near: Outcome) -> Decision:
        if match is not None:
            return Decision(
                verdict=match.verdict,
                of=self._library.stories.printed(self._printed[id(match.of)]),
                similarity=match.similarity,
                clause=match.clause,
            )
        if near.finding is not None:
            return Decision(
                verdict="near",
                of=self._library.stories.printed(near.finding.of),
                similarity=near.finding.similarity,
                clause=near.finding.clause,
                joined=tuple(one.uid for one in near.joined),
            )
        if near.kin is not None:
            return Decision(
                verdict="new",
                related=self._library.stories.printed(near.kin.uid),
                kinship=near.kin.similarity,
            )
        return Decision(verdict="new")


def _rank(facts: Facts) -> tuple[datetime, datetime, int, str, str, str, str]:
    """Whatever the order of a batch, it is judged in this one: the earliest first, of equals the clearly fuller."""
    fullness = round(2 * log2(1 + len(facts.text)))
    return facts.since, facts.date, -fullness, facts.uid, facts.source, facts.address, facts.content


def _facts(article: Comparable) -> Facts:
    text_hash = hash_text(article.text)
    seen = "\0".join((article.title, article.url, article.text)).encode("utf-8", "surrogatepass")
    return Facts(
        uid=article.uid,
        source=article.source,
        guid=article.guid or "",
        address=canonical_url(article.url or ""),
        title=article.title,
        text=article.text,
        text_hash=text_hash,
        content=blake2b(seen, digest_size=16).hexdigest(),
        date=article.published or article.first_seen,
        since=article.first_seen,
    )
