"""A source's last polls as two small pictures, drawn as SVG within the page. Colours are the style's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from aggregator.schedule.history import KEPT, Past

STEP, HEIGHT = 4, 24
WIDTH = STEP * KEPT
_FOOT = HEIGHT - 4  #: below it a mark a poll says how it ended
#: Answers are drawn between 10 ms and 30 s, in the same places for all sources, so that rows can be compared.
_QUICKEST, _SLOWEST = 10, 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The last polls, summed up."""

    polls: int = 0
    failed: int = 0
    new: int = 0
    most: int = 0  #: new articles of one poll
    ms: int | None = None  #: the median answer; None where nothing answered


def recent(polls: Sequence[Past]) -> Recent:
    times = [past.ms for past in polls if past.ms]
    return Recent(
        polls=len(polls),
        failed=sum(past.failed for past in polls),
        new=sum(past.new for past in polls),
        most=max((past.new for past in polls), default=0),
        ms=round(median(times)) if times else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Paths of an SVG of ``WIDTH`` by ``HEIGHT``; "" draws nothing. The oldest poll stands at the left."""

    new: str  #: a bar for each poll that brought something
    well: str  #: a mark for each that ended well …
    ill: str  #: … or did not
    times: str  #: a line through the times of the answers


def chart(polls: Sequence[Past]) -> Chart:
    placed = [(STEP * place + STEP // 2, past) for place, past in enumerate(polls[-KEPT:])]
    most = max((past.new for past in polls), default=0)
    return Chart(
        new="".join(f"M{x} {_FOOT}V{_bar(past.new, most):g}" for x, past in placed if past.new),
        well="".join(f"M{x} {HEIGHT}v-2" for x, past in placed if not past.failed),
        ill="".join(f"M{x} {HEIGHT}v-4" for x, past in placed if past.failed),
        times=_line([(x, _height(past.ms)) for x, past in placed if past.ms]),
    )


def _bar(new: int, most: int) -> float:
    """The top of a bar; whatever was new can be seen."""
    return round(_FOOT - max(_FOOT * new / most, 2), 1)


def _height(ms: int) -> float:
    share = math.log(min(max(ms, _QUICKEST), _SLOWEST) / _QUICKEST) / math.log(_SLOWEST / _QUICKEST)
    return round(HEIGHT - 1 - (HEIGHT - 2) * share, 1)


def _line(points: Sequence[tuple[int, float]]) -> str:
    if len(points) == 1:
        x, y = points[0]
        return f"M{x - 1} {y:g}h2"
    return "".join(f"{'L' if place else 'M'}{x} {y:g}" for place, (x, y) in enumerate(points))
