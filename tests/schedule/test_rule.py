from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.config.model import Interval
from aggregator.item import Hints
from aggregator.schedule import Outcome, Policy, after_poll, brought_forward, first_polls, next_poll
from storage.model import SourceRecord
from tests.schedule.making import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    failed,
    limited,
    not_modified,
    plain,
    polled,
    record,
    rng,
    taken,
    unchanged,
    wait,
)


def max_age(seconds: object) -> dict[str, str]:
    return {"cache-control": f"max-age={seconds}"}


def reason(after: Any) -> str:
    return str(after.next_poll_reason)


@pytest.mark.parametrize(
    ("interval", "minutes"),
    [
        (Interval(), 15),
        (Interval.model_construct(base=MINUTE, min=5 * MINUTE, max=DAY), 5),
        (Interval.model_construct(base=48 * HOUR, min=HOUR, max=DAY), 24 * 60),
        (Interval.model_construct(base=36 * HOUR, min=36 * HOUR, max=DAY), 36 * 60),
        (Interval(base=MINUTE / 30, min=MINUTE / 30), 2 / 60),
    ],
)
def test_a_plain_interval_is_kept_within_its_bounds(interval: Interval, minutes: float) -> None:
    assert wait(polled(record(), taken(), policy=Policy(interval=interval, jitter=0))) == MINUTE * minutes


def test_an_interval_longer_than_a_month_is_told_to_be_cut() -> None:
    after = polled(record(), taken(), policy=plain(60 * 24 * 60))

    assert (wait(after), reason(after)) == (30 * DAY, "interval 60d, capped at 30d")


def test_the_reason_names_the_interval() -> None:
    assert reason(polled(record(), taken())) == "interval 15m"


@pytest.mark.parametrize(
    ("outcome", "expected", "why"),
    [
        (taken(headers=max_age(3600)), HOUR, "max-age 1h"),
        (taken(headers={**max_age(3600), "age": "600"}), 50 * MINUTE, "max-age 50m"),
        (taken(headers=max_age(60)), 15 * MINUTE, "interval 15m"),
        (taken(headers=max_age(0)), 15 * MINUTE, "interval 15m"),
        (taken(headers={"cache-control": "no-cache"}), 15 * MINUTE, "interval 15m"),
        (taken(headers=max_age(315360000)), 7 * DAY, "max-age 3650d, capped at 7d"),
        (not_modified(headers=max_age(3600)), HOUR, "max-age 1h"),
        (unchanged(headers=max_age(3600)), HOUR, "max-age 1h"),
        (taken(hints=Hints(ttl=30 * MINUTE)), 30 * MINUTE, "ttl 30m"),
        (taken(hints=Hints(ttl=-MINUTE)), 15 * MINUTE, "interval 15m"),
        (taken(hints=Hints(update_period=12 * HOUR)), 12 * HOUR, "sy:updatePeriod 12h"),
        (taken(hints=Hints(ttl=30 * MINUTE), headers=max_age(7200)), 2 * HOUR, "max-age 2h"),
        (taken(hints=Hints(ttl=timedelta.max)), 7 * DAY, "ttl 3650d, capped at 7d"),
    ],
)
def test_a_hint_is_a_floor(outcome: Outcome, expected: timedelta, why: str) -> None:
    after = polled(record(), outcome)

    assert (wait(after), reason(after)) == (expected, why)


def test_what_expires_says_is_told_as_such_until_max_age_is_said() -> None:
    an_hour = {"expires": "Wed, 04 Mar 2026 11:30:00 GMT", "date": "Wed, 04 Mar 2026 10:30:00 GMT"}
    expires = polled(record(), taken(headers=an_hour))

    assert (wait(expires), reason(expires)) == (HOUR, "expires 1h")
    assert reason(polled(expires, not_modified())) == "expires 1h"
    assert reason(polled(expires, not_modified(headers=max_age(1800)))) == "max-age 30m"


def test_the_operator_may_ignore_hints() -> None:
    outcome = taken(headers=max_age(7200), hints=Hints(ttl=HOUR, skip_hours=frozenset({10})))

    assert wait(polled(record(), outcome, policy=plain(ignore_cache_hints=True))) == 15 * MINUTE


