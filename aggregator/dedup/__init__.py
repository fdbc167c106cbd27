"""One story once: which articles are new, updates, or copies. Pure; the rules stand in ``clauses.py``, those of near
copies in ``likeness.py``.
"""

from aggregator.dedup.decide import Resolution, decide
from aggregator.dedup.deduplicator import Decision, Deduplicator
from aggregator.dedup.frequencies import Frequencies
from aggregator.dedup.habits import Habits
from aggregator.dedup.likeness import Rules
from aggregator.dedup.moved import moved, unknown_names
from aggregator.dedup.near import Joined, Meaning, Near, Outcome
from aggregator.dedup.prefer import Member, Shown, shown
from aggregator.dedup.revise import Updates, is_material
from aggregator.dedup.rewritten import is_rewritten
from aggregator.dedup.stories import Stories
from aggregator.dedup.texts import Text, text_of

__all__ = [
    "Decision",
    "Deduplicator",
    "Frequencies",
    "Habits",
    "Joined",
    "Meaning",
    "Member",
    "Near",
    "Outcome",
    "Resolution",
    "Rules",
    "Shown",
    "Stories",
    "Text",
    "Updates",
    "decide",
    "is_material",
    "is_rewritten",
    "moved",
    "shown",
    "text_of",
    "unknown_names",
]
