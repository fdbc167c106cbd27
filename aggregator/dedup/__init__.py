"""One story once: which articles are new, updates, or copies. Pure; the rules stand in ``clauses.py``."""

from aggregator.dedup.decide import Resolution, decide
from aggregator.dedup.deduplicator import Decision, Deduplicator
from aggregator.dedup.moved import moved, unknown_names
from aggregator.dedup.prefer import Member, Shown, shown
from aggregator.dedup.revise import Updates, is_material
from aggregator.dedup.rewritten import is_rewritten

__all__ = [
    "Decision",
    "Deduplicator",
    "Member",
    "Resolution",
    "Shown",
    "Updates",
    "decide",
    "is_material",
    "is_rewritten",
    "moved",
    "shown",
    "unknown_names",
]
