"""The last polls of a source, kept on its record as one short text: for people to look at, never to decide by.

A poll is nine characters: when (4), how it ended (1), HTTP status (2), how long the answer took (1), new articles (1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.schedule.outcome import Outcome

#: Under this key of a record's memory it stands.
HISTORY = "polls"
KEPT = 48

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_SIZE = 9
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_EPOCH_SECONDS = int(_EPOCH.timestamp())
_MINUTE, _MILLISECOND = timedelta(minutes=1), timedelta(milliseconds=1)
_LATEST, _HIGHEST = 64**4 - 1, 64**2 - 1
_KINDS = {"taken": "t", "unchanged": "u", "not_modified": "n", "limited": "l", "gone": "g", "failed": "f"}
_LETTERS = {letter: kind for kind, letter in _KINDS.items()}
#: Steps of an octave: times are kept to a tenth, up to more than a minute and a half.
_TIME_STEPS = 3.75
#: So many new articles are counted exactly; more, up to eight thousand, to a tenth.
_EXACT, _COUNT_STEPS = 31, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One poll that was."""

    at: datetime  #: to the minute
    kind: str  #: as ``Outcome.kind``
    status: int | None
    ms: int  #: until the answer was there; 0 without one
    new: int  #: articles that were not known before

    @property
    def failed(self) -> bool:
        return self.kind in ("failed", "limited", "gone")


def with_poll(memory: Mapping[str, Any], outcome: Outcome, now: datetime) -> str:
    """The history with this poll at its end."""
    known = memory.get(HISTORY)
    before = known if isinstance(known, str) else ""
    return before[-(KEPT - 1) * _SIZE :] + _written(outcome, now)


def history(memory: Mapping[str, Any]) -> list[Past]:
    """The polls that are remembered, the oldest first; what cannot be read is left out."""
    text = memory.get(HISTORY)
    if not isinstance(text, str):
        return []
    pieces = (text[at : at + _SIZE] for at in range(0, len(text), _SIZE))
    return [past for piece in pieces if (past := _read(piece)) is not None]


def _written(outcome: Outcome, now: datetime) -> str:
    # Spelled out: every poll comes by here, a 304 too.
    minutes = min(max(int(now.timestamp()) - _EPOCH_SECONDS, 0) // 60, _LATEST)
    status = min(outcome.status or 0, _HIGHEST)
    return (
        f"{_DIGITS[minutes >> 18]}{_DIGITS[minutes >> 12 & 63]}{_DIGITS[minutes >> 6 & 63]}{_DIGITS[minutes & 63]}"
        f"{_KINDS[outcome.kind]}{_DIGITS[status >> 6]}{_DIGITS[status & 63]}"
        f"{_DIGITS[_steps(outcome) if outcome.status else 0]}{_DIGITS[_count(outcome.new)]}"
    )


def _read(piece: str) -> Past | None:
    try:
        status, steps, count = _value(piece[5:7]), _value(piece[7]), _value(piece[8])
        return Past(
            at=_EPOCH + _value(piece[:4]) * _MINUTE,
            kind=_LETTERS[piece[4]],
            status=status or None,
            ms=round(2 ** ((steps - 1) / _TIME_STEPS)) if steps else 0,
            new=count if count <= _EXACT else round(_EXACT * 2 ** ((count - _EXACT) / _COUNT_STEPS)),
        )
    except (KeyError, IndexError):
        return None


def _steps(outcome: Outcome) -> int:
    """How long the answer took; never 0, which is no answer."""
    ms = outcome.elapsed / _MILLISECOND
    return min(round(_TIME_STEPS * math.log2(ms)) + 1, 63) if ms > 1 else 1


def _count(new: int) -> int:
    return new if new <= _EXACT else min(_EXACT + round(_COUNT_STEPS * math.log2(new / _EXACT)), 63)


def _value(digits: str) -> int:
    value = 0
    for digit in digits:
        value = value << 6 | _VALUES[digit]
    return value
