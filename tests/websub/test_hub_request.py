"""The pure part of our own hub, a row a fact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.websub import is_signed
from aggregator.websub.hub import (
    HubRequest,
    Unfit,
    denial,
    due_at,
    ends_after,
    hub_request,
    is_confirmed,
    question,
    signature,
    wait_after,
)
from storage.model import HubSubscription

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
TOPIC, CALLBACK = "https://paper.example/world.atom", "https://reader.example/cb"


def form(**more: str) -> dict[str, str]:
    given = {"mode": "subscribe", "topic": TOPIC, "callback": CALLBACK} | more
    return {f"hub.{name}": value for name, value in given.items()}


def subscription(**more: object) -> HubSubscription:
    values: dict[str, object] = {"callback": CALLBACK, "topic": TOPIC, "lease_until": NOW + DAY}
    return HubSubscription(**values | more)  # type: ignore[arg-type]  # field names are the test's business


def test_a_request_is_read() -> None:
    assert hub_request(form(secret="s", lease_seconds="86400", foo="bar")) == HubRequest(
        mode="subscribe", topic=TOPIC, callback=CALLBACK, secret="s", lease=DAY
    )
    assert hub_request(form(mode="unsubscribe")).mode == "unsubscribe"


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("", 10 * DAY),
        ("86400", DAY),
        ("1", timedelta(minutes=5)),
        ("0", timedelta(minutes=5)),
        ("999999999999", 30 * DAY),
    ],
)
def test_a_lease_is_granted_within_bounds(asked: str, granted: timedelta) -> None:
    assert hub_request(form(lease_seconds=asked)).lease == granted


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"mode": ""}, "hub.mode"),
        ({"mode": "publish"}, "hub.mode"),
        ({"mode": "denied"}, "hub.mode"),
        ({"topic": ""}, "hub.topic is missing"),
        ({"callback": ""}, "hub.callback is missing"),
        ({"callback": "ftp://reader.example/"}, "hub.callback"),
        ({"callback": "javascript:alert(1)"}, "hub.callback"),
        ({"callback": "reader.example/cb"}, "hub.callback"),
        ({"callback": "https://"}, "hub.callback"),
        ({"callback": "https://me:pw@reader.example/"}, "hub.callback"),
        ({"callback": "https://reader.example/#part"}, "hub.callback"),
        ({"callback": "https://reader.example/a b"}, "hub.callback"),
        ({"callback": "https://reader.example/\r\nX: y"}, "hub.callback"),
        ({"callback": "https://reader.example/" + "a" * 2000}, "hub.callback"),
        ({"secret": "s" * 200}, "shorter than 200 bytes"),
        ({"secret": "密" * 67}, "shorter than 200 bytes"),
        ({"lease_seconds": "soon"}, "hub.lease_seconds"),
        ({"lease_seconds": "-1"}, "hub.lease_seconds"),
        ({"lease_seconds": "9" * 13}, "hub.lease_seconds"),
    ],
)
def test_a_request_that_cannot_be_taken_is_told_why(fault: dict[str, str], said: str) -> None:
    with pytest.raises(Unfit, match=said):
        hub_request(form(**fault))


def test_the_longest_secret_is_taken() -> None:
    assert len(hub_request(form(secret="s" * 199)).secret) == 199


def test_a_question_keeps_the_query_of_the_callback_as_it_is() -> None:
    asked = question(
        hub_request(form(callback="https://r.example/cb?id=a%20b&&x", lease_seconds="600")), "ch"
    )
    assert asked == (
        "https://r.example/cb?id=a%20b&&x&hub.mode=subscribe"
        "&hub.topic=https%3A%2F%2Fpaper.example%2Fworld.atom&hub.challenge=ch&hub.lease_seconds=600"
    )


def test_who_unsubscribes_is_told_of_no_lease() -> None:
    assert "lease" not in question(hub_request(form(mode="unsubscribe")), "ch")


def test_a_denial_gives_the_reason() -> None:
    assert denial(subscription(), "no more").endswith(
        "?hub.mode=denied&hub.topic=https%3A%2F%2Fpaper.example%2Fworld.atom&hub.reason=no+more"
    )


@pytest.mark.parametrize(
    ("status", "body", "confirmed"),
    [
        (200, b"challenge", True),
        (204, b"challenge", True),
        (200, b"challenge\n", True),
        (200, b"", False),
        (200, b"challenge!", False),
        (302, b"challenge", False),
        (404, b"challenge", False),
        (500, b"challenge", False),
    ],
)
def test_only_the_challenge_confirms(status: int, body: bytes, confirmed: bool) -> None:
    assert is_confirmed(status, body, "challenge") is confirmed


def test_what_the_hub_signs_a_subscriber_accepts() -> None:
    assert is_signed("密码", signature("密码", b"<feed/>"), b"<feed/>")
    assert not is_signed("密码", signature("other", b"<feed/>"), b"<feed/>")


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 30), (2, 60), (3, 120), (5, 480), (10, 15360), (11, 21600), (999, 21600)]
)
def test_who_fails_is_tried_ever_more_seldom(attempts: int, seconds: int) -> None:
    assert wait_after(attempts) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("fields", "tag", "due"),
    [
        ({"delivered": "a"}, "a", None),
        ({"delivered": "a"}, "", None),
        ({"delivered": "a"}, "b", NOW),
        ({"delivered": ""}, "b", NOW),
        ({"delivered": "a", "attempts": 2, "next_try": NOW + DAY}, "b", NOW + DAY),
        ({"delivered": "b", "attempts": 2, "next_try": NOW + DAY}, "b", None),
    ],
)
def test_what_a_subscriber_has_not_taken_is_due(
    fields: dict[str, object], tag: str, due: datetime | None
) -> None:
    assert due_at(subscription(**fields), tag, NOW) == due


@pytest.mark.parametrize(
    ("status", "since", "ends"),
    [
        (410, None, True),
        (500, NOW, False),
        (404, NOW - 2.9 * DAY, False),
        (500, NOW - 3 * DAY, True),
        (None, NOW - 4 * DAY, True),
    ],
)
def test_a_subscription_ends_when_it_is_said_or_after_three_days(
    status: int | None, since: datetime | None, ends: bool
) -> None:
    assert ends_after(subscription(failing_since=since), status, NOW) is ends
