"""Which articles a source may bring, which sections they go to, and which of them stand in a section's feed. Pure."""

from aggregator.curate.admit import admits
from aggregator.curate.route import Placement, Router
from aggregator.curate.rules import matches
from aggregator.curate.score import Score, score
from aggregator.curate.select import PLACES, newest, next_change, select, worthy

__all__ = [
    "PLACES",
    "Placement",
    "Router",
    "Score",
    "admits",
    "matches",
    "newest",
    "next_change",
    "score",
    "select",
    "worthy",
]
