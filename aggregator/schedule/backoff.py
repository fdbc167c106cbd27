"""How long to wait after a poll that failed, and what that makes of the source's health."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aggregator.config.durations import format_duration
from aggregator.schedule.freshness import retry_after
from aggregator.schedule.outcome import Outcome, Policy
from storage.model import Health, SourceRecord

#: Or the interval where that is shorter: doubled at each failure, the first included.
FIRST = timedelta(minutes=5)
SWAY = 2.5  #: times the jitter: by such a share a back-off may be shorter or longer
MOST_SWAY = 0.25
#: A site in trouble is not asked oftener than in health; but news that was missed is looked for within this.
PATIENCE = timedelta(hours=1)
CAP = timedelta(hours=24)
CHRONIC_FAILURES, CHRONIC_AFTER = 10, timedelta(days=3)  #: both: from then on daily
DEAD_AFTER, DEAD_INTERVAL = timedelta(days=30), timedelta(days=7)
LIMITED_FIRST = timedelta(hours=1)  #: 429 that does not say for how long
RETRY_AFTER_CAP = timedelta(days=30)
GONE_AFTER = timedelta(hours=24)  #: a second 410 so much later is believed
FURTHEST = timedelta(days=30)  #: nothing is ever put off beyond


def wait_after_failure(
    record: SourceRecord,
    outcome: Outcome,
    policy: Policy,
    now: datetime,
    rng: random.Random,
    usual: timedelta,
) -> tuple[timedelta, str]:
    """The wait and its reason. ``record`` counts the failure already; ``usual`` is the wait of a source in health."""
    if outcome.kind == "gone":
        return _gone(record, now)
    if asked := asked_wait(outcome, now):
        return _as_asked(asked, record, policy, now, rng)
    if _limited(outcome):
        own = max(_doubled(LIMITED_FIRST, record.failures - 1), policy.base)
        chronic, why = _chronic(record, policy, now)
        reason = why if chronic > own else f"rate limit: waiting after {_failures(record)}"
        return max(own, chronic) * rng.uniform(1, 1 + policy.jitter), reason
    return _ordinary(record, policy, now, rng, min(usual, PATIENCE))


def limited_wait(outcome: Outcome, now: datetime, *, failures: int = 1) -> timedelta | None:
    """How long a site that said 429 is left alone, all of it; None after any other answer."""
    if outcome.status != 429:
        return None
    return asked_wait(outcome, now) or _doubled(LIMITED_FIRST, failures - 1)


def busy_wait(outcome: Outcome, now: datetime) -> timedelta | None:
    """How long an address that said 503 asks to be left alone; None where it does not say, or said something else."""
    return asked_wait(outcome, now) if outcome.status == 503 else None


def asked_wait(outcome: Outcome, now: datetime) -> timedelta | None:
    """What Retry-After asks for, up to its cap; None when absent, unreadable or already over."""
    if outcome.succeeded:
        return None
    asked = retry_after(outcome.headers, now)
    return min(asked, RETRY_AFTER_CAP) if asked else None


def health_after(record: SourceRecord, outcome: Outcome, policy: Policy, now: datetime) -> Health:
    """``record`` counts the failure already and remembers an earlier 410."""
    if policy.paused:
        return Health.PAUSED
    if outcome.succeeded:
        return Health.OK
    if outcome.kind == "gone" and _gone_for(record.memory, now) >= GONE_AFTER:
        return Health.GONE
    return Health.DEAD if _failing_for(record, now) >= DEAD_AFTER else Health.FAILING


def remember_gone(memory: Mapping[str, Any], outcome: Outcome, now: datetime) -> dict[str, Any]:
    """Note the first 410 of a row. Any other answer ends the row; no answer at all says nothing about it."""
    kept = dict(memory)
    if outcome.kind == "gone":
        kept.setdefault("gone_since", now.isoformat())
    elif outcome.status is not None:
        kept.pop("gone_since", None)
    return kept


def _gone(record: SourceRecord, now: datetime) -> tuple[timedelta, str]:
    left = GONE_AFTER - _gone_for(record.memory, now)
    if left <= timedelta():
        return FURTHEST, "gone"
    return left + timedelta(minutes=1), "gone: asked once more after 24h"


def _gone_for(memory: Mapping[str, Any], now: datetime) -> timedelta:
    try:
        return max(now - datetime.fromisoformat(memory["gone_since"]), timedelta())
    except (KeyError, TypeError, ValueError):
        return timedelta()


def _as_asked(
    asked: timedelta, record: SourceRecord, policy: Policy, now: datetime, rng: random.Random
) -> tuple[timedelta, str]:
    reason = f"retry-after {round(asked.total_seconds())}"
    chronic, why = _chronic(record, policy, now)
    if chronic > asked:
        reason = why
    elif policy.base > asked:
        reason += f", but the interval is {format_duration(policy.base)}"
    return max(asked, policy.base, chronic) * rng.uniform(1, 1 + policy.jitter), reason


def _ordinary(
    record: SourceRecord, policy: Policy, now: datetime, rng: random.Random, patience: timedelta
) -> tuple[timedelta, str]:
    sway = min(SWAY * policy.jitter, MOST_SWAY)
    # What failed together is not asked together for ever: the longest waits are shortened, each by another share.
    shortened = rng.uniform(1 - sway, 1)
    chronic, reason = _chronic(record, policy, now)
    if chronic:
        return max(chronic * shortened, policy.base), reason
    wait = max(policy.base, _doubled(min(FIRST, policy.base), record.failures))
    wait = max(wait * rng.uniform(1 - sway, 1 + sway), policy.interval.min, patience)
    return min(wait, max(CAP * shortened, policy.base)), f"back-off after {_failures(record)}"


def _chronic(record: SourceRecord, policy: Policy, now: datetime) -> tuple[timedelta, str]:
    """Long failing sources are asked daily, then weekly, never dropped; zero while it is too early."""
    failing_for = _failing_for(record, now)
    if failing_for >= DEAD_AFTER:
        wait, told = DEAD_INTERVAL, "weekly"
    elif failing_for >= CHRONIC_AFTER and record.failures >= CHRONIC_FAILURES:
        wait, told = CAP, "daily"
    else:
        return timedelta(), ""
    if policy.base > wait:
        wait, told = policy.base, f"every {format_duration(policy.base)}"
    return wait, f"failing for {failing_for.days} days: asked {told}"


def _limited(outcome: Outcome) -> bool:
    return outcome.status == 429 or (outcome.kind == "limited" and outcome.status != 503)


def _doubled(first: timedelta, times: int) -> timedelta:
    return min(first * (1 << min(max(times, 0), 16)), CAP)


def _failing_for(record: SourceRecord, now: datetime) -> timedelta:
    return timedelta() if record.failing_since is None else max(now - record.failing_since, timedelta())


def _failures(record: SourceRecord) -> str:
    return f"{record.failures} failure{'' if record.failures == 1 else 's'}"
