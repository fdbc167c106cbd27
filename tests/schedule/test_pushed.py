"""What a push, a ping and a hub that falls silent do to the next poll."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from aggregator.schedule import PINGED, Outcome, after_push, back_to_polling
from storage.model import SourceRecord
from tests.schedule.making import HOUR, NOW, plain, record

SECOND = timedelta(seconds=1)
PING = Outcome(kind="failed", error="no feed")


def polled(**changes: object) -> SourceRecord:
    return record(**{"polls": 9, "last_poll": NOW - HOUR, "next_poll": NOW + 7 * HOUR, **changes})


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({}, NOW),
        ({"last_poll": None}, NOW),
        ({"last_poll": NOW - 3 * SECOND}, NOW + 7 * SECOND),
        ({"hold_until": NOW + HOUR}, NOW + HOUR),
        ({"hold_until": NOW - HOUR}, NOW),
    ],
)
def test_a_ping_has_the_source_polled_as_soon_as_it_may_be(changes: dict[str, object], at: object) -> None:
    after = after_push(polled(**changes), PING, NOW)
    assert (after.next_poll, after.next_poll_reason) == (at, PINGED)


def test_a_ping_puts_nothing_off() -> None:
    due = polled(next_poll=NOW - SECOND)
    assert after_push(due, PING, NOW) == due


def test_a_push_without_news_changes_nothing() -> None:
    assert after_push(polled(), Outcome(kind="taken"), NOW) == polled()


def test_a_push_with_news_is_learnt_from_and_puts_nothing_off() -> None:
    known = after_push(polled(), Outcome(kind="taken", new=1, dates=(NOW - HOUR,)), NOW - HOUR)
    after = after_push(known, Outcome(kind="taken", new=2, dates=(NOW, NOW)), NOW)
    assert after.memory["rhythm"]["items"] > 0
    assert (after.next_poll, after.polls, after.last_poll) == (NOW + 7 * HOUR, 9, NOW - HOUR)


def test_without_its_hub_a_source_is_due_as_if_it_never_had_one() -> None:
    after = back_to_polling(polled(last_poll=NOW - HOUR / 10), plain(60), NOW, random.Random(1))
    assert NOW + 0.9 * HOUR <= after.next_poll <= NOW + HOUR
    assert after.next_poll_reason == "interval 1h; its hub pushes no more"


def test_sources_of_one_silent_hub_do_not_come_all_at_once() -> None:
    rng = random.Random(1)
    due = [back_to_polling(polled(), plain(60), NOW, rng).next_poll for _ in range(200)]
    assert all(NOW < at <= NOW + HOUR for at in due)
    assert max(due) - min(due) > 0.9 * HOUR


@pytest.mark.parametrize(
    "changes",
    [
        {"next_poll": NOW + SECOND, "last_poll": NOW},
        {"failures": 2},
        {"hold_until": NOW + 8 * HOUR},
        {"memory": {"hints": {"fresh": 9 * 3600}}},
    ],
)
def test_nothing_is_asked_sooner_than_it_may_be(changes: dict[str, object]) -> None:
    before = polled(**changes)
    assert back_to_polling(before, plain(60), NOW, random.Random(1)) == before
