from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise

import pytest

from aggregator.item import Hints
from aggregator.schedule import Outcome, after_poll, limited_wait
from storage.model import Health, SourceRecord
from tests.schedule.making import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    adaptive,
    failed,
    gone,
    limited,
    not_modified,
    plain,
    polled,
    record,
    rng,
    taken,
    wait,
)


def failing(failures: int, days: float = 0.0) -> SourceRecord:
    return record(failures=failures, failing_since=NOW - DAY * days, health=Health.FAILING)


@pytest.mark.parametrize("failures", range(1, 9))
@pytest.mark.parametrize(("minutes", "first"), [(5, 5), (1, 1), (1 / 30, 1 / 30)])
def test_each_failure_doubles_the_wait_give_or_take_a_quarter(
    failures: int, minutes: float, first: float
) -> None:
    waited = wait(polled(failing(failures - 1), failed(), policy=plain(minutes, jitter=0.1)))

    expected = min(MINUTE * first * 2**failures, DAY)
    assert 0.75 * expected <= waited <= min(1.25 * expected, DAY)


def test_without_jitter_a_back_off_is_exact() -> None:
    assert wait(polled(record(), failed(), failed(), policy=plain(1))) == 4 * MINUTE


def test_a_long_interval_is_not_shortened_by_a_failure() -> None:
    assert wait(polled(record(), failed(), policy=plain(180))) >= 3 * HOUR


@pytest.mark.parametrize(("ttl", "waited"), [(HOUR / 2, HOUR / 2), (12 * HOUR, HOUR)])
def test_a_site_in_trouble_is_not_asked_oftener_than_in_health_up_to_an_hour(
    ttl: timedelta, waited: timedelta
) -> None:
    asks_for_patience = polled(record(), taken(hints=Hints(ttl=ttl)))

    assert wait(polled(asks_for_patience, failed())) == waited
    assert wait(polled(asks_for_patience, failed(), policy=plain(ignore_cache_hints=True))) == 15 * MINUTE


def test_neither_is_a_source_that_has_been_silent_for_long() -> None:
    silent = polled(record(), taken(new=1, dates=(NOW - 90 * DAY,)), not_modified(), policy=adaptive())

    assert wait(silent) > HOUR
    assert wait(polled(silent, failed(), policy=adaptive(), start=silent.next_poll)) == HOUR


def test_a_failure_is_no_reason_to_ask_in_hours_that_are_to_be_skipped() -> None:
    after = polled(record(), taken(hints=Hints(skip_hours=frozenset(range(10, 15)))))
    night = after_poll(after, failed(), plain(), NOW.replace(hour=9, minute=55), rng())

    assert (night.next_poll, night.next_poll_reason) == (NOW.replace(hour=15, minute=0), "skip-hours")


def test_a_hold_does_not_end_in_hours_that_are_to_be_skipped() -> None:
    after = polled(record(), taken(hints=Hints(skip_hours=frozenset({12, 13}))))
    held = after_poll(after, limited(headers={"retry-after": "7200"}), plain(), NOW, rng())

    assert held.next_poll == NOW.replace(hour=14, minute=0)


def test_a_failure_is_told_by_the_record() -> None:
    after = polled(record(last_success=NOW - DAY), failed(404))

    assert (after.failures, after.failing_since, after.health) == (1, NOW, Health.FAILING)
    assert (after.last_status, after.last_error, after.last_success) == (404, "it broke", NOW - DAY)
    assert after.next_poll_reason == "back-off after 1 failure"


def test_a_failure_without_words_is_named_by_its_status() -> None:
    assert polled(record(), failed(502, error=None)).last_error == "HTTP 502"
    assert polled(record(), failed(None, error=None)).last_error == "no answer"


@pytest.mark.parametrize("success", [taken(), not_modified()])
def test_one_success_resets_everything(success: Outcome) -> None:
    after = polled(failing(12, days=40), success)

    assert (after.failures, after.failing_since, after.health, after.last_error) == (0, None, Health.OK, None)
    assert after.last_success == NOW
    assert wait(after) == 15 * MINUTE


def test_a_source_that_failed_for_days_is_asked_daily() -> None:
    after = polled(failing(11, days=4), failed())

    assert (wait(after), after.health) == (DAY, Health.FAILING)
    assert after.next_poll_reason == "failing for 4 days: asked daily"


def test_a_source_that_failed_for_a_month_is_dead_and_asked_weekly() -> None:
    after = polled(failing(40, days=31), failed())

    assert (wait(after), after.health) == (7 * DAY, Health.DEAD)


@pytest.mark.parametrize(("failures", "days", "most"), [(9, 1, DAY), (11, 4, DAY), (40, 31, 7 * DAY)])
def test_what_failed_together_is_not_asked_together_for_ever(
    failures: int, days: int, most: timedelta
) -> None:
    drawn = random.Random(7)
    waits = [
        wait(after_poll(failing(failures, days), failed(), plain(jitter=0.1), NOW, drawn)) for _ in range(100)
    ]

    assert max(waits) <= most  # asked daily is once a day at least
    assert max(waits) - min(waits) >= most / 10


