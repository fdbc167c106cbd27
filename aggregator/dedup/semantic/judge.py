"""Whether one article is a rewrite of the other: guards first, then one weighed sum of what speaks for it.

The weights are a table, so that each decision can be taken apart. They are fitted on rewrites and look-alikes by
``tests/benchmarks/rewrites_fit.py``, which also says what they are worth on stories they were not fitted on.
"""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.dedup.features import Features
from aggregator.dedup.likeness import Likeness, guarded
from aggregator.dedup.semantic.likeness import Evidence


@dataclass(frozen=True, slots=True)
class Weight:
    """What one kind of evidence counts."""

    name: str  #: of a field of ``Evidence``
    weight: float
    words: str


#: An alignment that others explain (a register in which all sentences are alike) counts against a rewrite.
WEIGHTS = (
    Weight("mutual", 20.7, "sentences that are each other's best match"),
    Weight("standing_out", 39.8, "best matches stand out"),
    Weight("alignment", -30.9, "sentences alike in any case"),
    Weight("document", 17.6, "articles alike as wholes"),
    Weight("terms", -7.8, "rare words in common"),
    Weight("numbers", 5.8, "numbers in common"),
    Weight("ratio", -4.7, "lengths alike"),
)
NAMES = tuple(row.name for row in WEIGHTS)
BIAS = -20.4
#: Of stories unseen in fitting the best look-alike has 0.7, the worst rewrite 3.1: nearer to the rewrites, for a
#: false merge hides an article. In one source, which hardly rewrites itself, more is asked for.
MERGED, MERGED_IN_SOURCE = 2.2, 4.2
#: Where so much is word for word the same, the clauses for that have decided.
MOST_CONTAINED = 0.30
#: A rewrite has about the length of its original; a summary of it is another matter.
LEAST_RATIO = 0.4
#: Shorter articles have too few sentences to be told by these: of scripts without spaces, and with.
LEAST_LENGTH = {True: 120, False: 300}
LEAST_SENTENCES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one kind of evidence adds to a decision."""

    words: str
    value: float
    weight: float

    @property
    def share(self) -> float:
        return self.value * self.weight


def is_long_enough(features: Features, sentences: int) -> bool:
    return sentences >= LEAST_SENTENCES and features.length >= LEAST_LENGTH[features.unspaced]


def considered(like: Likeness) -> bool:
    """Whether meaning is asked at all: not of templates with other numbers, nor of what is hardly rewritten."""
    return not guarded(like) and like.contained < MOST_CONTAINED and like.ratio >= LEAST_RATIO


def score(found: Evidence) -> float:
    """The logarithm of the odds that it is a rewrite."""
    return BIAS + sum(row.weight * found[row.name] for row in WEIGHTS)


def least_score(same_source: bool) -> float:
    return MERGED_IN_SOURCE if same_source else MERGED


def parts(found: Evidence) -> list[Part]:
    """The decision taken apart, what weighs most first."""
    rows = [Part(words=row.words, value=found[row.name], weight=row.weight) for row in WEIGHTS]
    return sorted(rows, key=lambda part: -abs(part.share))


def clause(found: Evidence, like: Likeness) -> str:
    numbers = f", numbers {like.common_numbers}/{like.fewer_numbers}" if like.fewer_numbers else ""
    return f"rewritten: {found.mutual:.0%} of the sentences are each other's best match{numbers}"
