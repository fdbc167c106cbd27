"""The plan that a configuration makes."""

from __future__ import annotations

from aggregator import __version__
from aggregator.config import Loaded
from aggregator.pipeline import Plan

PROGRAM = f"feed-aggregator/{__version__}"


def plan_of(loaded: Loaded) -> Plan:
    return Plan.of(loaded.config, PROGRAM, loaded.root)
