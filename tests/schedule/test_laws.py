"""What holds for every record, outcome and policy."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from aggregator.config.model import Interval
from aggregator.item import Hints
from aggregator.schedule import Outcome, Policy, after_poll
from storage.model import Health, SourceRecord
from tests.schedule.making import DAY, NOW, failed, plain, record, taken

spans = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=60))
past = spans.map(lambda span: NOW - span)
header = st.one_of(
    st.integers(0, 10**12).map(str), st.text(max_size=20), st.just("Fri, 06 Mar 2026 10:30:00 GMT")
)
hours = st.frozensets(st.integers(0, 23))
days = st.frozensets(st.integers(0, 6))

hints = st.builds(
    Hints, ttl=st.none() | spans, update_period=st.none() | spans, skip_hours=hours, skip_days=days
)
outcomes = st.builds(
    Outcome,
    kind=st.sampled_from(["taken", "unchanged", "not_modified", "failed", "limited", "gone"]),
    status=st.sampled_from([None, 200, 304, 404, 410, 429, 500, 503]),
    new=st.integers(0, 40),
    dates=st.lists(st.datetimes().map(lambda d: d.replace(tzinfo=NOW.tzinfo)), max_size=5).map(tuple),
    feed_length=st.none() | st.integers(0, 40),
    headers=st.fixed_dictionaries(
        {},
        optional={"cache-control": header.map("max-age={}".format), "retry-after": header, "expires": header},
    ),
    hints=hints,
    moved_to=st.sampled_from([None, "https://b.example/"]),
    body_size=st.none() | st.integers(0, 10**6),
)
intervals = st.builds(
    Interval.model_construct,  # the rule leans on no check of the configuration
    min=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40)),
    max=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40)),
    base=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40)),
    adaptive=st.booleans(),
)
policies = st.builds(
    Policy,
    interval=intervals,
    ignore_cache_hints=st.booleans(),
    jitter=st.floats(0, 1),
    pushed=st.booleans(),
    freshness=st.none() | spans,
)
records = st.builds(
    record,
    failures=st.integers(0, 200),
    failing_since=st.none() | past,
    hold_until=st.none() | st.timedeltas(timedelta(days=-1), timedelta(days=30)).map(lambda span: NOW + span),
    polls=st.integers(0, 3),
    last_poll=st.none() | past,
)
draws = st.integers(0, 2**32).map(random.Random)


@given(records, outcomes, policies, draws)
def test_the_next_poll_lies_ahead_and_within_a_month(
    before: SourceRecord, outcome: Outcome, policy: Policy, drawn: random.Random
) -> None:
    after = after_poll(before, outcome, policy, NOW, drawn)

    assert NOW < after.next_poll <= NOW + 30 * DAY
    assert after.next_poll_reason


@given(records, outcomes, policies, draws)
def test_nothing_is_asked_inside_a_hold(
    before: SourceRecord, outcome: Outcome, policy: Policy, drawn: random.Random
) -> None:
    after = after_poll(before, outcome, policy, NOW, drawn)

    assert after.hold_until is None or after.next_poll >= after.hold_until
    assert before.hold_until is None or before.hold_until <= NOW or after.next_poll >= before.hold_until


@given(st.lists(outcomes, max_size=6), policies, st.integers(0, 2**32))
def test_a_life_of_polls_is_told_the_same_twice(polls: list[Outcome], policy: Policy, seed: int) -> None:
    def life() -> SourceRecord:
        after, at, drawn = record(polls=0), NOW, random.Random(seed)
        for outcome in polls:
            after = after_poll(after, outcome, policy, at, drawn)
            at = after.next_poll
        return after

    assert life() == life()


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 2**32), spans)
def test_more_failures_never_poll_sooner(failures: int, more: int, seed: int, failing: timedelta) -> None:
    def waited(count: int) -> timedelta:
        before = record(failures=count, failing_since=NOW - failing)
        return after_poll(before, failed(), plain(), NOW, random.Random(seed)).next_poll - NOW

    assert waited(failures + more) >= waited(failures)


@given(records, policies, draws)
def test_a_success_resets_the_failures(before: SourceRecord, policy: Policy, drawn: random.Random) -> None:
    after = after_poll(before, taken(), policy, NOW, drawn)

    assert (after.failures, after.failing_since, after.last_error, after.health) == (0, None, None, Health.OK)


@given(policies, hints, draws)
def test_no_poll_is_earlier_than_a_hint(policy: Policy, asked: Hints, drawn: random.Random) -> None:
    assume(not policy.ignore_cache_hints)
    after = after_poll(record(), taken(hints=asked), policy, NOW, drawn)

    assert after.next_poll - NOW >= min(asked.ttl or timedelta(), policy.hint_cap) - timedelta(seconds=1)
