"""What the store keeps in English, told in Chinese: why a source is asked then, and what was wrong.

The store keeps sentences, for logs, commands and JSON; ``chinese.txt`` has those that people are shown. What it does
not know stays as it is: a message in English is of more use than none.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

_UNITS = {"d": "天", "h": "小时", "m": "分钟", "s": "秒", "ms": "毫秒"}
_CALENDAR = {"day": "天", "week": "周", "month": "月"}
_PART = re.compile(r"(\d+)(ms|[dhms])")
#: What may stand in a place of this name; in others anything.
_FORMS = {
    "span": r"(?:\d+(?:ms|[dhms]))+|0",
    "n": r"[\d.]+",
    "times": r"\d+",
    "unit": "|".join(_CALENDAR),
}
_PLACE = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=4096)
def in_chinese(text: str) -> str:
    """The sentence in Chinese, or as it is where no line knows it."""
    for pattern, chinese in _lines():
        if found := pattern.fullmatch(text):
            said = {name: _said(name, value) for name, value in found.groupdict().items()}
            return "".join(said[piece] if place % 2 else piece for place, piece in enumerate(chinese))
    return text


@cache
def _lines() -> list[tuple[re.Pattern[str], list[str]]]:
    """Patterns, and the pieces of what stands for them: text, name, text, name, …"""
    table = (files("aggregator.serve") / "chinese.txt").read_text("utf-8").splitlines()
    lines = [line for line in table if line and not line.startswith("#")]
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return [
        (re.compile(_pattern(english), re.DOTALL), _PLACE.split(chinese.strip()))
        for english, chinese in pairs
    ]


def _pattern(english: str) -> str:
    return "".join(
        f"(?P<{piece}>{_FORMS.get(piece, '.+?')})" if place % 2 else re.escape(piece)
        for place, piece in enumerate(_PLACE.split(english))
    )


def _said(name: str, value: str) -> str:
    if name == "told":
        return in_chinese(value)
    if name == "span":
        return _span(value)
    return _CALENDAR.get(value, value) if name == "unit" else value


def _span(text: str) -> str:
    return " ".join(f"{count} {_UNITS[unit]}" for count, unit in _PART.findall(text)) or "0 秒"
