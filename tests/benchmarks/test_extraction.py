"""The extractor on real pages; the floors say what it must not fall below on the given corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.extraction import ARTICLE_SETS, LISTING_SETS, Tally, mean, measure, table

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

#: Set, figure, least value. Raise one when a change earns it; lowering one needs a reason in the commit.
FLOORS = (
    ("zh-portals", "body", 0.98),
    ("zh-portals", "title", 0.97),
    ("zh-portals", "date", 0.97),
    ("zh-portals", "section", 0.92),
    ("zh-portals", "author", 0.90),
    ("zh-essays-and-news", "body", 0.95),
    ("zh-essays-and-news", "date", 0.92),
    ("zh-essays-and-news", "author", 0.75),
    ("zh-mixed", "body", 0.95),
    ("articles", "body", 0.91),
    ("articles", "title", 0.87),
    ("dates", "date", 0.87),
    ("zh-listings", "links", 0.93),
)


def _figure(tally: Tally, figure: str) -> float:
    if figure in ("body", "links"):
        return mean(tally.body if figure == "body" else tally.listing) or 0.0
    return tally.share(figure, "ok") or 0.0


def test_the_extractor_holds_its_floors(corpus: Path) -> None:
    tallies = {tally.name: tally for tally in measure(corpus, (*ARTICLE_SETS, *LISTING_SETS))}
    print("\n" + table(list(tallies.values())))
    below = [
        f"{name}: {figure} {value:.3f} is below {floor}"
        for name, figure, floor in FLOORS
        if (value := _figure(tallies[name], figure)) < floor
    ]
    assert not below
