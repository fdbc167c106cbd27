"""The deduplicator on labelled pairs; the floors say what it must not fall below on the given corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.dedup.measure import (
    Tally,
    false_merges_among,
    footers,
    pairs,
    pairwise,
    streaming,
    table,
)

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

LEAST_MACRO_RECALL, LEAST_RECALL = 0.99, 0.95
#: Three pairs that the corpus calls look-alikes are one text with small changes.
MOST_FALSE = 3
MOST_MILLISECONDS = 5.0


@pytest.fixture(scope="module")
def tallies(corpus: Path) -> list[Tally]:
    found = pairs(corpus)
    tallies = [pairwise(found), streaming(found)]
    print("\n" + table(tallies))
    return tallies


def test_copies_are_found(tallies: list[Tally]) -> None:
    for tally in tallies:
        assert min(tally.macro_recall("zh"), tally.macro_recall("en")) >= LEAST_MACRO_RECALL
        assert tally.least_recall() >= LEAST_RECALL
        assert sum(tally.wrong[key] for key in tally.copies) == 0


def test_look_alikes_stay_apart(tallies: list[Tally]) -> None:
    for tally in tallies:
        assert tally.false_merges() <= MOST_FALSE
        assert tally.false_merges({"neg_template", "neg_bulletin", "neg_random"}) == 0


def test_an_article_costs_little(tallies: list[Tally]) -> None:
    assert all(tally.milliseconds <= MOST_MILLISECONDS for tally in tallies)


@pytest.mark.parametrize("between", ["\n", " "])
def test_unrelated_short_articles_with_one_footer_stay_apart(corpus: Path, between: str) -> None:
    for pieces in footers(pairs(corpus), between).values():
        assert false_merges_among(pieces) <= 0.01 * len(pieces)
