"""What is remembered of a source's last polls: enough for a chart, in a few hundred bytes."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule import Outcome, Policy, after_poll
from aggregator.schedule.history import HISTORY, KEPT, Past, history, with_poll
from tests.schedule.making import NOW, record

MINUTE = timedelta(minutes=1)


def noted(*outcomes: Outcome) -> dict[str, Any]:
    memory: dict[str, Any] = {}
    for number, outcome in enumerate(outcomes):
        memory[HISTORY] = with_poll(memory, outcome, NOW + number * MINUTE)
    return memory


@pytest.mark.parametrize("kind", ["taken", "unchanged", "not_modified", "limited", "gone", "failed"])
@pytest.mark.parametrize("status", [None, 200, 304, 503, 999])
@pytest.mark.parametrize("new", [0, 1, 31])
def test_a_poll_is_told_as_it_was(kind: Any, status: int | None, new: int) -> None:
    [past] = history(noted(Outcome(kind=kind, status=status, new=new)))
    assert (past.kind, past.status, past.new) == (kind, status, new)
    assert abs(past.at - NOW) <= MINUTE
    assert past.failed is (kind in ("limited", "gone", "failed"))


@given(st.integers(1, 90_000))
def test_a_time_is_kept_to_a_tenth(ms: int) -> None:
    outcome = Outcome(kind="taken", status=200, elapsed=timedelta(milliseconds=ms))
    [past] = history(noted(outcome))
    assert abs(past.ms - ms) <= max(0.11 * ms, 1)


@given(st.integers(0, 7_000))
def test_a_count_is_exact_or_kept_to_a_tenth(new: int) -> None:
    [past] = history(noted(Outcome(kind="taken", status=200, new=new)))
    assert past.new == new if new <= 31 else abs(past.new - new) <= 0.1 * new


def test_without_an_answer_there_is_no_time() -> None:
    [past] = history(noted(Outcome(kind="failed", elapsed=timedelta(seconds=30))))
    assert (past.ms, past.status) == (0, None)


def test_the_oldest_go_and_the_text_stays_short() -> None:
    memory = noted(*(Outcome(kind="taken", status=200, new=n % 10) for n in range(KEPT + 20)))
    past = history(memory)
    assert [one.new for one in past] == [n % 10 for n in range(20, KEPT + 20)]
    assert len(memory[HISTORY]) <= 450


@pytest.mark.parametrize("damaged", [None, 7, "", "x", "é" * 20, ["t"], "0000?0000"])
def test_what_cannot_be_read_is_no_history(damaged: object) -> None:
    assert history({HISTORY: damaged}) == []
    assert len(history({HISTORY: with_poll({HISTORY: damaged}, Outcome(kind="taken"), NOW)})) <= 1 or damaged


def test_every_poll_is_noted_on_the_record() -> None:
    first = after_poll(record(), Outcome(kind="taken", status=200, new=3), Policy(), NOW, random.Random(1))
    then = after_poll(
        first, Outcome(kind="failed", status=500), Policy(), NOW + timedelta(hours=1), random.Random(1)
    )
    assert [(past.kind, past.new) for past in history(then.memory)] == [("taken", 3), ("failed", 0)]
    assert isinstance(history(then.memory)[0], Past)
