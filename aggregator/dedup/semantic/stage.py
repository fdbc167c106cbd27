"""Whole-article rewrites: every sentence said in other words, so that no word-by-word rule sees anything.

An article that nothing else identifies is encoded (``vectors.py``: its first sentences, 25 ms at most), the nearest
articles of its time are found by their codes (``index.py``), and each is judged (``judge.py``) after the guards.
Where the leads promise something and the texts are longer, some more of the best candidate and of itself is encoded.

Like near copies, rewrites are compared with printed articles only. ``read`` encodes and may be called before a
transaction; ``find`` and ``keep`` take what it gave.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

from aggregator.dedup.likeness import Likeness, Weights
from aggregator.dedup.near import Finding
from aggregator.dedup.semantic.encoder import Encoder
from aggregator.dedup.semantic.index import Codes, Kept
from aggregator.dedup.semantic.judge import clause, considered, is_long_enough, least_score, score
from aggregator.dedup.semantic.likeness import Evidence, evidence
from aggregator.dedup.semantic.vectors import Vectors, encoded, unpacked
from aggregator.dedup.texts import Text

#: With less from the leads the rest of two longer texts is not looked at.
PROMISING = -1.0


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
        encoder: Encoder,
        codes: Codes,
        text_of: Callable[[str], Text | None],
        weights: Weights,
        window: timedelta,
    ) -> None:
        self._encoder = encoder
        self._codes = codes
        self._text_of = text_of
        self._weights = weights
        self._window = window

    def read(self, text: Text) -> Vectors | None:
        """Its lead encoded; None where it is too short to be told by its meaning."""
        if not is_long_enough(text.features, len(text.sentences)):
            return None
        return encoded(self._encoder, text.sentences, text.features.unspaced)

    def keep(self, text: Text, vectors: Vectors | None) -> None:
        """It is printed from now on, or has another text than before."""
        if vectors is not None:
            self._codes.add(text.uid, _kept(text, vectors), text.date)

    def find(self, text: Text, vectors: Vectors | None) -> Finding | None:
        """What it is a rewrite of."""
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
        return Finding(of=best.text.uid, similarity=best.found.mutual, clause=clause(best.found, best.like))

    def _judged(self, text: Text, vectors: Vectors, other: Text) -> _Candidate | None:
        if text.features.unspaced != other.features.unspaced:
            return None
        like = Likeness(text.features, other.features, self._weights)
        if not considered(like):
            return None
        theirs = self._vectors_of(other)
        found = evidence((vectors, theirs), (text.features, other.features), like, self._weights)
        return _Candidate(other, theirs, like, found)

    def _wholly(self, text: Text, vectors: Vectors, best: _Candidate) -> _Candidate:
        """Both read on, where there is more than their leads."""
        unspaced = text.features.unspaced
        mine = encoded(self._encoder, text.sentences, unspaced, vectors)
        theirs = encoded(self._encoder, best.text.sentences, unspaced, best.vectors)
        if len(theirs.lengths) > len(best.vectors.lengths):
            self.keep(best.text, theirs)
        elif len(mine.lengths) == len(vectors.lengths):
            return best
        texts = text.features, best.text.features
        found = evidence((mine, theirs), texts, best.like, self._weights)
        return _Candidate(best.text, theirs, best.like, found)

    def _vectors_of(self, text: Text) -> Vectors:
        """As kept; encoded anew where its text is another by now."""
        kept = self._codes.get(text.uid)
        if kept is not None and kept.check == _check(text):
            vectors = unpacked(kept.packed, text.sentences, text.features.unspaced)
            if vectors is not None:
                return vectors
        vectors = encoded(self._encoder, text.sentences, text.features.unspaced)
        self.keep(text, vectors)
        return vectors


def _kept(text: Text, vectors: Vectors) -> Kept:
    return Kept(_check(text), vectors.code, vectors.packed())


def _check(text: Text) -> int:
    return crc32("\n".join(text.sentences).encode("utf-8", "surrogatepass"))
