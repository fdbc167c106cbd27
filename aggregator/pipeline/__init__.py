"""The order of the steps: fetch, parse, normalise, dedup, store, curate, publish. Read ``poll.py`` first."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.pipeline.byhand import Regrouped as Regrouped, Stories as Stories
    from aggregator.pipeline.carrying import (
        NotCarried as NotCarried,
        Taken as Taken,
        carry_in as carry_in,
        carry_out as carry_out,
    )
    from aggregator.pipeline.commit import Committer as Committer
    from aggregator.pipeline.holds import SiteHolds as SiteHolds
    from aggregator.pipeline.pacing import PACED_EVERY as PACED_EVERY, paced as paced
    from aggregator.pipeline.plan import Plan as Plan
    from aggregator.pipeline.poll import Poller as Poller
    from aggregator.pipeline.press import Press as Press, PressReport as PressReport
    from aggregator.pipeline.result import PollResult as PollResult
    from aggregator.pipeline.retention import retain as retain
    from aggregator.pipeline.staff import Staff as Staff
    from aggregator.pipeline.withdrawn import withdraw as withdraw
else:
    __getattr__ = lazily(__name__)
