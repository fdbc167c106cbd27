from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.schedule import Outcome, after_poll
from storage.model import Health, SourceRecord, Validators
from tests.schedule.making import (
    HOUR,
    NOW,
    A,
    B,
    failed,
    gone,
    limited,
    not_modified,
    plain,
    polled,
    record,
    rng,
    taken,
    unchanged,
)


def at_hours(before: SourceRecord, *polls: tuple[float, Outcome]) -> SourceRecord:
    for hours, outcome in polls:
        before = after_poll(before, outcome, plain(), NOW + hours * HOUR, rng())
    return before


MOVED = taken(moved_to=B, final_url=B)


def test_three_polls_over_a_day_change_the_address() -> None:
    after = at_hours(record(), (0, MOVED), (12, MOVED), (24, MOVED))

    assert (after.url, after.configured_url) == (B, A)
    assert after.memory["aliases"] == [A]
    assert "moved" not in after.memory


@pytest.mark.parametrize(
    "polls",
    [
        ((0, MOVED), (24, MOVED)),
        ((0, MOVED), (12, MOVED), (23.9, MOVED)),
        ((0, MOVED), (12, taken(moved_to="https://c.example/", final_url=B)), (24, MOVED), (36, MOVED)),
        ((0, MOVED), (12, MOVED), (18, taken(final_url=A)), (24, MOVED)),
        ((0, failed(200, moved_to=B)), (12, failed(200, moved_to=B)), (24, failed(200, moved_to=B))),
        ((0, taken(final_url=B)), (12, taken(final_url=B)), (24, taken(final_url=B))),
    ],
    ids=["two only", "within a day", "another target", "interrupted", "unreadable", "temporary"],
)
def test_anything_less_leaves_the_address(polls: tuple[tuple[float, Outcome], ...]) -> None:
    assert at_hours(record(), *polls).url == A


def test_a_failed_poll_between_says_nothing() -> None:
    after = at_hours(record(), (0, MOVED), (6, failed(None)), (12, MOVED), (25, MOVED))

    assert after.url == B


@pytest.mark.parametrize("quiet", [not_modified(moved_to=B, final_url=B), unchanged(moved_to=B, final_url=B)])
def test_an_unchanged_document_was_readable_before(quiet: Outcome) -> None:
    assert at_hours(record(), (0, MOVED), (12, quiet), (24, quiet)).url == B


def test_validators_of_the_new_address_live_on() -> None:
    etag = Validators(etag=b'"b"')
    answer = taken(moved_to=B, final_url=B, validators=etag)
    after = at_hours(record(), (0, answer), (12, answer), (24, answer))

    assert after.validators == etag


def test_garbage_in_memory_is_a_count_begun_anew() -> None:
    before = record(memory={"moved": {"to": B, "polls": "many"}})

    assert at_hours(before, (0, MOVED)).memory["moved"]["polls"] == 1


def test_aliases_are_bounded_and_never_the_address_itself() -> None:
    after = record(memory={"aliases": [f"https://{n}.example/" for n in range(5)]})
    after = at_hours(after, (0, MOVED), (12, MOVED), (24 + timedelta(minutes=1) / HOUR, MOVED))

    assert len(after.memory["aliases"]) == 5
    assert after.memory["aliases"][-1] == A


# -- an address that was believed and fails

NO_NAME = failed(None, fault="dns")


def at_b() -> SourceRecord:
    etag = Validators(etag=b'"b"')
    answer = taken(moved_to=B, final_url=B, validators=etag)
    return at_hours(
        record(), (0, answer), (12, answer), (24, answer), (36, taken(final_url=B, validators=etag))
    )


@pytest.mark.parametrize("astray", [failed(404), failed(200), NO_NAME, gone()])
def test_where_the_new_address_fails_three_times_the_configured_one_is_asked_again(astray: Outcome) -> None:
    assert polled(at_b(), astray, astray).url == B
    after = polled(at_b(), astray, astray, astray)
    assert (after.url, after.health) == (A, Health.FAILING)
    assert after.validators == Validators(etag=b'"b"')
    assert after.memory["validators_url"] == B  # they are not sent to the other address


@pytest.mark.parametrize(
    "polls",
    [
        (failed(404), failed(404), failed(500), failed(404)),
        (failed(404), failed(404), not_modified(), failed(404)),
        (failed(503), limited(), failed(None, fault="timeout"), failed(None, fault="connect")),
    ],
    ids=["broken server between", "an answer between", "down or busy"],
)
def test_anything_less_keeps_the_new_address(polls: tuple[Outcome, ...]) -> None:
    assert polled(at_b(), *polls).url == B


def test_where_both_fail_they_are_tried_by_turns() -> None:
    back = polled(at_b(), *[failed(404)] * 3)
    assert polled(back, *[NO_NAME] * 3).url == B
    assert polled(back, *[NO_NAME] * 3, *[failed(404)] * 3).url == A


def test_a_configured_address_that_works_again_is_all_there_is() -> None:
    back = polled(at_b(), *[failed(404)] * 3, taken(final_url=A))
    assert polled(back, *[failed(404)] * 5).url == A
    assert "moved_to" not in back.memory


def test_garbage_in_memory_is_a_row_begun_anew() -> None:
    before = at_b()
    assert (
        polled(replace(before, memory={**before.memory, "astray": "many"}), failed(404)).memory["astray"] == 1
    )
