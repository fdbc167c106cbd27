"""What publishers ask: not sooner than max-age, ttl, sy:updatePeriod; not in skipHours, not on skipDays."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.config.durations import format_duration
from aggregator.item import Hints
from aggregator.schedule.freshness import LONGEST, freshness_by, says_freshness
from aggregator.schedule.outcome import Outcome, Policy

_HOUR = timedelta(hours=1)
#: What an answer's freshness goes by, and under which key it is kept.
_FRESH = {"max-age": "fresh", "expires": "expires"}


def remember_hints(memory: Mapping[str, Any], outcome: Outcome, now: datetime) -> dict[str, Any]:
    """Keep what the document and its answer said: a 304 brings no document, and often no Cache-Control."""
    if not outcome.succeeded:
        return dict(memory)
    hints = _to_memory(outcome.hints) if outcome.kind == "taken" else dict(_noted(memory))
    if outcome.partial:  # a part may leave out what the whole says
        hints = {**_noted(memory), **hints}
    if outcome.kind != "not_modified" or says_freshness(outcome.headers):
        by, lasting = freshness_by(outcome.headers, now)
        fresh = {_FRESH[by]: _as_seconds(lasting)}
    else:
        fresh = {key: _noted(memory).get(key, 0) for key in _FRESH.values()}
    kept = {key: value for key, value in hints.items() if value and key not in _FRESH.values()}
    kept |= {key: value for key, value in fresh.items() if value}
    others = {key: value for key, value in memory.items() if key != "hints"}
    return {**others, "hints": kept} if kept else others


def floor(memory: Mapping[str, Any], policy: Policy) -> tuple[timedelta, str]:
    """The longest wait any hint asks for and its name; zero without hints."""
    if policy.ignore_cache_hints:
        return timedelta(), ""
    noted = _noted(memory)
    asked = [(_seconds(noted.get(key)), key) for key in ("fresh", "expires", "ttl", "sy")]
    wait, key = max(asked, key=lambda pair: pair[0])
    reason = _reason(key, wait)
    if wait > policy.hint_cap:
        return policy.hint_cap, f"{reason}, capped at {format_duration(policy.hint_cap)}"
    return wait, reason


def allowed(
    at: datetime, memory: Mapping[str, Any], policy: Policy, rng: random.Random
) -> tuple[datetime, str]:
    """``at``, or a moment in the first hour after it that may be used; the reason is "" when unmoved."""
    noted = _noted(memory)
    hours, days = _numbers(noted.get("skip_hours"), 24), _numbers(noted.get("skip_days"), 7)
    if policy.ignore_cache_hints or not (hours or days):
        return at, ""
    start = at.astimezone(UTC)
    if not _skipped(start, hours, days):
        return at, ""
    hour = start.replace(minute=0, second=0, microsecond=0)
    while _skipped(hour, hours, days):  # ends within a week: neither set is complete
        hour += _HOUR
    return (
        hour + _HOUR * policy.jitter * rng.random(),
        "skip-days" if start.weekday() in days else "skip-hours",
    )


def _skipped(at: datetime, hours: frozenset[int], days: frozenset[int]) -> bool:
    return at.hour in hours or at.weekday() in days


def _reason(key: str, wait: timedelta) -> str:
    name = {"fresh": "max-age", "expires": "expires", "ttl": "ttl", "sy": "sy:updatePeriod"}[key]
    return f"{name} {format_duration(wait)}"


def _to_memory(hints: Hints) -> dict[str, Any]:
    noted = {
        "ttl": _as_seconds(hints.ttl),
        "sy": _as_seconds(hints.update_period),
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
    }
    return {key: value for key, value in noted.items() if value}


def _as_seconds(wait: timedelta | None) -> int:
    return 0 if wait is None else round(max(wait, timedelta()).total_seconds())


def _noted(memory: Mapping[str, Any]) -> Mapping[str, Any]:
    noted = memory.get("hints")
    return noted if isinstance(noted, Mapping) else {}


def _seconds(value: Any) -> timedelta:
    if not isinstance(value, int | float) or not value > 0:
        return timedelta()
    return timedelta(seconds=min(value, LONGEST.total_seconds()))


def _numbers(value: Any, count: int) -> frozenset[int]:
    """The hours or days listed; none when all are: a source that may never be asked cannot be meant."""
    listed = value if isinstance(value, list | tuple) else ()
    numbers = frozenset(n for n in listed if isinstance(n, int) and 0 <= n < count)
    return frozenset() if len(numbers) == count else numbers
