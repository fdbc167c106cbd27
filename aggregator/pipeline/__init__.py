"""The order of the steps: fetch, parse, normalise, dedup, store, curate, publish. Read ``poll.py`` first."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.pipeline.byhand import Regrouped, Stories
    from aggregator.pipeline.carrying import NotCarried, Taken, carry_in, carry_out
    from aggregator.pipeline.commit import Committer
    from aggregator.pipeline.holds import SiteHolds
    from aggregator.pipeline.pacing import PACED_EVERY, paced
    from aggregator.pipeline.plan import Plan
    from aggregator.pipeline.poll import Poller
    from aggregator.pipeline.press import Press, PressReport
    from aggregator.pipeline.result import PollResult
    from aggregator.pipeline.retention import retain
    from aggregator.pipeline.staff import Staff
    from aggregator.pipeline.withdrawn import withdraw

__all__ = [
    "PACED_EVERY",
    "Committer",
    "NotCarried",
    "Plan",
    "PollResult",
    "Poller",
    "Press",
    "PressReport",
    "Regrouped",
    "SiteHolds",
    "Staff",
    "Stories",
    "Taken",
    "carry_in",
    "carry_out",
    "paced",
    "retain",
    "withdraw",
]

__getattr__ = lazily(
    __name__,
    byhand="Regrouped Stories",
    carrying="NotCarried Taken carry_in carry_out",
    commit="Committer",
    holds="SiteHolds",
    pacing="PACED_EVERY paced",
    plan="Plan",
    poll="Poller",
    press="Press PressReport",
    result="PollResult",
    retention="retain",
    staff="Staff",
    withdrawn="withdraw",
)
