"""The order of the steps: fetch, parse, normalise, dedup, store, curate, publish. Read ``poll.py`` first."""

from aggregator.pipeline.byhand import Regrouped, Stories
from aggregator.pipeline.commit import Committer
from aggregator.pipeline.holds import SiteHolds
from aggregator.pipeline.pacing import PACED_EVERY, paced
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.poll import Poller
from aggregator.pipeline.press import Press, PressReport
from aggregator.pipeline.reroute import reroute
from aggregator.pipeline.result import PollResult
from aggregator.pipeline.retention import retain
from aggregator.pipeline.staff import Staff

__all__ = [
    "PACED_EVERY",
    "Committer",
    "Plan",
    "PollResult",
    "Poller",
    "Press",
    "PressReport",
    "Regrouped",
    "SiteHolds",
    "Staff",
    "Stories",
    "paced",
    "reroute",
    "retain",
]
