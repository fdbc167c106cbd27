from __future__ import annotations

import pytest

from tests.benchmarks.polling_simulation import GOAL, compare, report


@pytest.mark.benchmark
@pytest.mark.parametrize(("seed", "polls"), [(4711, 24), (4712, 48)])
def test_items_wait_half_as_long_at_equal_polls(seed: int, polls: float) -> None:
    scores = compare(feeds=60, days=30, polls=polls, seed=seed)
    print("\n".join(report(scores)))

    ours = scores["ours"]
    assert ours.polls == pytest.approx(polls, rel=0.05)  # the budget is kept
    for other in ("fixed", "Miniflux entry_frequency"):
        assert ours.polls <= scores[other].polls * 1.02
        assert ours.mean <= GOAL * scores[other].mean
