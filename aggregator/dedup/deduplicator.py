"""The deduplicator as others measure it: articles in, verdicts out, what it has seen kept in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from math import log2
from typing import TYPE_CHECKING, Literal, Protocol

from aggregator.dedup.clauses import NOTHING_KNOWN, Match, Traits
from aggregator.dedup.facts import Facts, doubts_of, traits_of
from aggregator.dedup.frequencies import Frequencies
from aggregator.dedup.habits import Habits
from aggregator.dedup.index import MemoryIndex
from aggregator.dedup.near import Finding, Kin, Near, Text
from aggregator.dedup.placing import Known, place
from aggregator.dedup.semantic.encoder import Encoder, Mode, encoder_for
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


class Deduplicator:
    """Decides about articles as they come, batch by batch, against all that came before and the batch itself.

    ``semantic``: whether rewrites are looked for by meaning: "auto" where the extra is installed, "on", "off", or with
    an encoder of one's own.
    """

    def __init__(self, window: timedelta = timedelta(days=14), *, semantic: Mode | Encoder = "auto") -> None:
        self._window = window
        self._known = Known()
        self._printed: dict[int, str] = {}  # by identity of the traits, which stay in ``_known``
        self._texts: dict[str, Text] = {}
        habits: defaultdict[str, Habits] = defaultdict(Habits)
        frequencies = Frequencies()
        self._near = Near(MemoryIndex(), self._texts, habits.__getitem__, frequencies, window)
        encoder = encoder_for(semantic) if isinstance(semantic, str) else semantic
        self._rewrites = self._stage(encoder, frequencies) if encoder else None

    def _stage(self, encoder: Encoder, frequencies: Frequencies) -> Rewrites:
        # Here, for it needs the packages of the extra.
        from aggregator.dedup.semantic.index import MemoryCodes
        from aggregator.dedup.semantic.stage import Rewrites

        return Rewrites(encoder, MemoryCodes(), self._texts.get, frequencies, self._window)

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
        """A printed article is compared by its newest text."""
        for facts, match in zip(batch, matches, strict=True):
            if match is None or match.verdict != "update" or facts.content == match.of.content:
                continue
            if (was := self._texts.get(self._printed[id(match.of)])) and was.uid == match.of.uid:
                text = self._read(replace(facts, uid=was.uid))
                self._keep_anew(replace(text, date=was.date))

    def _found_near(
        self, batch: Sequence[Facts], matches: Sequence[Match | None]
    ) -> list[tuple[Finding | None, Kin | None]]:
        """What each article that nothing identifies is like; the others' is not asked."""
        texts = [
            self._read(facts) if match is None else None for facts, match in zip(batch, matches, strict=True)
        ]
        for text in texts:
            if text is not None:
                self._near.count(text)
        return [self._one_near(text) if text is not None else (None, None) for text in texts]

    def _one_near(self, text: Text) -> tuple[Finding | None, Kin | None]:
        text = self._near.again(text)
        finding, kin = self._near.find(text)
        if finding is not None:
            if self._rewrites:
                self._rewrites.refresh(self._texts[finding.of])  # which the copy may have filled out
            return finding, None
        vectors = self._rewrites.read(text) if self._rewrites else None
        if self._rewrites and (finding := self._rewrites.find(text, vectors)):
            return finding, None
        self._near.keep(text)
        if self._rewrites:
            self._rewrites.keep(text, vectors)
        return None, kin

    def _keep_anew(self, text: Text) -> None:
        """A printed article has another text."""
        self._near.keep(text, anew=False)
        if self._rewrites:
            self._rewrites.keep(text, self._rewrites.read(text))

    def _read(self, facts: Facts) -> Text:
        return self._near.read(facts.uid, facts.source, facts.title, facts.text, facts.date)

    def _decided(
        self,
        batch: Sequence[Traits],
        matches: Sequence[Match | None],
        near: Sequence[tuple[Finding | None, Kin | None]],
    ) -> list[Decision]:
        links = {id(traits): match for traits, match in zip(batch, matches, strict=True)}
        copies = {id(traits): finding.of for traits, (finding, _) in zip(batch, near, strict=True) if finding}
        for traits in batch:
            self._printed[id(traits)] = self._root(traits, links, copies)
        return [self._decision(match, *found) for match, found in zip(matches, near, strict=True)]

    def _root(self, traits: Traits, links: dict[int, Match | None], copies: dict[int, str]) -> str:
        """The printed article at the end of the matches; a match may be with one that is a copy itself."""
        while (match := links.get(id(traits))) is not None:
            traits = match.of
        return copies.get(id(traits)) or self._printed.get(id(traits), traits.uid)

    def _decision(self, match: Match | None, near: Finding | None, kin: Kin | None) -> Decision:
        if match is not None:
            return Decision(
                verdict=match.verdict,
                of=self._printed[id(match.of)],
                similarity=match.similarity,
                clause=match.clause,
            )
        if near is not None:
            return Decision(verdict="near", of=near.of, similarity=near.similarity, clause=near.clause)
        if kin is not None:
            return Decision(verdict="new", related=kin.uid, kinship=kin.similarity)
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
