"""How long a robots.txt is good for, and which answers leave open what may be asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule.robots import FIRST_HOLD, good_for, withholds
from tests.schedule.making import NOW

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, False),
        (204, False),
        (301, False),
        (404, False),
        (403, False),
        (429, True),
        (500, True),
        (None, True),
    ],
)
def test_only_what_says_nothing_withholds(status: int | None, expected: bool) -> None:
    assert withholds(status) is expected


@pytest.mark.parametrize(
    ("status", "retry_after", "held", "hours"),
    [
        (200, "60", None, 24),
        (404, "", 8 * HOUR, 24),
        (503, "", None, 1),
        (503, "", HOUR, 2),
        (None, "", 16 * HOUR, 24),
        (500, "", 24 * HOUR, 24),
        (429, "7200", None, 2),
        (429, "60", None, 1),
        (503, "172800", HOUR, 48),
        (503, "soon", None, 1),
        (429, "99999999999", None, 24 * 30),
    ],
)
def test_it_is_asked_for_again(
    status: int | None, retry_after: str, held: timedelta | None, hours: int
) -> None:
    assert good_for(status, {"retry-after": retry_after}, NOW, held) == hours * HOUR


@given(
    st.none() | st.integers(100, 599),
    st.dictionaries(st.sampled_from(["retry-after", "cache-control"]), st.text(max_size=20)),
    st.none() | st.timedeltas(timedelta(), timedelta(days=400)),
)
def test_never_within_the_hour_and_never_given_up(
    status: int | None, headers: dict[str, str], held: timedelta | None
) -> None:
    assert FIRST_HOLD <= good_for(status, headers, NOW, held) <= timedelta(days=30)
