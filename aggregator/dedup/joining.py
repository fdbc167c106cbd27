"""Which story an article belongs to that is like several, and which of these are one by that.

An excerpt and a summary of one text may have nothing in common; when the text itself arrives it holds both, and they
are one story. A digest holds many, too, and they are none: so the parts must bear on each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aggregator.dedup.likeness import Likeness, Weights, differing
from aggregator.dedup.texts import Text
from aggregator.dedup.titles import is_serial

#: A text that has not so much of the other's length is a part of it.
MUTUAL = 0.6
#: Two parts of one text share so much of the shorter one, or are as much about the same.
OVERLAP, ABOUT_THE_SAME = 0.15, 0.15
#: A digest has less than this of the story that is most of it.
MOST_OF_DIGEST = 0.5

Reach = Literal["whole", "part", "mutual"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A known text that the incoming one is a copy of, taken by itself."""

    known: Text
    like: Likeness
    similarity: float
    clause: str
    reach: Reach  #: what the known text is beside the incoming one


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What the ties come to."""

    tie: Tie  #: the strongest
    group: tuple[Tie, ...]  #: all that are one story with it
    digest: bool = False  #: the incoming text collects several stories, and is a copy of none


def reach_of(known: Text, text: Text) -> Reach:
    if known.features.length < MUTUAL * text.features.length:
        return "part"
    return "whole" if text.features.length < MUTUAL * known.features.length else "mutual"


def settled(text: Text, ties: Sequence[Tie], weights: Weights) -> Settled:
    """``ties`` are one at least."""
    ordered = sorted(ties, key=_strength, reverse=True)
    tie = ordered[0]
    group = [one for one in ordered if one.known.story == tie.known.story]
    left = [one for one in ordered if one.known.story != tie.known.story and one.reach != "whole"]
    if tie.reach != "whole":
        while more := [
            one for one in left if any(_bear_on_each_other(one, other, weights) for other in group)
        ]:
            group += more
            left = [one for one in left if one not in more]
    covered = max(one.known.features.length for one in group) / (text.features.length or 1)
    digest = tie.reach == "part" and covered < MOST_OF_DIGEST and any(one.reach == "part" for one in left)
    return Settled(tie=tie, group=tuple(group), digest=digest)


def _strength(tie: Tie) -> tuple[int, float, float, str]:
    """What is about as long as the text says more than a part of it, and that more than what it is a part of."""
    rank = {"mutual": 2, "part": 1, "whole": 0}[tie.reach]
    return rank, tie.similarity, -tie.known.begun.timestamp(), tie.known.uid


def _bear_on_each_other(one: Tie, other: Tie, weights: Weights) -> bool:
    if one.known.story == other.known.story:
        return True
    if is_serial(one.known.title, other.known.title) or not one.known.meets(other.known):
        return False
    like = Likeness(one.known.features, other.known.features, weights)
    if differing(like):
        return False
    if one.known.bare and one.known.bare == other.known.bare:
        return True
    return like.contained >= OVERLAP or like.cosine >= ABOUT_THE_SAME
