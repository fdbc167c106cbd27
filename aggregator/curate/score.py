"""How much an article weighs, in points that can be told apart: what ``sections[].min_score`` asks for. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage.model import Article

#: Points for further sources are not given beyond so many.
MOST_CARRIERS = 5
#: Characters of the body, and the points for having as many. A Chinese character says as much as two or three others,
#: so these are low marks for a Latin text and fair ones for a Chinese one.
LENGTHS = ((400, 1), (1500, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The points of an article, and what each of them is for."""

    points: int
    reasons: tuple[str, ...]  #: as "a picture +1"

    def __str__(self) -> str:
        return f"{self.points}: {', '.join(self.reasons) or 'nothing counts for it'}"


def score(article: Article, *, carriers: Collection[str], priority: int) -> Score:
    """``carriers`` are the ids of all sources that have the story, ``priority`` is that of its own."""
    further = min(len({*carriers, article.source}) - 1, MOST_CARRIERS)
    given = [
        (further, f"{further} further source{'s' if further != 1 else ''}"),
        (priority, "the priority of its source"),
        (int(article.image is not None), "a picture"),
        *((points, f"{least} characters") for least, points in LENGTHS if len(article.text) >= least),
    ]
    counted = [(points, reason) for points, reason in given if points]
    return Score(
        points=sum(points for points, _ in counted),
        reasons=tuple(f"{reason} {points:+d}" for points, reason in counted),
    )
