"""The semantic stage on rewrites and look-alikes; the floors say what it must not fall below on the given corpus."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from aggregator.dedup import Deduplicator
from aggregator.extras import NO_SEMANTIC, semantic_encoder
from tests.benchmarks import dedup
from tests.benchmarks.dedup import Tally
from tests.benchmarks.rewrites import costs, everything, lines, told

WITH_EXTRAS = True
pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.timeout(900),
    pytest.mark.skipif(semantic_encoder() is None, reason=NO_SEMANTIC),
]

LEAST_RECALL = {"zh": 0.95, "en": 0.85}
#: Of the look-alikes by meaning; words alone merge three, which are one text with small changes.
MOST_FALSE, MOST_FALSE_BY_WORDS = 0.005, 3
#: Milliseconds of CPU an article, on a machine that does other things too.
MOST_ALONE, MOST_ASKED, MOST_SCAN = 25.0, 60.0, 10.0


@pytest.fixture(scope="module")
def tallies(corpus: Path) -> list[Tally]:
    make = partial(Deduplicator, semantic="on")
    tallies = [measure(everything(corpus), make=make) for measure in (dedup.pairwise, dedup.streaming)]
    print("\n" + dedup.table(tallies))
    return tallies


def test_rewrites_are_found(tallies: list[Tally]) -> None:
    for tally in tallies:
        for lang, least in LEAST_RECALL.items():
            assert tally.macro_recall(lang) >= least
        assert sum(tally.wrong[key] for key in tally.copies) == 0


def test_look_alikes_stay_apart(tallies: list[Tally]) -> None:
    for tally in tallies:
        most = MOST_FALSE * tally.look_alikes() + MOST_FALSE_BY_WORDS
        assert tally.false_merges() <= most
        assert tally.false_merges({"neg_template", "neg_bulletin", "neg_random"}) == 0


def test_it_adds_nothing_wrong_to_the_pairs(corpus: Path) -> None:
    found = dedup.pairs(corpus)
    plain, semantic = (
        dedup.streaming(found, make=partial(Deduplicator, semantic=mode)) for mode in ("off", "on")
    )
    assert semantic.false_merges() <= plain.false_merges()
    assert semantic.least_recall() >= plain.least_recall()
    assert sum(semantic.wrong.values()) <= sum(plain.wrong.values())


def test_an_article_costs_little() -> None:
    cost = costs([pair for pair in told() if pair.copy])
    print("\n" + "\n".join(lines(cost)))
    assert sum(cost.alone) / len(cost.alone) <= MOST_ALONE
    assert sum(cost.asked) / len(cost.asked) <= MOST_ASKED
    assert cost.scan <= MOST_SCAN
