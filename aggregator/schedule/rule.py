"""The rule: when a source is asked next, given the record that knows of the last poll already."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.config.durations import format_duration
from aggregator.schedule import backoff, hints, rhythm
from aggregator.schedule.outcome import Outcome, Policy
from storage.model import Health, SourceRecord

AT_ONCE = 100  #: new sources that are asked in one moment
#: Of more than these, so many a second, unless that took longer than this.
STARTS_A_SECOND, START = 40, timedelta(seconds=30)
#: Over which sources that start together are drawn apart after their first poll.
SPREAD = timedelta(minutes=15)
SPREAD_FROM = timedelta(minutes=1)  #: shorter waits go apart by their jitter soon enough
PUSHED_FACTOR, PUSHED_LONGEST = 8, timedelta(hours=24)
PUSHED = "push: polled for safety only"
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
        wait, reason = _after_success(record, outcome, policy, now, rng)
    else:
        usual = _healthy_wait(record, outcome, policy, now)
        wait, reason = backoff.wait_after_failure(record, outcome, policy, now, rng, usual)
    at = now + wait
    if record.hold_until is not None and at < record.hold_until:
        at, reason = record.hold_until, f"retry-after {round((record.hold_until - now).total_seconds())}"
    at, skipped = hints.allowed(at, record.memory, policy, rng)
    if at > now + backoff.FURTHEST:
        return now + backoff.FURTHEST, f"{reason}, capped at {format_duration(backoff.FURTHEST)}"
    return max(at, now + SOONEST), skipped or reason


def brought_forward(
    record: SourceRecord, policy: Policy, now: datetime, rng: random.Random
) -> tuple[datetime, str] | None:
    """The next poll of a source that waits longer than its configuration would have it by now; None where it does not.

    Only what was reckoned by an interval, or a hint that is to be ignored now, is reckoned anew.
    """
    last, held = record.last_poll, record.hold_until is not None and record.hold_until > now
    if last is None or held or record.health is not Health.OK or record.next_poll_reason.startswith(PUSHED):
        return None
    own = policy.longest if policy.interval.adaptive else policy.base
    usual = max(own, hints.floor(record.memory, policy)[0]) + (SPREAD if record.polls == 1 else SOONEST)
    if record.next_poll <= last + usual * (1 + policy.jitter):
        return None
    at, reason = decide(record, Outcome(kind="not_modified"), policy, last, rng)
    if at <= now:  # as it may be with many
        at = now + min(policy.base, SPREAD) * rng.random()
    return (at, reason) if at < record.next_poll else None


def first_polls(policies: Sequence[Policy]) -> list[timedelta]:
    """How long each of these new sources waits for its first poll.

    A few dozen are asked at once; more of them one after the other, within half a minute and within their interval.
    """
    many = len(policies)
    whole = min(many / STARTS_A_SECOND * timedelta(seconds=1), START) if many > AT_ONCE else timedelta()
    return [min(whole, policy.base) * (place / many) for place, policy in enumerate(policies)]


def _after_success(
    record: SourceRecord, outcome: Outcome, policy: Policy, now: datetime, rng: random.Random
) -> tuple[timedelta, str]:
    wait, reason = _own_wait(record, outcome, policy, now)
    # Many sources may have begun in one second: from here on they go apart.
    if record.polls == 1 and policy.jitter and wait >= SPREAD_FROM:
        wait = _drawn_apart(wait, policy, rng)
        reason += ", spread after the first poll"
    floor, hint = hints.floor(record.memory, policy)
    if floor > wait:
        wait, reason = floor, hint
    return wait + wait * policy.jitter * rng.random(), reason


def _healthy_wait(record: SourceRecord, outcome: Outcome, policy: Policy, now: datetime) -> timedelta:
    """How long we would have waited if the poll had brought nothing new."""
    return max(_own_wait(record, outcome, policy, now)[0], hints.floor(record.memory, policy)[0])


def _drawn_apart(wait: timedelta, policy: Policy, rng: random.Random) -> timedelta:
    """Longer by up to ``SPREAD``; what has been fitted to the source's rhythm is shorter, for it may miss something."""
    if policy.interval.adaptive:
        return max(wait - min(wait / 2, SPREAD) * rng.random(), min(wait, policy.interval.min))
    return wait + min(wait, SPREAD) * rng.random()


def _own_wait(record: SourceRecord, outcome: Outcome, policy: Policy, now: datetime) -> tuple[timedelta, str]:
    """What we would do of ourselves, before any hint."""
    wait, reason = policy.base, f"interval {format_duration(policy.base)}"
    if policy.interval.adaptive:
        learnt = rhythm.from_memory(record.memory)
        whole = replace(outcome, feed_length=whole_length(record))
        wait, reason = rhythm.adaptive_wait(
            learnt, whole, policy, now, has_validators=bool(record.validators)
        )
    if policy.pushed:
        return max(wait, min(wait * PUSHED_FACTOR, PUSHED_LONGEST)), PUSHED
    return wait, reason


def whole_length(record: SourceRecord) -> int | None:
    """Items in the source's document, as it last came whole."""
    length = record.memory.get(LENGTH)
    return length if isinstance(length, int) and length > 0 else None
