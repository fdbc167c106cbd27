"""The deduplicator as others measure it: articles in, verdicts out, what it has seen kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal, Protocol

from aggregator.dedup.clauses import NOTHING_KNOWN, Match, Traits
from aggregator.dedup.facts import Facts, doubts_of, traits_of
from aggregator.dedup.placing import Known, place
from aggregator.text.fold import hash_text
from aggregator.text.urls import canonical_url

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


class Deduplicator:
    """Decides about articles as they come, batch by batch, against all that came before and the batch itself."""

    def __init__(self, window: timedelta = timedelta(days=14)) -> None:
        self._window = window
        self._known = Known()
        self._printed: dict[int, str] = {}  # by identity of the traits, which stay in ``_known``

    def add(self, articles: Sequence[Comparable]) -> list[Decision]:
        """One decision for each article, in order. Of copies in one batch the one first seen is the new one."""
        facts = [_facts(article) for article in articles]
        order = sorted(range(len(facts)), key=lambda at: facts[at].since)
        doubts = doubts_of(facts, ())
        batch = [traits_of(facts[at], doubts, EXACT) for at in order]
        matches = place(batch, self._known, self._window)
        decisions = dict(zip(order, self._decided(batch, matches), strict=True))
        return [decisions[at] for at in range(len(facts))]

    def _decided(self, batch: Sequence[Traits], matches: Sequence[Match | None]) -> list[Decision]:
        found = {id(traits): match for traits, match in zip(batch, matches, strict=True)}
        for traits in batch:
            self._printed[id(traits)] = self._root(traits, found)
        return [self._decision(match) for match in matches]

    def _root(self, traits: Traits, found: dict[int, Match | None]) -> str:
        """The printed article at the end of the matches; a match may be with one that is a copy itself."""
        while (match := found.get(id(traits))) is not None:
            traits = match.of
        return self._printed.get(id(traits), traits.uid)

    def _decision(self, match: Match | None) -> Decision:
        if match is None:
            return Decision(verdict="new")
        return Decision(
            verdict=match.verdict,
            of=self._printed[id(match.of)],
            similarity=match.similarity,
            clause=match.clause,
        )


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