@pytest.mark.parametrize("quiet", [not_modified(), unchanged()])
def test_the_documents_hints_hold_while_it_stays_the_same(quiet: Outcome) -> None:
    after = polled(record(), taken(hints=Hints(ttl=HOUR)), quiet, quiet)

    assert (wait(after), reason(after)) == (HOUR, "ttl 1h")


def test_a_304_without_cache_control_leaves_the_freshness_of_the_200() -> None:
    assert wait(polled(record(), taken(headers=max_age(3600)), not_modified())) == HOUR


def test_a_304_may_take_the_freshness_back() -> None:
    assert (
        wait(polled(record(), taken(headers=max_age(3600)), not_modified(headers=max_age(0)))) == 15 * MINUTE
    )


def test_a_200_without_hints_ends_them() -> None:
    after = polled(record(), taken(headers=max_age(3600), hints=Hints(ttl=HOUR)), taken())

    assert wait(after) == 15 * MINUTE
    assert "hints" not in after.memory


def test_a_failed_poll_keeps_the_hints_for_later() -> None:
    assert wait(polled(record(), taken(hints=Hints(ttl=HOUR)), failed(), not_modified())) == HOUR


@pytest.mark.parametrize(
    ("hints", "hour"),
    [
        (Hints(skip_hours=frozenset({10})), datetime(2026, 3, 4, 11, tzinfo=UTC)),
        (Hints(skip_hours=frozenset(range(10, 24))), datetime(2026, 3, 5, 0, tzinfo=UTC)),
        (Hints(skip_days=frozenset({2})), datetime(2026, 3, 5, 0, tzinfo=UTC)),
        (Hints(skip_days=frozenset({2, 3}), skip_hours=frozenset({0})), datetime(2026, 3, 6, 1, tzinfo=UTC)),
        (Hints(skip_days=frozenset(range(7)) - {1}), datetime(2026, 3, 10, 0, tzinfo=UTC)),
    ],
)
def test_skipped_hours_and_days_are_skipped(hints: Hints, hour: datetime) -> None:
    after = polled(record(), taken(hints=hints))

    assert hour <= after.next_poll < hour + HOUR
    assert reason(after) in {"skip-hours", "skip-days"}


@pytest.mark.parametrize(
    "hints",
    [
        Hints(skip_hours=frozenset(range(24))),
        Hints(skip_days=frozenset(range(7))),
        Hints(skip_hours=frozenset({9, 11})),
        Hints(skip_hours=frozenset({24, 99})),
    ],
)
def test_hours_that_are_all_listed_or_not_now_change_nothing(hints: Hints) -> None:
    assert wait(polled(record(), taken(hints=hints))) == 15 * MINUTE


def test_a_shorter_interval_is_in_force_at_once() -> None:
    slow = polled(record(), not_modified(), policy=plain(12 * 60))
    later = NOW + 20 * MINUTE

    assert brought_forward(slow, plain(12 * 60), later, rng()) is None
    assert brought_forward(slow, plain(60), later, rng()) == (NOW + HOUR, "interval 1h")
    at, why = brought_forward(slow, plain(15), later, rng()) or (NOW, "")
    assert (later < at <= later + 15 * MINUTE, why) == (True, "interval 15m")


@pytest.mark.parametrize(
    "before",
    [
        record(),
        polled(record(), taken(headers=max_age(86400))),
        polled(record(), taken(hints=Hints(skip_days=frozenset({2})))),
        polled(record(), limited(headers={"retry-after": "86400"})),
        polled(record(), *[failed()] * 9),
        polled(record(), not_modified(), policy=plain(120, pushed=True)),
    ],
    ids=["never polled", "max-age", "skip-days", "held", "failing", "pushed"],
)
def test_what_waits_for_another_reason_than_an_interval_goes_on_waiting(before: SourceRecord) -> None:
    assert brought_forward(before, plain(), NOW + MINUTE, rng()) is None


@pytest.mark.parametrize("polls", [0, 5])
def test_what_chance_has_added_is_no_longer_interval(polls: int) -> None:
    for seed in range(100):
        before = after_poll(record(polls=polls), not_modified(), plain(jitter=0.5), NOW, random.Random(seed))
        assert brought_forward(before, plain(jitter=0.5), NOW + MINUTE, rng()) is None


def test_a_hint_that_is_to_be_ignored_now_is_waited_for_no_longer() -> None:
    patient = polled(record(), taken(headers=max_age(86400)))

    assert brought_forward(patient, plain(ignore_cache_hints=True), NOW + MINUTE, rng()) == (
        NOW + 15 * MINUTE,
        "interval 15m",
    )


