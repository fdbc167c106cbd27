"""How alike in meaning two articles are, beside how alike in words: what the decision is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aggregator.dedup.features import Features
from aggregator.dedup.likeness import Likeness, Weights
from aggregator.dedup.semantic.vectors import Matrix, Vectors

#: Where one of the two has no numbers, nothing is known of them.
UNKNOWN_NUMBERS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Two articles held against each other; all between 0 and 1, or nearly."""

    mutual: float  #: share of the two texts in sentences that are each other's best match
    standing_out: (
        float  #: how far the best match of a sentence is above what any two of theirs have in common
    )
    alignment: float  #: cosine of a sentence with its best match, in the mean
    document: float  #: cosine of the articles as wholes
    terms: float  #: share of the terms of one that stand in the other; rare ones count more
    lacking: float  #: share of the repeated terms of one that the other lacks, where it is larger
    numbers: float  #: share of the numbers of one that stand in the other
    ratio: float  #: of the lengths

    def __getitem__(self, name: str) -> float:
        return float(getattr(self, name))


def evidence(
    pair: tuple[Vectors, Vectors], texts: tuple[Features, Features], like: Likeness, weights: Weights
) -> Evidence:
    one, other = pair
    cosines = one.rows @ other.rows.T
    unspaced = like.unspaced
    terms = [_weighed(text.terms, weights, unspaced) for text in texts]
    repeated = [
        {term: terms[at][term] for term, often in texts[at].terms.items() if often > 1} for at in (0, 1)
    ]
    return Evidence(
        mutual=_mutual(cosines, one, other),
        standing_out=_standing_out(cosines, one, other),
        alignment=float(cosines.max(axis=1).mean() + cosines.max(axis=0).mean()) / 2,
        document=float(one.document @ other.document),
        terms=max(_within(terms[0], terms[1]), _within(terms[1], terms[0])),
        lacking=1 - min(_within(repeated[0], terms[1]), _within(repeated[1], terms[0])),
        numbers=like.numbers if like.fewer_numbers else UNKNOWN_NUMBERS,
        ratio=like.ratio,
    )


def _mutual(cosines: Matrix, one: Vectors, other: Vectors) -> float:
    best, back = cosines.argmax(axis=1), cosines.argmax(axis=0)
    found = [(at, int(match)) for at, match in enumerate(best) if back[match] == at]
    characters = sum(one.lengths[at] + other.lengths[match] for at, match in found)
    return characters / (sum(one.lengths) + sum(other.lengths))


def _standing_out(cosines: Matrix, one: Vectors, other: Vectors) -> float:
    rows, columns = cosines.mean(axis=1, keepdims=True), cosines.mean(axis=0, keepdims=True)
    above = cosines - (rows + columns) / 2
    by_length = [np.array(text.lengths) / sum(text.lengths) for text in (one, other)]
    return float(above.max(axis=1) @ by_length[0] + above.max(axis=0) @ by_length[1]) / 2


def _weighed(terms: Mapping[int, float], weights: Weights, unspaced: bool) -> dict[int, float]:
    return {term: weights.of(term, unspaced) for term in terms}


def _within(terms: Mapping[int, float], other: Mapping[int, float]) -> float:
    """By weight; 1 where there are none."""
    whole = sum(terms.values())
    return sum(weight for term, weight in terms.items() if term in other) / whole if whole else 1.0
