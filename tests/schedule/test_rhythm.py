from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from aggregator.config.model import Interval
from aggregator.schedule import Outcome, Policy, Rhythm, Share, after_poll, pace_for_budget
from aggregator.schedule.record import share_of
from aggregator.schedule.rhythm import adaptive_wait, from_memory, to_memory
from storage.model import Validators
from tests.schedule.making import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    adaptive,
    failed,
    not_modified,
    polled,
    record,
    rng,
    taken,
    wait,
)

SUNDAY = datetime(2026, 3, 8, 10, 30, tzinfo=NOW.tzinfo)


def published(gap: timedelta, count: int, until: datetime = NOW) -> tuple[datetime, ...]:
    just_before = until - timedelta(seconds=2)
    return tuple(just_before - gap * n for n in range(count))


def first_document(gap: timedelta, count: int, until: datetime = NOW) -> Outcome:
    return taken(new=count, dates=published(gap, count, until), feed_length=count)


def posting(hours: range, days: int, *, weekend: bool = True) -> tuple[datetime, ...]:
    """One item in each of these hours of each of the days before now."""
    midnight = NOW.replace(hour=0, minute=15)
    moments = (midnight - DAY * d + HOUR * h for d in range(days) for h in hours)
    return tuple(m for m in moments if m < NOW and (weekend or m.weekday() < 5))


def learnt(*outcomes: Outcome, every: timedelta = HOUR) -> Rhythm:
    rhythm = Rhythm()
    for n, outcome in enumerate(outcomes):
        rhythm = rhythm.learnt(outcome, NOW + every * n)
    return rhythm


def test_an_unknown_source_is_polled_at_the_base_interval() -> None:
    assert wait(polled(record(), taken(), policy=adaptive(15))) == pytest.approx(15 * MINUTE, abs=MINUTE)


@pytest.mark.parametrize(("gap", "rate"), [(HOUR, 24), (6 * HOUR, 4), (DAY, 1), (7 * DAY, 1 / 7)])
def test_the_rate_is_read_off_the_first_document(gap: timedelta, rate: float) -> None:
    assert learnt(first_document(gap, 60)).rate == pytest.approx(rate, rel=0.4)


def test_silence_lowers_the_rate_and_failures_do_not() -> None:
    first = first_document(HOUR, 20)
    quiet = learnt(first, *[not_modified()] * 30)
    broken = learnt(first, *[failed()] * 30)

    assert quiet.rate < learnt(first).rate / 1.5
    assert broken == learnt(first)


def test_undated_items_count_when_they_are_seen() -> None:
    assert learnt(taken(), *[taken(new=2)] * 48).rate == pytest.approx(48, rel=0.3)


def test_a_first_document_without_dates_tells_nothing() -> None:
    assert learnt(taken(new=20, dates=(NOW,) * 20, feed_length=20)).rate == Rhythm().rate


def test_dates_outside_the_time_between_two_polls_are_moved_into_it() -> None:
    lying = taken(new=2, dates=(NOW - 900 * DAY, NOW + 900 * DAY))
    rhythm = learnt(first_document(DAY, 5), lying)

    assert rhythm.newest is not None
    assert rhythm.newest <= NOW + HOUR
    assert rhythm.items < learnt(first_document(DAY, 5)).items + 2.1


def test_ten_items_an_hour_are_polled_five_times_as_often_as_one_a_week() -> None:
    policy = adaptive(60)
    busy = wait(polled(record(), first_document(6 * MINUTE, 200), not_modified(), policy=policy))
    slow = wait(polled(record(), first_document(7 * DAY, 20), not_modified(), policy=policy))

    assert slow > 5 * busy


def test_the_hours_in_which_a_source_publishes_are_learnt() -> None:
    dates = posting(range(8, 20), 28)
    rhythm = learnt(taken(new=len(dates), dates=dates, feed_length=len(dates)))

    assert rhythm.rate_at(NOW) > 4 * rhythm.rate_at(NOW.replace(hour=2))


def test_the_weekend_is_learnt() -> None:
    dates = posting(range(24), 28, weekend=False)
    rhythm = learnt(taken(new=len(dates), dates=dates, feed_length=len(dates)))

    assert rhythm.rate_at(NOW) > 4 * rhythm.rate_at(SUNDAY)