def test_jitter_only_adds() -> None:
    waits = [
        next_poll(record(), taken(headers=max_age(3600)), plain(jitter=0.1), NOW, random.Random(seed))[0]
        - NOW
        for seed in range(50)
    ]

    assert HOUR <= min(waits) < max(waits) <= 1.1 * HOUR


def test_the_first_poll_is_drawn_apart_from_its_neighbours() -> None:
    waits = [
        next_poll(record(polls=0), taken(), plain(60, jitter=1e-9), NOW, random.Random(seed))[0] - NOW
        for seed in range(200)
    ]

    assert min(waits) >= HOUR
    assert max(waits) > HOUR + 13 * MINUTE
    assert all(w <= HOUR + 15 * MINUTE for w in waits)


def test_what_is_fitted_to_a_rhythm_is_drawn_apart_by_being_shorter() -> None:
    dates = tuple(NOW - 5 * MINUTE * n for n in range(8))
    policy = Policy(interval=Interval(adaptive=True, min=MINUTE), jitter=1e-9)
    outcome = taken(feed_length=8, dates=dates)
    fitted, _ = next_poll(record(), outcome, policy, NOW, rng())
    waits = [
        next_poll(record(polls=0), outcome, policy, NOW, random.Random(seed))[0] - NOW for seed in range(200)
    ]

    assert (fitted - NOW) / 2 <= min(waits) < max(waits) <= fitted - NOW
    assert max(waits) - min(waits) > (fitted - NOW) / 3


def test_nothing_is_drawn_apart_below_the_shortest_interval() -> None:
    policy = Policy(interval=Interval(adaptive=True, min=15 * MINUTE), jitter=1e-9)
    at, _ = next_poll(record(polls=0), taken(), policy, NOW, random.Random(1))

    assert at - NOW >= 15 * MINUTE


@pytest.mark.parametrize("policy", [plain(60, jitter=0.0), plain(0.5, jitter=0.1)])
def test_without_jitter_or_soon_anyway_nothing_is_drawn_apart(policy: Policy) -> None:
    at, reason = next_poll(record(polls=0), taken(), policy, NOW, random.Random(1))

    assert at - NOW <= policy.base * 1.1
    assert "spread" not in reason


def test_a_few_new_sources_are_asked_at_once() -> None:
    assert set(first_polls([plain()] * 100)) == {timedelta()}


@pytest.mark.parametrize(("many", "seconds"), [(200, 5), (1000, 25), (10_000, 30)])
def test_of_many_new_sources_no_second_holds_more_than_a_twentieth(many: int, seconds: int) -> None:
    waits = first_polls([plain()] * many)
    starts = Counter(int(wait.total_seconds()) for wait in waits)

    assert max(waits) < timedelta(seconds=seconds)
    assert max(starts.values()) <= max(many / 20, 41)


def test_first_polls_lie_within_the_interval() -> None:
    assert max(first_polls([plain(0.1)] * 1000)) < 6 * timedelta(seconds=1)


def test_next_poll_and_after_poll_agree() -> None:
    after = after_poll(record(), failed(), plain(), NOW, rng())

    assert next_poll(record(), failed(), plain(), NOW, rng()) == (after.next_poll, after.next_poll_reason)


def test_a_pushed_source_is_polled_for_safety() -> None:
    after = polled(record(), taken(), policy=plain(pushed=True))

    assert (wait(after), reason(after)) == (2 * HOUR, "push: polled for safety only")
    assert wait(polled(record(), taken(), policy=plain(600, pushed=True))) == DAY


def test_the_document_describes_the_source() -> None:
    after = polled(record(), taken(kind_found="feed", title="A", body_hash=b"1"), not_modified())

    assert (after.kind, after.title, after.body_hash) == ("feed", "A", b"1")
    assert (after.polls, after.not_modified) == (9, 1)


def test_the_memory_is_json() -> None:
    after = polled(
        record(),
        taken(
            hints=Hints(ttl=HOUR, skip_hours=frozenset({3})), dates=(NOW - DAY,), new=1, moved_to="https://b/"
        ),
        limited(),
    )

    assert json.loads(json.dumps(after.memory)) == after.memory
