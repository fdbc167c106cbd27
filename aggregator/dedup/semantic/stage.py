"""Whole-article rewrites: every sentence said in other words, so that no word-by-word rule sees anything.

An article that nothing else identifies is encoded (``vectors.py``: its first sentences, 25 ms at most), the nearest
articles of its time are found by their codes (``index.py``), and each is judged (``judge.py``) after the guards.
Where that promises something and the texts are longer, some more of the best candidate and of itself is encoded.

Like near copies, rewrites are compared with texts that stand for stories only. To encode takes ten times as long as
all the rest: ``prepare`` does it ahead, outside a transaction; what it has made is at hand for ``find`` and ``keep``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from zlib import crc32

from aggregator.dedup.likeness import Likeness, Weights
from aggregator.dedup.near import Finding, are_two_notes
from aggregator.dedup.semantic.encoder import Encoder
from aggregator.dedup.semantic.index import Codes
from aggregator.dedup.semantic.judge import clause, considered, is_long_enough, least_score, score
from aggregator.dedup.semantic.likeness import Evidence, evidence
from aggregator.dedup.semantic.vectors import WHOLE, Vectors, encoded, portion, unpacked
from aggregator.dedup.texts import Text
from storage.model import Meaning

#: With less from the leads the rest of two longer texts is not looked at.
PROMISING = -1.0
#: The vectors of so many articles are at hand, 30 kB each.
MOST_READY = 256


class Ready:
    """Vectors that were made last, by the text they were made of."""

    def __init__(self, encoder: Encoder, most: int = MOST_READY) -> None:
        self.encoder = encoder
        self._most = most
        self._made: OrderedDict[int, Vectors] = OrderedDict()

    def lead(self, text: Text) -> Vectors | None:
        """Of its beginning at least; None where it is too short to be told by its meaning."""
        if not is_long_enough(text.features, len(text.sentences)):
            return None
        return self.at_hand(text) or self._put(text, None)

    def at_hand(self, text: Text) -> Vectors | None:
        return self._made.get(check_of(text))

    def whole(self, text: Text, lead: Vectors) -> Vectors:
        """Of as much as is compared."""
        return self._put(text, lead) if self.goes_on(text, lead) else lead

    def goes_on(self, text: Text, lead: Vectors) -> bool:
        return len(lead.lengths) < portion(text.sentences, WHOLE[text.features.unspaced])

    def put(self, check: int, vectors: Vectors) -> None:
        self._made[check] = vectors
        self._made.move_to_end(check)
        if len(self._made) > self._most:
            self._made.popitem(last=False)

    def _put(self, text: Text, lead: Vectors | None) -> Vectors:
        vectors = encoded(self.encoder, text.sentences, text.features.unspaced, lead)
        self.put(check_of(text), vectors)
        return vectors


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: Text
    vectors: Vectors
    like: Likeness
    found: Evidence

    @property
    def score(self) -> float:
        return score(self.found)


class Rewrites:
    """Finds rewrites; what it keeps is in what it is given."""

    def __init__(
        self,
        ready: Ready,
        codes: Codes,
        text_of: Callable[[str], Text | None],
        weights: Weights,
        window: timedelta,
    ) -> None:
        self._ready = ready
        self._codes = codes
        self._text_of = text_of
        self._weights = weights
        self._window = window

    def keep(self, text: Text) -> None:
        """It stands for its story, or does so with another text than before."""
        if self._kept(text) is None and (vectors := self._ready.lead(text)) is not None:
            self._keep(text, vectors)

    def find(self, text: Text) -> Finding | None:
        """What it is a rewrite of."""
        vectors = self._ready.lead(text)
        if vectors is None:
            return None
        near = self._codes.near(vectors.code, text.date - self._window, text.date + self._window)
        known = (self._text_of(uid) for uid in near if uid != text.uid)
        judged = [one for other in known if other and (one := self._judged(text, vectors, other))]
        best = max(judged, key=lambda one: (one.score, one.text.uid), default=None)
        if best is None or best.score < PROMISING:
            return None
        best = self._wholly(text, vectors, best)
        if best.score < least_score(text.source == best.text.source):
            return None
        return Finding(of=best.text.story, similarity=best.found.mutual, clause=clause(best.found, best.like))

    def _judged(self, text: Text, vectors: Vectors, other: Text) -> _Candidate | None:
        if text.features.unspaced != other.features.unspaced or not other.meets(text):
            return None
        like = Likeness(text.features, other.features, self._weights)
        if not considered(like) or are_two_notes(text, other, like):
            return None
        theirs = self._vectors_of(other)
        if theirs is None:
            return None
        found = evidence((vectors, theirs), (text.features, other.features), like, self._weights)
        return _Candidate(other, theirs, like, found)

    def _wholly(self, text: Text, vectors: Vectors, best: _Candidate) -> _Candidate:
        """Both read on, where there is more than their leads."""
        mine, theirs = self._ready.whole(text, vectors), self._ready.whole(best.text, best.vectors)
        if len(theirs.lengths) > len(best.vectors.lengths):
            self._keep(best.text, theirs)
        elif len(mine.lengths) == len(vectors.lengths):
            return best
        found = evidence((mine, theirs), (text.features, best.text.features), best.like, self._weights)
        return replace(best, vectors=theirs, found=found)

    def _vectors_of(self, text: Text) -> Vectors | None:
        """As kept; encoded anew where its text is another by now, or the encoder is."""
        kept = self._kept(text)
        vectors = unpacked(kept.packed, text.sentences, text.features.unspaced) if kept else None
        if vectors is None and (vectors := self._ready.lead(text)) is not None:
            self._keep(text, vectors)
        return vectors

    def _kept(self, text: Text) -> Meaning | None:
        kept = self._codes.get(text.uid)
        if kept is None or kept.check != check_of(text) or kept.encoder != self._ready.encoder.name:
            return None
        return kept

    def _keep(self, text: Text, vectors: Vectors) -> None:
        self._codes.add(
            Meaning(
                uid=text.uid,
                encoder=self._ready.encoder.name,
                date=text.date,
                check=check_of(text),
                code=vectors.code,
                packed=vectors.packed(),
            )
        )


def check_of(text: Text) -> int:
    return crc32("\n".join(text.sentences).encode("utf-8", "surrogatepass"))
