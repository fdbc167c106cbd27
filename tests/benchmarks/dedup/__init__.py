"""Measures the deduplicator: what it finds, what it merges by mistake, what that costs, beside its peers."""

from tests.benchmarks.dedup.measure import (
    Pair,
    Piece,
    Tally,
    backwards,
    false_merges_among,
    footers,
    pairs,
    pairwise,
    rewrites,
    streaming,
    table,
)

__all__ = [
    "Pair",
    "Piece",
    "Tally",
    "backwards",
    "false_merges_among",
    "footers",
    "pairs",
    "pairwise",
    "rewrites",
    "streaming",
    "table",
]
