"""Everything of a source's record that a poll changes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from aggregator.schedule import backoff, hints, rhythm
from aggregator.schedule.history import HISTORY, with_poll
from aggregator.schedule.outcome import Outcome, Policy
from aggregator.schedule.redirects import follow_move, other_address, try_other
from aggregator.schedule.rule import LENGTH, decide, whole_length
from aggregator.schedule.validators import keep_validators
from storage.model import SourceRecord


def next_poll(
    record: SourceRecord, outcome: Outcome, policy: Policy, now: datetime, rng: random.Random
) -> tuple[datetime, str]:
    """When to ask next and why; ``record`` is the one from before the poll."""
    outcome = _heard(record, outcome)
    return decide(_settled(record, outcome, policy, now), outcome, policy, now, rng)


def after_poll(
    record: SourceRecord, outcome: Outcome, policy: Policy, now: datetime, rng: random.Random
) -> SourceRecord:
    """The record as the poll leaves it, the next poll included. ``articles`` is the store's to count."""
    outcome = _heard(record, outcome)
    settled = _settled(record, outcome, policy, now)
    at, reason = decide(settled, outcome, policy, now, rng)
    return replace(settled, next_poll=at, next_poll_reason=reason)


def share_of(record: SourceRecord, policy: Policy, now: datetime) -> rhythm.Share:
    """What an adaptive source will take of a budget of polls."""
    return rhythm.share(rhythm.from_memory(record.memory), policy, whole_length(record), now)


def put_off(record: SourceRecord, until: datetime, reason: str) -> SourceRecord:
    """The record not due before then, though it may be asked early. Never shortens anything."""
    return record if record.next_poll >= until else replace(record, next_poll=until, next_poll_reason=reason)


def _heard(record: SourceRecord, outcome: Outcome) -> Outcome:
    """A 410 is the end of a source only where there is no other address to try."""
    if outcome.kind == "gone" and other_address(record) is not None:
        return replace(outcome, kind="failed")
    return outcome


def _settled(record: SourceRecord, outcome: Outcome, policy: Policy, now: datetime) -> SourceRecord:
    """All but the next poll."""
    noted = _counted(record, outcome, now)
    noted = noted if outcome.kind != "taken" else _described(noted, outcome)
    noted = follow_move(keep_validators(noted, outcome, now), outcome, now)
    noted = try_other(noted, outcome)
    memory = backoff.remember_gone(hints.remember_hints(noted.memory, outcome, now), outcome, now)
    memory = remember_length(memory, outcome)
    memory["rhythm"] = rhythm.to_memory(rhythm.from_memory(memory).learnt(outcome, now))
    memory[HISTORY] = with_poll(memory, outcome, now)
    noted = replace(noted, memory=memory)
    health = backoff.health_after(noted, outcome, policy, now)
    return noted if health is noted.health else replace(noted, health=health)


def remember_length(memory: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """Keep how many items the whole document holds: neither a 304 nor a part of it says so."""
    if outcome.kind != "taken" or outcome.partial or not outcome.feed_length:
        return dict(memory)
    return {**memory, LENGTH: outcome.feed_length}


def _counted(record: SourceRecord, outcome: Outcome, now: datetime) -> SourceRecord:
    failed = not outcome.succeeded
    return replace(
        record,
        polls=record.polls + 1,
        not_modified=record.not_modified + (outcome.kind == "not_modified"),
        last_poll=now,
        last_status=outcome.status,
        last_success=record.last_success if failed else now,
        last_error=(outcome.error or _unnamed(outcome)) if failed else None,
        failures=record.failures + 1 if failed else 0,
        failing_since=(record.failing_since or now) if failed else None,
        hold_until=_hold(record, outcome, now),
    )


def _hold(record: SourceRecord, outcome: Outcome, now: datetime) -> datetime | None:
    """The later of the wait just asked for and one still running; bounded, for clocks are set back."""
    asked = backoff.asked_wait(outcome, now)
    ends = [until for until in (record.hold_until, asked and now + asked) if until and until > now]
    return min(max(ends), now + backoff.RETRY_AFTER_CAP) if ends else None


def _described(record: SourceRecord, outcome: Outcome) -> SourceRecord:
    return replace(
        record,
        kind=outcome.kind_found or record.kind,
        title=outcome.title or record.title,
        # The bytes of a part are not those of the whole, which may come again as they were.
        body_hash=record.body_hash if outcome.partial else outcome.body_hash,
    )


def _unnamed(outcome: Outcome) -> str:
    return "no answer" if outcome.status is None else f"HTTP {outcome.status}"
