"""How alike two texts are, and the rules by which that makes the one a copy of the other.

The rules are tried in order; the guards before them. All figures are between 0 and 1 and concern the shorter text
where they concern one: a summary is a copy though it holds a tenth of the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from aggregator.dedup.features import LEAST, Features

#: Two about the same thing, though neither is a copy.
SAME_STORY = 0.30


@dataclass(frozen=True, slots=True)
class Weighed:
    """A text's terms with their weights (TF-IDF), and the length of the vector that these are."""

    terms: Mapping[int, float]
    length: float


class Weights(Protocol):
    """How much each term tells; rare ones more."""

    def of(self, term: int, unspaced: bool) -> float: ...

    def weighed(self, text: Features, unspaced: bool) -> Weighed: ...


class Likeness:
    """Two texts held against each other. What is not asked for is not worked out."""

    def __init__(self, one: Features, other: Features, weights: Weights) -> None:
        self._pair = (one, other) if one.length <= other.length else (other, one)
        self._weights = weights
        self.unspaced = one.unspaced and other.unspaced

    @property
    def shorter(self) -> int:
        """Characters."""
        return self._pair[0].length

    @property
    def ratio(self) -> float:
        """Of the lengths."""
        return self._pair[0].length / (self._pair[1].length or 1)

    @cached_property
    def contained(self) -> float:
        """The share of the runs of the shorter one that stand in the other."""
        few, many = (text.runs for text in self._pair)
        return len(few & many) / len(few) if few else 0.0

    def own(self, passage: int) -> float:
        """The share of passages that the other text has nothing of, in the text that has fewer of them."""
        one, other = self._pair
        return min(_own(one, other, passage), _own(other, one, passage))

    @cached_property
    def cosine(self) -> float:
        """Of the terms, weighted."""
        one, other = (self._weights.weighed(text, self.unspaced) for text in self._pair)
        common = one.terms.keys() & other.terms.keys()
        product = sum(one.terms[term] * other.terms[term] for term in common)
        return product / (one.length * other.length) if one.length and other.length else 0.0

    @property
    def fewer_numbers(self) -> int:
        """Of different ones, in the text that has fewer of them."""
        return min(len(text.numbers) for text in self._pair)

    @property
    def common_numbers(self) -> int:
        return len(self._pair[0].numbers & self._pair[1].numbers)

    @property
    def numbers(self) -> float:
        """The share of common ones; 1 where one text has none."""
        return self.common_numbers / self.fewer_numbers if self.fewer_numbers else 1.0

    @cached_property
    def occurring(self) -> float:
        """The share of common numbers where each counts as often as it stands in another place; 1 without any."""
        one, other = (
            Counter(number for found in text.slots.values() for number in found) for text in self._pair
        )
        fewer = min(one.total(), other.total())
        return (one & other).total() / fewer if fewer else 1.0

    @cached_property
    def slots(self) -> tuple[int, int]:
        """Numbers that stand in the same place in both, equal ones and others together; and the others."""
        one, other = (text.slots for text in self._pair)
        same = differ = 0
        for slot in one.keys() & other.keys():
            same += len(one[slot] & other[slot])
            differ += min(len(one[slot] - other[slot]), len(other[slot] - one[slot]))
        return same + differ, differ