def test_a_night_is_slept_through() -> None:
    dates = posting(range(8, 20), 28)
    outcome = taken(new=len(dates), dates=dates, feed_length=len(dates))
    evening = NOW.replace(hour=21)
    known = after_poll(record(), outcome, adaptive(60), NOW, rng())
    asleep = after_poll(known, not_modified(), adaptive(60), evening, rng())
    awake = after_poll(known, not_modified(), adaptive(60), NOW, rng())

    assert wait(asleep) > 1.5 * wait(awake)


def test_a_dormant_source_reaches_the_longest_interval_within_ten_idle_polls() -> None:
    after = record()
    policy, at, waits = adaptive(15), NOW, []
    after = after_poll(after, first_document(DAY, 10, NOW - 60 * DAY), policy, at, rng())
    for _ in range(10):
        at = after.next_poll
        after = after_poll(after, not_modified(), policy, at, rng())
        waits.append(wait(after))

    assert waits[-1] == DAY
    assert after.next_poll_reason.startswith("adaptive: silent for 6")


def test_the_first_new_item_brings_a_dormant_source_back_to_base_at_once() -> None:
    policy = adaptive(15)
    dormant = polled(record(), first_document(DAY, 10, NOW - 60 * DAY), *[not_modified()] * 10, policy=policy)
    at = dormant.next_poll
    woken = after_poll(dormant, taken(new=1, dates=(at,), feed_length=10), policy, at, rng())

    assert wait(woken) <= 15 * MINUTE


def test_a_short_feed_is_polled_before_it_scrolls_away() -> None:
    policy = Policy(interval=Interval(min=MINUTE / 60, base=HOUR, adaptive=True), jitter=0)
    after = polled(record(), first_document(MINUTE, 5), policy=policy)
    later = polled(after, *[taken(new=2, feed_length=5)] * 10, policy=policy, start=after.next_poll)

    assert wait(after) < 3 * MINUTE
    assert wait(later) < 5 * MINUTE
    assert after.next_poll_reason == "adaptive: the feed holds 5 items only"


def test_a_burst_that_filled_the_feed_is_not_averaged_away() -> None:
    policy = adaptive(60)
    quiet = polled(record(), first_document(DAY, 20), policy=policy)
    at = quiet.next_poll
    flood = taken(new=20, dates=published(MINUTE, 20, at), feed_length=20)
    burst = after_poll(quiet, flood, policy, at, rng())

    assert wait(burst) <= (at - NOW) / 2


@pytest.mark.parametrize(
    ("size", "validators", "shortest"),
    [(None, None, 5), (65_537, None, 60), (65_537, b'"x"', 5), (65_536, None, 5)],
)
def test_a_heavy_body_without_validators_is_asked_for_hourly_at_most(
    size: int | None, validators: bytes | None, shortest: int
) -> None:
    outcome = taken(
        new=200,
        dates=published(MINUTE, 200),
        feed_length=200,
        body_size=size,
        validators=Validators(etag=validators),
    )

    assert wait(polled(record(), outcome, policy=adaptive(15))) == shortest * MINUTE


@pytest.mark.parametrize("gap", [HOUR, 13 * HOUR])
def test_a_wanted_freshness_sets_the_interval_whatever_the_rate(gap: timedelta) -> None:
    after = polled(record(), first_document(gap, 100), policy=adaptive(240, freshness=30 * MINUTE))

    assert wait(after) == pytest.approx(HOUR, rel=0.35)
    assert after.next_poll_reason == "adaptive: freshness 30m"  # not the rate, which decides nothing here


def shares(*speeds: float, longest: timedelta = DAY) -> list[Share]:
    return [Share(speed=speed, shortest=5 * MINUTE, longest=longest) for speed in speeds]


def test_a_budget_is_shared_out_by_the_square_root_of_the_rates() -> None:
    sources = shares(0.5, 1.0, 2.0, 4.0)
    pace = pace_for_budget(sources, 96)

    assert sum(share.speed / pace for share in sources) == pytest.approx(96, rel=0.01)


def test_what_the_bounds_take_is_taken_from_the_others() -> None:
    sources = shares(0.001, 0.001, 1.0, 4.0)  # two are asked daily, whatever the budget
    pace = pace_for_budget(sources, 52)

    assert (1.0 + 4.0) / pace == pytest.approx(50, rel=0.01)


@pytest.mark.parametrize(("polls", "busy"), [(1e9, 288), (1e-9, 1)])
def test_a_budget_out_of_bounds_is_met_as_nearly_as_they_allow(polls: float, busy: float) -> None:
    pace = pace_for_budget(shares(1.0), polls)

    assert shares(1.0)[0].polls_a_day(pace) == pytest.approx(busy)