def test_an_interval_longer_than_a_day_is_what_a_long_failing_source_is_asked_by() -> None:
    after = polled(failing(11, days=4), failed(), policy=plain(48 * 60))

    assert wait(after) == 2 * DAY
    assert after.next_poll_reason == "failing for 4 days: asked every 2d"


def test_fifty_failures_never_stop_a_source() -> None:
    after, at, waits = record(), NOW, []
    for _ in range(50):
        after = after_poll(after, failed(), plain(), at, rng())
        waits.append(wait(after))
        at = after.next_poll

    assert max(waits) == 7 * DAY
    assert all(later >= earlier for earlier, later in pairwise(waits))
    assert after.health is Health.DEAD


def test_retry_after_is_kept_to_the_second() -> None:
    after = polled(record(), limited(headers={"retry-after": "7200"}))

    assert after.hold_until == NOW + 2 * HOUR
    assert after.next_poll >= NOW + 2 * HOUR
    assert after.next_poll_reason == "retry-after 2h"


@pytest.mark.parametrize("status", [429, 503])
def test_two_days_of_retry_after_are_respected(status: int) -> None:
    assert wait(polled(record(), limited(status, headers={"retry-after": "172800"}))) >= 2 * DAY


def test_retry_after_is_believed_for_thirty_days_at_most() -> None:
    after = polled(record(), limited(headers={"retry-after": "99999999"}))

    assert after.next_poll == after.hold_until == NOW + 30 * DAY


def test_a_short_retry_after_does_not_beat_the_interval() -> None:
    after = polled(record(), limited(headers={"retry-after": "2"}))

    assert wait(after) == 15 * MINUTE
    assert after.next_poll_reason == "retry-after 2s, but the interval is 15m"


@pytest.mark.parametrize("headers", [{"retry-after": "60"}, {}])
def test_what_is_asked_weekly_is_told_so_whatever_it_answers(headers: dict[str, str]) -> None:
    after = polled(failing(40, days=31), limited(headers=headers))

    assert wait(after) == 7 * DAY
    assert after.next_poll_reason == "failing for 31 days: asked weekly"


def test_a_failure_inside_a_hold_does_not_shorten_it() -> None:
    held = polled(record(), limited(headers={"retry-after": "172800"}))
    after = after_poll(held, failed(), plain(), NOW + HOUR, rng())

    assert after.next_poll == after.hold_until == NOW + 2 * DAY
    assert after.next_poll_reason.startswith("retry-after")


def test_a_hold_that_is_over_is_forgotten() -> None:
    assert polled(record(hold_until=NOW - MINUTE), not_modified()).hold_until is None


@pytest.mark.parametrize("value", [{}, {"retry-after": "soon"}, {"retry-after": "0"}])
@pytest.mark.parametrize(("failures", "hours"), [(0, 1), (1, 2), (3, 8), (9, 24)])
def test_429_without_a_usable_retry_after_waits_an_hour_doubled(
    value: dict[str, str], failures: int, hours: int
) -> None:
    after = polled(failing(failures), limited(headers=value))

    assert wait(after) == hours * HOUR
    assert after.hold_until is None


def test_503_without_retry_after_is_an_ordinary_failure() -> None:
    assert polled(record(), limited(503)).next_poll_reason == "back-off after 1 failure"


def test_the_first_410_is_asked_once_more_after_a_day() -> None:
    after = polled(record(), gone())

    assert after.health is Health.FAILING
    assert timedelta() < wait(after) - DAY < HOUR


def test_a_second_410_a_day_later_is_believed() -> None:
    after = polled(record(), gone(), gone())

    assert (after.health, after.next_poll_reason) == (Health.GONE, "gone")


def test_a_second_410_within_the_day_is_not_believed_yet() -> None:
    once = polled(record(), gone())
    after = after_poll(once, gone(), plain(), NOW + HOUR, rng())

    assert after.health is Health.FAILING
    assert DAY < after.next_poll - NOW < DAY + HOUR


@pytest.mark.parametrize("between", [taken(), failed(404)])
def test_another_answer_between_two_410s_begins_the_count_anew(between: Outcome) -> None:
    assert polled(record(), gone(), between, gone()).health is Health.FAILING


def test_no_answer_between_two_410s_says_nothing() -> None:
    assert polled(record(), gone(), failed(None), gone()).health is Health.GONE


def test_a_paused_source_stays_paused() -> None:
    assert polled(record(), taken(), policy=plain(paused=True)).health is Health.PAUSED


@pytest.mark.parametrize(
    ("status", "retry_after", "failures", "expected"),
    [
        (429, "7200", 5, 2 * HOUR),
        (429, "172800", 1, 2 * DAY),
        (429, "0", 1, HOUR),
        (429, "soon", 3, 4 * HOUR),
        (429, None, 50, DAY),
        (503, "7200", 1, None),
    ],
)
def test_a_429_tells_how_long_its_whole_site_is_left_alone(
    status: int, retry_after: str | None, failures: int, expected: timedelta | None
) -> None:
    headers = {"retry-after": retry_after} if retry_after is not None else {}
    outcome = Outcome(kind="limited", status=status, headers=headers)
    assert limited_wait(outcome, NOW, failures=failures) == expected
