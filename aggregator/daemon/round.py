"""One round over the sources that are due: what cron runs."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta

from aggregator.daemon.desk import Desk
from aggregator.pipeline import PollResult
from storage.model import Claim

#: Of a claim until its poll renews it by its source's own measure.
FIRST_LEASE = timedelta(minutes=2)


async def poll_round(
    desk: Desk, *, early: bool = False, only: Collection[str] | None = None
) -> list[PollResult]:
    """Poll every source that is due now, each once; with ``early`` also those that are not, holds excepted."""
    due = await asyncio.to_thread(
        desk.store.claim_due,
        now=desk.clock(),
        limit=len(desk.plan.sources),
        lease=FIRST_LEASE,
        owner=desk.owner,
        early=early,
        only=only,
    )
    places = asyncio.Semaphore(desk.concurrency)

    async def one(claim: Claim) -> PollResult:
        async with places:
            fresh = await asyncio.to_thread(desk.store.renew, claim, now=desk.clock(), lease=FIRST_LEASE)
            result = await desk.poller.poll(desk.plan, fresh)
            desk.on_result(result)
            return result

    try:
        return list(await asyncio.gather(*(one(claim) for claim in due)))
    except BaseException:
        for claim in due:
            desk.store.release(claim)
        raise
