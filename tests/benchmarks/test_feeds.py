from __future__ import annotations

import pytest

from tests.benchmarks.feeds import measure

pytestmark = pytest.mark.benchmark


@pytest.mark.timeout(120)
@pytest.mark.parametrize("entries", [500, 5000])
def test_a_feed_with_one_new_article_is_made_ten_times_as_fast_as_by_feedgen(entries: int) -> None:
    figures = measure(entries)
    print("", *figures, sep="\n")
    feedgen = min(figure.feedgen_ms for figure in figures if figure.feedgen_ms)
    for figure in figures:
        assert figure.one_new_ms * 10 <= (figure.feedgen_ms or feedgen), figure


def test_a_section_of_50_with_one_new_article_takes_a_millisecond() -> None:
    figures = measure(50)
    print("", *figures, sep="\n")
    for figure in figures:
        assert figure.one_new_ms <= 1, figure
