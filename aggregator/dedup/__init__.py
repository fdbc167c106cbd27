"""One story once: which articles are new, updates, or copies. Pure; the rules stand in ``clauses.py``."""

from aggregator.dedup.decide import Resolution, decide
from aggregator.dedup.deduplicator import Decision, Deduplicator

__all__ = ["Decision", "Deduplicator", "Resolution", "decide"]
