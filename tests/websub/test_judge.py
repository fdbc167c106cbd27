"""205 and its kin: which questions of a hub are answered with its challenge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from aggregator.websub import Question, judge
from storage.model import Subscription

TOPIC = "https://paper.example/feed"


def agreed(state: Any) -> Subscription:
    return Subscription(
        source="a",
        token="t",
        topic=TOPIC,
        hub="https://hub.example/",
        secret="s",
        state=state,
        asked_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def question(mode: str, *, topic: str = TOPIC, challenge: str = "c") -> Question:
    return Question.of({"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge})


@pytest.mark.parametrize(
    ("state", "mode", "verdict"),
    [
        ("asked", "subscribe", "confirm"),
        ("active", "subscribe", "confirm"),
        ("ending", "subscribe", "refuse"),
        ("denied", "subscribe", "refuse"),
        ("asked", "unsubscribe", "refuse"),
        ("active", "unsubscribe", "refuse"),
        ("ending", "unsubscribe", "confirm"),
        ("asked", "denied", "denied"),
        ("active", "denied", "denied"),
        ("ending", "denied", "refuse"),
        ("active", "", "refuse"),
        ("active", "SUBSCRIBE", "refuse"),
    ],
)
def test_a_question_is_confirmed_only_where_we_asked_for_it(state: str, mode: str, verdict: str) -> None:
    assert judge(question(mode), agreed(state)) == verdict


@pytest.mark.parametrize("mode", ["subscribe", "denied"])
def test_205_another_topic_is_refused(mode: str) -> None:
    assert judge(question(mode, topic=TOPIC + "/"), agreed("asked")) == "refuse"


def test_205_an_unknown_token_is_refused() -> None:
    assert judge(question("subscribe"), None) == "refuse"


@pytest.mark.parametrize("challenge", ["", "c" * 5000])
def test_a_challenge_that_is_none_is_not_sent_back(challenge: str) -> None:
    assert judge(question("subscribe", challenge=challenge), agreed("asked")) == "refuse"


def test_a_question_without_parameters_is_refused() -> None:
    assert judge(Question.of({}), agreed("asked")) == "refuse"
