"""The rule: when a source is asked next, given the record that knows of the last poll already."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.config.durations import format_duration
from aggregator.schedule import backoff, hints, rhythm
from aggregator.schedule.outcome import Outcome, Policy
from storage.model import Health, SourceRecord

SPREAD = timedelta(minutes=15)  #: over which sources that start together are drawn apart
PUSHED_FACTOR, PUSHED_LONGEST = 8, timedelta(hours=24)
#: Under this key a record remembers how many items the document holds when it comes whole.
LENGTH = "length"
SOONEST = timedelta(milliseconds=1)  #: the next poll lies in the future, whatever the configuration says


def decide(
    record: SourceRecord, outcome: Outcome, policy: Policy, now: datetime, rng: random.Random
) -> tuple[datetime, str]:
    """The next poll and what decided it: after ``now``, at most 30 days on, never inside a hold."""
    if record.health is Health.GONE:
        return now + backoff.FURTHEST, "gone"
    if outcome.succeeded:
        at, reason = _after_success(record, outcome, policy, now, rng)
    else:
        wait, reason = backoff.wait_after_failure(record, outcome, policy, now, rng)
        at = now + wait
    if record.hold_until is not None and at < record.hold_until:
        at, reason = record.hold_until, f"retry-after {round((record.hold_until - now).total_seconds())}"
    return min(max(at, now + SOONEST), now + backoff.FURTHEST), reason


def first_poll(policy: Policy, now: datetime, rng: random.Random) -> datetime:
    """A moment for the first poll of one source among many, for a caller that would not ask them all at once.

    New sources are due at once all the same: they go apart after their first poll.
    """
    return now + min(policy.base, SPREAD) * rng.random()


def _after_success(
    record: SourceRecord, outcome: Outcome, policy: Policy, now: datetime, rng: random.Random
) -> tuple[datetime, str]:
    wait, reason = _own_wait(record, outcome, policy, now)
    if record.polls == 1:  # many sources may have begun in one second: from here on they go apart
        wait += min(wait, SPREAD) * rng.random()
        reason += ", spread after the first poll"
    floor, hint = hints.floor(record.memory, policy)
    if floor > wait:
        wait, reason = floor, hint
    jittered = wait + wait * policy.jitter * rng.random()
    at, skipped = hints.allowed(now + jittered, record.memory, policy, rng)
    return at, skipped or reason


def _own_wait(record: SourceRecord, outcome: Outcome, policy: Policy, now: datetime) -> tuple[timedelta, str]:
    """What we would do of ourselves, before any hint."""
    wait, reason = policy.base, f"interval {format_duration(policy.base)}"
    if policy.interval.adaptive:
        learnt = rhythm.from_memory(record.memory)
        whole = replace(outcome, feed_length=_length(record))
        wait, reason = rhythm.adaptive_wait(
            learnt, whole, policy, now, has_validators=bool(record.validators)
        )
    if policy.pushed:
        return max(wait, min(wait * PUSHED_FACTOR, PUSHED_LONGEST)), "push: polled for safety only"
    return wait, reason


def _length(record: SourceRecord) -> int | None:
    length = record.memory.get(LENGTH)
    return length if isinstance(length, int) and length > 0 else None
