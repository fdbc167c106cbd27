"""The plan that a configuration makes."""

from __future__ import annotations

from aggregator import program_version
from aggregator.config import Loaded
from aggregator.pipeline import Plan


def user_agent() -> str:
    """By which we name ourselves where no source's own name is to be used."""
    return f"feed-aggregator/{program_version()}"


def plan_of(loaded: Loaded) -> Plan:
    return Plan.of(loaded.config, user_agent(), loaded.root)
