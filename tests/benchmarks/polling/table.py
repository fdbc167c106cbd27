"""The table: a measured value, what it should be, and the ratio of the two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measured value."""

    what: str
    value: float | None
    goal: float | None = None
    stretch: float | None = None
    floor: bool = False  #: the goal is a lower bound
    note: str = ""

    @classmethod
    def of(
        cls,
        what: str,
        value: float,
        *,
        goal: float | None = None,
        stretch: float | None = None,
        floor: bool = False,
        note: str = "",
    ) -> Line:
        return cls(what=what, value=value, goal=goal, stretch=stretch, floor=floor, note=note)

    @classmethod
    def left_out(cls, what: str, why: str) -> Line:
        return cls(what=what, value=None, note=f"left out: {why}")

    @property
    def ratio(self) -> float | None:
        """Of the goal; up to 1 is met, whichever way the goal points."""
        if self.value is None or self.goal is None:
            return None
        return self.goal / self.value if self.floor else self.value / self.goal


_FORM = "{:58} {:>9} {:>9} {:>7} {:>9}  {}"


def header() -> str:
    return _FORM.format("", "measured", "goal", "ratio", "stretch", "") + "\n" + "-" * 110


def row(line: Line) -> str:
    bound = "≥ " if line.floor else "≤ "
    return _FORM.format(
        line.what,
        _number(line.value),
        bound + _number(line.goal) if line.goal is not None else "",
        _number(line.ratio) + (" !" if (line.ratio or 0) > 1 else "  "),
        bound + _number(line.stretch) if line.stretch is not None else "",
        line.note,
    ).rstrip()


def missed(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if (line.ratio or 0) > 1]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
