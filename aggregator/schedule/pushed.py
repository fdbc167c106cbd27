"""What a push changes of a source's record: its rhythm, and at a mere ping its next poll. Nothing that a poll knows."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.schedule import rhythm
from aggregator.schedule.outcome import Outcome, Policy
from aggregator.schedule.rule import decide
from storage.model import SourceRecord

PINGED = "pinged by its hub"
#: Between a poll and the one that a ping asks for.
PING_SPACING = timedelta(seconds=10)


def after_push(record: SourceRecord, outcome: Outcome, now: datetime) -> SourceRecord:
    """The record when a pushed document was taken in; what was none ("failed") is a ping: the source is polled soon."""
    if not outcome.succeeded:
        return _pinged(record, now)
    if not outcome.new:
        return record
    learnt = rhythm.from_memory(record.memory).learnt(outcome, now)
    return replace(record, memory={**record.memory, "rhythm": rhythm.to_memory(learnt)})


def back_to_polling(record: SourceRecord, policy: Policy, now: datetime, rng: random.Random) -> SourceRecord:
    """The record of a source whose hub is not relied on any more: due as if it never had been, never later than before.

    Where that moment has passed it is spread over one interval, for other sources have the same hub.
    """
    alone = replace(policy, pushed=False)
    at, reason = decide(record, Outcome(kind="not_modified"), alone, record.last_poll or now, rng)
    if at <= now:
        at = now + policy.base * rng.random()
    at = max(at, record.hold_until or at)
    if record.failures or at >= record.next_poll:
        return record
    return replace(record, next_poll=at, next_poll_reason=f"{reason}; its hub pushes no more")


def _pinged(record: SourceRecord, now: datetime) -> SourceRecord:
    spaced = record.last_poll + PING_SPACING if record.last_poll else now
    at = max(now, spaced, record.hold_until or now)
    return record if at >= record.next_poll else replace(record, next_poll=at, next_poll_reason=PINGED)