def test_a_share_knows_the_bounds_of_its_source() -> None:
    short = polled(record(), first_document(HOUR, 6), policy=adaptive(15))
    dormant = polled(record(), first_document(DAY, 10, NOW - 60 * DAY), not_modified(), policy=adaptive(15))

    assert 3 * HOUR <= share_of(short, adaptive(15), NOW).longest < DAY
    assert share_of(dormant, adaptive(15), NOW).polls_a_day(1e-6) == 1


def test_the_polls_of_a_share_are_those_that_are_made() -> None:
    """A source with hours and weekends of its own, asked for a month at a pace."""
    dates = posting(range(8, 20), 56)
    source = taken(new=len(dates), dates=dates, feed_length=500)
    policy = adaptive(60, pace=0.2)
    after = polled(record(), source, policy=policy)
    expected = share_of(after, policy, NOW).polls_a_day(0.2)
    learnt, at, polls = from_memory(after.memory), NOW, 0
    while at < NOW + 28 * DAY:
        at += adaptive_wait(learnt, not_modified(), policy, at, has_validators=True)[0]
        polls += 1

    assert polls / 28 == pytest.approx(expected, rel=0.05)


def test_the_reason_tells_the_rate_in_words() -> None:
    def told(gap: timedelta) -> str:
        return polled(record(), first_document(gap, 100), policy=adaptive(60)).next_poll_reason

    assert told(2 * HOUR) == "adaptive: about 11 items a day"
    assert told(7 * DAY).startswith("adaptive: about 1 item a week")


@pytest.mark.parametrize(
    ("source", "pace", "told"),
    [
        (first_document(HOUR, 100), 0.01, ", but not within 5m"),
        (first_document(20 * DAY, 4), 9.0, ", but at least every 1d"),
        (taken(body_size=200_000), None, ": a large document without validators, asked hourly at most"),
    ],
    ids=["min", "max", "heavy"],
)
def test_the_reason_names_the_bound_that_decided(source: Outcome, pace: float | None, told: str) -> None:
    after = polled(record(), source, policy=adaptive(pace=pace))

    assert after.next_poll_reason.endswith(told)


def test_the_reason_tells_of_the_time_of_the_week() -> None:
    dates = posting(range(9, 17), 60, weekend=False)
    daytime = learnt(taken(new=len(dates), dates=dates, feed_length=500))

    def told(at: datetime) -> str:
        return adaptive_wait(daytime, not_modified(), adaptive(180), at, has_validators=True)[1]

    assert told(NOW).endswith(" a day, many at this time of the week")
    assert told(SUNDAY).endswith(" a day, few at this time of the week")
    assert told(NOW.replace(hour=23)).endswith(" a day, few at this time of the week")


def test_a_few_items_show_no_time_of_the_week() -> None:
    after = polled(record(), first_document(DAY, 9), policy=adaptive(180))

    assert after.next_poll_reason == "adaptive: about 1 item a day"


def test_the_reason_names_the_freshness_that_is_asked_for() -> None:
    after = polled(record(), first_document(DAY, 100), policy=adaptive(freshness=HOUR))

    assert after.next_poll_reason.startswith("adaptive: freshness 1h")


def test_the_memory_brings_the_rhythm_back() -> None:
    rhythm = learnt(first_document(3 * HOUR, 20), not_modified(), taken(new=1))
    again = from_memory({"rhythm": to_memory(rhythm)})

    assert (again.at, again.newest, again.idle) == (rhythm.at, rhythm.newest, rhythm.idle)
    assert again.rate == pytest.approx(rhythm.rate, rel=1e-3)


@pytest.mark.parametrize("garbage", [None, 3, {}, {"hours": 4}, {"hours": ["x"]}, []])
def test_garbage_in_memory_is_nothing_learnt(garbage: object) -> None:
    assert from_memory({"rhythm": garbage}) == Rhythm()


@pytest.mark.parametrize("jump", [DAY, -DAY, -400 * DAY])
def test_a_clock_that_jumps_neither_stalls_nor_stampedes(jump: timedelta) -> None:
    before = polled(record(), first_document(6 * HOUR, 20), *[not_modified()] * 5, policy=adaptive())
    at = before.next_poll + jump
    after = after_poll(before, not_modified(), adaptive(), at, rng())

    assert 5 * MINUTE <= after.next_poll - at <= 2 * HOUR
