"""The pace of the adaptive sources: by what is learnt of them, so that together they keep to a budget of polls.

Reckoned anew every hour, and kept in the store, so that ``run --once`` goes by it too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.config.model import Source
from aggregator.pipeline.plan import Plan
from aggregator.schedule import Policy, Share, pace_for_budget, share_of
from storage.interface import ArticleStore
from storage.model import Health, SourceRecord

#: The setting under which the store keeps it.
PACE = "pace"
PACED_EVERY = timedelta(hours=1)
_STALE = 0.9 * PACED_EVERY
_DAY = timedelta(days=1)


def paced(store: ArticleStore, plan: Plan, now: datetime) -> Plan:
    """The plan with the pace of the hour. Blocks on the disk; costs nothing where no source is adaptive."""
    budgeted = _budgeted(plan)
    if not budgeted:
        return replace(plan, pace=None)
    terms = _terms(plan, budgeted)
    noted = _noted(store, terms, now)
    if noted is not None:
        return replace(plan, pace=noted)
    pace = pace_of(plan, store.sources(), now)
    store.set_setting(PACE, json.dumps({"pace": pace, "at": now.isoformat(), "terms": terms}))
    return replace(plan, pace=pace)


def pace_of(plan: Plan, records: Iterable[SourceRecord], now: datetime) -> float | None:
    """By what is learnt of each source; None where none takes part in the budget."""
    budgeted = {source.id: source for source in _budgeted(plan)}
    shares: list[Share] = []
    budget = 0.0
    for record in records:
        source = budgeted.get(record.id)
        if source is not None and record.health is Health.OK:
            policy = plan.policy(source)
            shares.append(share_of(record, policy, now))
            budget += _polls_a_day(plan, policy)
    return pace_for_budget(shares, budget) if shares else None


def _polls_a_day(plan: Plan, policy: Policy) -> float:
    """What one source adds to the budget: by default as many polls as a fixed interval would take."""
    named = plan.config.defaults.polls_per_day
    # Jitter lengthens every wait by half of it, on average.
    return named * (1 + policy.jitter / 2) if named else _DAY / policy.base


def _budgeted(plan: Plan) -> list[Source]:
    return [
        source
        for source in plan.config.sources
        if source.interval.adaptive and source.freshness is None and source.enabled
    ]


def _terms(plan: Plan, budgeted: Iterable[Source]) -> str:
    """Another text whenever the configuration asks for another budget or other sources share it."""
    asked = [str(plan.config.defaults.polls_per_day)]
    asked += [f"{source.id} {source.interval!r}" for source in budgeted]
    return blake2b("\n".join(asked).encode(), digest_size=8).hexdigest()


def _noted(store: ArticleStore, terms: str, now: datetime) -> float | None:
    """The pace kept in the store, where it is of these terms and of this hour."""
    try:
        noted = json.loads(store.setting(PACE) or "{}")
        age = now - datetime.fromisoformat(noted["at"])
        valid = noted["terms"] == terms and timedelta() <= age < _STALE
        return float(noted["pace"]) if valid else None
    except (ValueError, KeyError, TypeError):
        return None
