"""What is due between us and a hub, and how far it is relied on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.websub import due_at, is_relied_on
from storage.model import Subscription

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def agreed(**changes: Any) -> Subscription:
    given: dict[str, Any] = {
        "source": "a",
        "token": "t",
        "topic": "https://paper.example/feed",
        "hub": "https://hub.example/",
        "secret": "s",
        "state": "active",
        "asked_at": NOW,
        "lease_until": NOW + 10 * DAY,
        "last_push": NOW,
        "pushes": 1,
        **changes,
    }
    return Subscription(**given)


@pytest.mark.parametrize(
    ("changes", "attempts", "due"),
    [
        ({"state": "asked", "lease_until": None}, 0, NOW),
        ({"state": "asked", "lease_until": None}, 1, NOW + 5 * MINUTE),
        ({"state": "asked", "lease_until": None}, 3, NOW + 20 * MINUTE),
        ({"state": "asked", "lease_until": None}, 99, NOW + DAY),
        ({}, 0, NOW + 8 * DAY),
        ({"lease_until": NOW + HOUR}, 5, NOW + 0.8 * HOUR),
        ({"lease_until": NOW - HOUR}, 0, NOW),
        ({"lease_until": NOW}, 0, NOW),
        ({"state": "denied", "lease_until": None}, 0, NOW + DAY),
        ({"state": "ending"}, 0, NOW),
        ({"state": "ending"}, 2, NOW + 10 * MINUTE),
    ],
)
def test_when_a_hub_is_asked_next(changes: dict[str, Any], attempts: int, due: datetime) -> None:
    assert due_at(agreed(**changes), attempts) == due


@pytest.mark.parametrize(
    ("changes", "missed", "relied_on"),
    [
        ({}, None, True),
        ({}, NOW - HOUR, True),
        ({}, NOW, False),
        ({}, NOW + HOUR, False),
        ({"last_push": None, "pushes": 0}, None, False),
        ({"last_push": NOW + DAY}, NOW, False),  # by a clock that was set back since
        ({"state": "asked", "lease_until": None}, None, False),
        ({"state": "denied"}, None, False),
        ({"state": "ending"}, None, False),
        ({"error": "HTTP 500"}, None, False),
        ({"lease_until": NOW}, None, False),
        ({"lease_until": NOW - HOUR}, None, False),
    ],
)
def test_a_hub_is_relied_on_while_its_lease_holds_and_it_tells_everything(
    changes: dict[str, Any], missed: datetime | None, relied_on: bool
) -> None:
    assert is_relied_on(agreed(**changes), missed, NOW) is relied_on


def test_no_hub_is_not_relied_on() -> None:
    assert not is_relied_on(None, None, NOW)
