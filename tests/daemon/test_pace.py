"""How long the press rests between two editions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.daemon import Pace


@pytest.mark.parametrize(
    ("took", "rest"),
    [(0.0, 1.0), (0.05, 1.0), (0.1, 2.0), (0.2, 4.0), (60.0, 5.0)],
    ids=["at once", "soon", "longer", "longer still", "ages"],
)
def test_a_printing_that_takes_longer_is_rested_from_longer_but_news_is_not_kept_for_long(
    took: float, rest: float
) -> None:
    pace = Pace(edition=timedelta(seconds=1), rest=20, longest=timedelta(seconds=5))
    assert pace.after(timedelta(seconds=took)) == timedelta(seconds=rest)


def test_what_is_asked_of_the_pace_goes_before_how_long_is_rested_at_most() -> None:
    pace = Pace(edition=timedelta(minutes=1))
    assert pace.after(timedelta(seconds=60)) == timedelta(minutes=1)