def _own(text: Features, other: Features, passage: int) -> float:
    found = alone = 0
    sequence = text.sequence
    for run in (*sequence, None):
        if run is not None and run not in other.runs:
            alone += 1
            continue
        found += alone if alone >= passage else 0
        alone = 0
    return found / (len(sequence) or 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What counts as enough, for one kind of script."""

    contained: float  #: alone
    mixed: float  #: contained, where either text has whole passages of its own
    reworded: float  #: contained, where the differences are spread over both
    cosine: float  #: asked for with these two
    passage: int  #: so many runs in a row that the other text has none of
    brief: int  #: characters of a report that consists of little but its numbers
    rewritten: tuple[tuple[int, float], ...]  #: so many common numbers, and the cosine asked for with them


#: By characters; chance makes few runs of four characters equal, and few of three words.
CHARACTER_LIMITS = Limits(
    contained=0.70,
    mixed=0.58,
    reworded=0.42,
    cosine=0.42,
    passage=30,
    brief=150,
    rewritten=((10, 0.12), (5, 0.42)),
)
WORD_LIMITS = Limits(
    contained=0.70,
    mixed=0.70,
    reworded=0.44,
    cosine=0.58,
    passage=20,
    brief=300,
    rewritten=((10, 0.30), (5, 0.45)),
)
#: A follow-up repeats some of the first report word for word, and has passages of its own; so has the first.
MOST_OWN = 0.05
#: So much of a text is word for word another's, and so much has nothing of it: it quotes the other.
QUOTED = 0.15


#: The threshold under which the limits were measured.
THRESHOLD = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is asked of a copy."""

    characters: Limits = CHARACTER_LIMITS
    words: Limits = WORD_LIMITS
    least: int = LEAST  #: characters; the bodies of shorter texts tell nothing

    def limits_for(self, like: Likeness) -> Limits:
        return self.characters if like.unspaced else self.words

    @classmethod
    def at(cls, threshold: float, least: int) -> Rules:
        """The measured ones at ``THRESHOLD``; at 1 only what stands in the other text as a whole is a copy."""
        return cls(
            characters=_shifted(CHARACTER_LIMITS, threshold),
            words=_shifted(WORD_LIMITS, threshold),
            least=max(least, LEAST),
        )


def _shifted(limits: Limits, threshold: float) -> Limits:
    def shifted(limit: float) -> float:
        if threshold <= THRESHOLD:
            return limit * threshold / THRESHOLD
        return 1 - (1 - limit) * (1 - threshold) / (1 - THRESHOLD)

    return replace(
        limits,
        contained=shifted(limits.contained),
        mixed=shifted(limits.mixed),
        reworded=shifted(limits.reworded),
        cosine=shifted(limits.cosine),
        rewritten=tuple((count, shifted(cosine)) for count, cosine in limits.rewritten),
    )


MEASURED = Rules()


def _other_numbers(like: Likeness, limits: Limits) -> bool:
    """A report in the same words on another day: draws, rates, forecasts."""
    return like.fewer_numbers >= 3 and min(like.numbers, like.occurring) < 0.65


def _other_numbers_in_place(like: Likeness, limits: Limits) -> bool:
    """The same, where dates and small numbers are equal by chance."""
    common, differ = like.slots
    # In a rewrite of every sentence places are the same by chance only, and all its numbers are there.
    rewritten = like.contained < 0.2 and like.numbers >= 0.9
    # Neither do they agree where the sentences of a long text are in another order, with all its many numbers.
    shuffled = like.shorter >= 3 * limits.brief and like.fewer_numbers >= 6 and like.numbers >= 0.9
    return not (rewritten or shuffled) and differ >= 2 and differ >= 0.3 * common


def _other_number_of_few(like: Likeness, limits: Limits) -> bool:
    """The same, in a report so short that one number is a good part of what it says."""
    common, differ = like.slots
    brief = like.shorter < limits.brief and like.ratio >= 0.6  # else it is the summary of a longer one
    return brief and differ >= 1 and differ >= 0.25 * common


#: Each of these says that two texts are no copies, however alike.
GUARDS: tuple[Callable[[Likeness, Limits], bool], ...] = (
    _other_numbers,
    _other_numbers_in_place,
    _other_number_of_few,
)


def _contains(like: Likeness, limits: Limits) -> tuple[float, str] | None:
    if like.contained < limits.contained:
        return None
    return like.contained, f"contains {like.contained:.2f} of the shorter text"


def _reworded(like: Likeness, limits: Limits) -> tuple[float, str] | None:
    if like.contained < limits.reworded or like.numbers < 0.8 or like.ratio < 0.5:
        return None
    if like.contained < limits.mixed and like.own(limits.passage) > MOST_OWN:
        return None
    if like.cosine < limits.cosine:
        return None
    alike = f"terms {like.cosine:.2f} alike, {like.contained:.2f} contained"
    return like.cosine, f"reworded: {alike}{_numbers(like)}"


def _rewritten(like: Likeness, limits: Limits) -> tuple[float, str] | None:
    # Where more is word for word the same, the clause before this one has decided.
    if like.contained >= limits.reworded or like.shorter < 60:
        return None
    if like.numbers < 0.9 or like.ratio < 0.5:
        return None
    # Who quotes a part of a report, with all its numbers, and goes on to something else, has not rewritten it.
    if like.contained >= QUOTED and like.own(limits.passage) > QUOTED:
        return None
    # The more numbers are the same, the less can the words be so by chance.
    least = next((cosine for count, cosine in limits.rewritten if like.common_numbers >= count), None)
    if least is None or like.cosine < least:
        return None
    return like.cosine, f"rewritten: terms {like.cosine:.2f} alike{_numbers(like)}"


def _numbers(like: Likeness) -> str:
    return f", numbers {like.common_numbers}/{like.fewer_numbers}" if like.fewer_numbers else ""


#: Similarity and clause, or None. The first that fires decides.
CLAUSES: tuple[Callable[[Likeness, Limits], tuple[float, str] | None], ...] = (
    _contains,
    _reworded,
    _rewritten,
)


def guarded(like: Likeness, rules: Rules = MEASURED) -> bool:
    """Whether they are two articles for certain, or too short to tell."""
    limits = rules.limits_for(like)
    return like.shorter < rules.least or any(guard(like, limits) for guard in GUARDS)


def copied(like: Likeness, rules: Rules = MEASURED) -> tuple[float, str] | None:
    """By which clause the one is a copy of the other, and how alike they are."""
    if guarded(like, rules):
        return None
    limits = rules.limits_for(like)
    return next((found for clause in CLAUSES if (found := clause(like, limits))), None)


def differing(like: Likeness) -> bool:
    """Whether they are reports of one kind about two things: other numbers in the same places.

    That they have other numbers says nothing: so have two parts of one text.
    """
    limits = MEASURED.limits_for(like)
    return _other_numbers_in_place(like, limits) or _other_number_of_few(like, limits)
