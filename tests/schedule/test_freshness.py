from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule import freshness, retry_after
from tests.schedule.making import NOW

DATE = "Wed, 04 Mar 2026 10:30:00 GMT"
AN_HOUR_ON = "Wed, 04 Mar 2026 11:30:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=3600"}, 3600),
        ({"Cache-Control": "public, Max-Age=3600"}, 3600),
        ({"cache-control": 'max-age="3600"'}, 3600),
        ({"cache-control": "max-age = 3600"}, 3600),
        ({"cache-control": "max-age=3600; must-revalidate"}, 3600),
        ({"cache-control": "public; max-age=3600"}, 3600),
        ({"cache-control": 'ext="a, max-age=5", max-age=3600'}, 3600),
        ({"cache-control": 'ext="a; max-age=5", max-age=3600'}, 3600),
        ({"cache-control": "max-age=60, max-age=3600"}, 60),
        ({"cache-control": "s-maxage=9, max-age=3600"}, 3600),
        ({"cache-control": 'no-cache="set-cookie", max-age=3600'}, 3600),
        ({"cache-control": "max-age=3600", "age": "600"}, 3000),
        ({"cache-control": "max-age=3600", "age": "600, 700"}, 3000),
        ({"cache-control": "max-age=3600", "age": "soon"}, 3600),
        ({"cache-control": "max-age=3600", "age": "3600"}, None),
        ({"cache-control": "max-age=3600", "expires": "0"}, 3600),
        ({"cache-control": "max-age=60", "expires": AN_HOUR_ON, "date": DATE}, 60),
        ({"cache-control": "public", "expires": AN_HOUR_ON, "date": DATE}, 3600),
        ({"expires": AN_HOUR_ON}, 3600),
        ({"expires": AN_HOUR_ON, "date": "Wed, 04 Mar 2026 11:00:00 GMT"}, 1800),
        ({"expires": AN_HOUR_ON, "date": "Wed, 04 Mar 2026 10:00:00 GMT", "age": "1800"}, 3600),
        ({"expires": AN_HOUR_ON, "date": DATE, "age": "3600"}, None),
        ({"expires": AN_HOUR_ON, "age": "1800"}, 3600),
        ({"expires": "Thu, 05 Mar 2026 11:30:00 GMT", "date": "Thu, 05 Mar 2026 10:30:00 GMT"}, 3600),
        ({"expires": "Wednesday, 04-Mar-26 11:30:00 GMT"}, 3600),
        ({"expires": "Wed Mar  4 11:30:00 2026"}, 3600),
        ({"expires": DATE}, None),
        ({"expires": "0"}, None),
        ({"expires": "-1"}, None),
        ({"expires": ""}, None),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "max-age=-5"}, None),
        ({"cache-control": "max-age=abc", "expires": AN_HOUR_ON}, None),
        ({"cache-control": "max-age=1e30"}, None),
        ({"cache-control": "max-age"}, None),
        ({"cache-control": "no-cache, max-age=3600"}, None),
        ({"cache-control": "no-store", "expires": AN_HOUR_ON}, None),
        ({"cache-control": "max-age=٣٦٠٠"}, None),
        ({}, None),
    ],
)
def test_freshness_is_read_as_rfc_9111_says(headers: dict[str, str], seconds: int | None) -> None:
    assert freshness(headers, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("digits", ["315360000", "9" * 12, "9" * 5000])
def test_a_very_long_max_age_stays_in_range(digits: str) -> None:
    assert freshness({"cache-control": f"max-age={digits}"}, NOW) == timedelta(days=3650)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7200", 7200),
        (" 7200 ", 7200),
        ("7200, 7200", 7200),
        ("172800", 172800),
        ("0", 0),
        (AN_HOUR_ON, 3600),
        ("Wed, 04 Mar 2026 09:00:00 GMT", 0),
        ("-5", None),
        ("12.5", None),
        ("soon", None),
        ("", None),
        ("Wed, 99 Mar 2026 99:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: int | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == (
        None if seconds is None else timedelta(seconds=seconds)
    )


def test_a_retry_after_date_counts_from_the_servers_own_clock() -> None:
    headers = {"retry-after": AN_HOUR_ON, "date": "Wed, 04 Mar 2026 11:20:00 GMT"}

    assert retry_after(headers, NOW) == timedelta(minutes=10)


def test_no_retry_after_is_none() -> None:
    assert retry_after({}, NOW) is None


@given(
    st.dictionaries(st.sampled_from(["cache-control", "expires", "age", "date", "retry-after"]), st.text())
)
def test_no_header_breaks_the_reading(headers: dict[str, str]) -> None:
    fresh, wait = freshness(headers, NOW), retry_after(headers, NOW)

    assert fresh is None or timedelta() < fresh <= timedelta(days=3650)
    assert wait is None or timedelta() <= wait <= timedelta(days=3650)
