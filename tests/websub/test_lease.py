"""What is asked of a hub, what it grants, and when it is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from aggregator.websub import granted_lease, renewal_due, retry_wait, subscription_form

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "lease"),
    [
        ("864000", timedelta(days=10)),
        ("60", timedelta(minutes=1)),
        ("0", timedelta(days=10)),
        ("1", timedelta(seconds=2)),
        ("99999999999", timedelta(days=90)),
        ("9" * 5000, timedelta(days=10)),
        ("-5", timedelta(days=10)),
        ("1e9", timedelta(days=10)),
        ("๓", timedelta(days=10)),
        (None, timedelta(days=10)),
    ],
)
def test_a_lease_is_what_the_hub_grants_within_bounds(said: str | None, lease: timedelta) -> None:
    assert granted_lease(said) == lease


def test_a_lease_is_renewed_at_80_percent_and_again_at_80_percent_of_what_is_left() -> None:
    ends = NOW + timedelta(days=10)
    first = renewal_due(NOW, ends)
    assert first == NOW + timedelta(days=8)
    assert renewal_due(first, ends) == NOW + timedelta(days=9.6)


def test_renewals_end_in_no_frenzy_as_the_lease_does() -> None:
    ends = NOW + timedelta(seconds=1)
    assert renewal_due(NOW, ends) == NOW + timedelta(seconds=1)
    assert renewal_due(ends + timedelta(hours=1), ends) > ends + timedelta(hours=1)


def test_a_silent_hub_is_asked_ever_more_seldom_and_daily_at_least() -> None:
    waits = [retry_wait(attempts) for attempts in range(1, 30)]
    assert waits[:4] == [timedelta(minutes=5 * 2**n) for n in range(4)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)


def test_what_is_posted_to_the_hub() -> None:
    topic, callback = "https://paper.example/a?b=c&d=e", "https://reader.example/websub/t"
    form = subscription_form("subscribe", topic=topic, callback=callback, secret="s")
    assert parse_qs(form.decode(), strict_parsing=True) == {
        "hub.mode": ["subscribe"],
        "hub.topic": [topic],
        "hub.callback": [callback],
        "hub.secret": ["s"],
        "hub.lease_seconds": ["864000"],
    }


def test_the_secret_is_not_told_again_at_the_end() -> None:
    form = subscription_form("unsubscribe", topic="t", callback="c", secret="s")
    assert parse_qs(form.decode()).keys() == {"hub.mode", "hub.topic", "hub.callback"}
