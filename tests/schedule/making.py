"""Records, outcomes and policies of the schedule's tests."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.config.model import Interval
from aggregator.schedule import Outcome, Policy, after_poll
from storage.model import SourceRecord, Validators

NOW = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)  # a Wednesday
A, B = "https://a.example/feed", "https://b.example/feed"

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def record(**changes: Any) -> SourceRecord:
    """A source that was polled before."""
    given: dict[str, Any] = {
        "id": "a",
        "configured_url": A,
        "url": A,
        "next_poll": NOW,
        "polls": 7,
        **changes,
    }
    return SourceRecord(**given)


def plain(minutes: float = 15, **changes: Any) -> Policy:
    """A fixed interval without jitter."""
    interval = Interval(base=MINUTE * minutes, min=MINUTE * minutes, max=max(DAY, MINUTE * minutes))
    return Policy(**{"interval": interval, "jitter": 0.0, **changes})


def adaptive(minutes: float = 15, **changes: Any) -> Policy:
    interval = Interval(base=MINUTE * minutes, adaptive=True)
    return Policy(**{"interval": interval, "jitter": 0.0, **changes})


def taken(**changes: Any) -> Outcome:
    return Outcome(**{"kind": "taken", "status": 200, **changes})


def not_modified(**changes: Any) -> Outcome:
    return Outcome(**{"kind": "not_modified", "status": 304, **changes})


def unchanged(**changes: Any) -> Outcome:
    return Outcome(**{"kind": "unchanged", "status": 200, **changes})


def failed(status: int | None = 500, **changes: Any) -> Outcome:
    return Outcome(**{"kind": "failed", "status": status, "error": "it broke", **changes})


def limited(status: int = 429, headers: Mapping[str, str] | None = None) -> Outcome:
    return Outcome(kind="limited", status=status, error="too many requests", headers=headers or {})


def gone() -> Outcome:
    return Outcome(kind="gone", status=410, error="gone")


def rng() -> random.Random:
    return random.Random(7)


def polled(
    before: SourceRecord, *outcomes: Outcome, policy: Policy | None = None, start: datetime = NOW
) -> SourceRecord:
    """The record after these polls, each made when it was due."""
    at, drawn = start, rng()
    for outcome in outcomes:
        before = after_poll(before, outcome, policy or plain(), at, drawn)
        at = before.next_poll
    return before


def wait(after: SourceRecord) -> timedelta:
    """From the last poll to the next."""
    assert after.last_poll is not None
    return after.next_poll - after.last_poll


def validators(etag: bytes | None = None, last_modified: bytes | None = None) -> Validators:
    return Validators(etag=etag, last_modified=last_modified)
