"""Durations as feeds.yaml writes them: ``90s``, ``15m``, ``6h``, ``7d``, ``2w``, ``1h30m``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhdw])", re.IGNORECASE)
#: A hundred years: reckoned from any date of news, it ends within the calendar that ``datetime`` knows.
LONGEST = timedelta(days=36_500)
PATTERN = r"^\s*(\d+(\.\d+)?\s*(ms|[smhdw])\s*)+$|^0$"


def parse_duration(text: str) -> timedelta:
    """Read a duration. Raises ValueError with the accepted forms; a bare number, or over a century, is refused."""
    if text.strip() == "0":
        return timedelta()
    if not re.match(PATTERN, text, re.IGNORECASE):
        raise ValueError(f"{text!r} is no duration; write a number and a unit, as 90s, 15m, 6h, 7d or 1h30m")
    seconds = sum(float(n) * _UNITS[unit.lower()] for n, unit in _PART.findall(text))
    if seconds > LONGEST.total_seconds():
        raise ValueError(
            f"{text!r} is longer than {LONGEST.days}d, a hundred years; write {LONGEST.days}d or less"
        )
    return timedelta(seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """The shortest form that ``parse_duration`` reads back to the same value, to the millisecond."""
    left = round(duration.total_seconds() * 1000)
    parts = []
    for unit, seconds in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1), ("ms", 0.001)):
        count, left = divmod(left, round(seconds * 1000))
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0"


def _coerce(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str) else value


Duration = Annotated[
    timedelta,
    BeforeValidator(_coerce),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["15m", "6h", "7d"]}),
]
