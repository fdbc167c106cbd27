"""One round over the sources that are due: what cron runs."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from aggregator.daemon.desk import Desk
from aggregator.daemon.sites import SiteQueue
from aggregator.pipeline import PollResult, paced
from aggregator.pipeline.together import Together
from storage.model import Claim

#: Of a claim until its poll renews it by its source's own measure.
FIRST_LEASE = timedelta(minutes=2)

#: Sources' ids to their claims.
Claims = Together[str, Claim | None]


async def poll_round(
    desk: Desk, *, early: bool = False, only: Collection[str] | None = None, brief: bool = False
) -> list[PollResult]:
    """Poll every source that is due now, each once; with ``early`` also those that are not, holds excepted.

    A source is claimed when its turn has come: a round may take much longer than a lease. ``brief`` results are
    without the articles and the record, which of thousands of sources are too many to keep.
    """
    await desk.staff.store.run(desk.store.set_back, desk.clock())
    desk.plan = await desk.staff.store.run(paced, desk.store, desk.plan, desk.clock())
    queue = await _wanted(desk, early, only)
    # Those whose polls were committed together come for their next sources together.
    claims: Claims = Together(partial(_claim, desk, early))
    polled: set[str] = set()
    workers = [
        asyncio.create_task(_work(desk, queue, claims, brief, polled))
        for _ in range(min(desk.places, len(queue)))
    ]
    try:
        return [result for results in await asyncio.gather(*workers) for result in results]
    finally:
        for worker in workers:
            if not worker.cancelling():  # a second time would cut it off while it gives its claim back
                worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def _wanted(desk: Desk, early: bool, only: Collection[str] | None) -> SiteQueue:
    """The queue of a round. Of the sources' records, which are long, it keeps nothing but their order."""
    records = await desk.staff.store.run(desk.store.sources)
    begun = desk.clock()
    return SiteQueue(
        (
            record
            for record in records
            if (early or record.next_poll <= begun) and (only is None or record.id in only)
        ),
        desk.room,
    )


async def _work(
    desk: Desk, queue: SiteQueue, claims: Claims, brief: bool, polled: set[str]
) -> list[PollResult]:
    """Poll the next source of the queue until it has none for us; ``polled`` may have been so with a twin."""
    results: list[PollResult] = []
    while (source_id := queue.take()) is not None:
        if source_id in polled:
            queue.done(source_id)
            continue
        if (claim := await _claimed(desk, claims, source_id)) is not None:
            # Nothing here keeps what is not to be kept: a worker waits for its next source for long.
            results += await _polled(desk, claim, polled, brief=brief)
        queue.done(source_id)
    return results


async def _claim(desk: Desk, early: bool, source_ids: Sequence[str]) -> list[Claim | None]:
    """The claims of these sources; None where one is not to be had."""
    claims = await desk.staff.store.run(
        desk.store.claim_due,
        now=desk.clock(),
        limit=len(source_ids),
        lease=FIRST_LEASE,
        owner=desk.owner,
        early=early,
        only=source_ids,
    )
    by_source = {claim.source.id: claim for claim in claims}
    return [by_source.get(source_id) for source_id in source_ids]


async def _claimed(desk: Desk, claims: Claims, source_id: str) -> Claim | None:
    claiming = asyncio.ensure_future(claims.do(source_id))
    try:
        return await asyncio.shield(claiming)
    except asyncio.CancelledError:
        if (claim := await claiming) is not None:  # the store was at it already
            await desk.staff.store.run(desk.store.release, claim)
        raise


async def _polled(desk: Desk, claim: Claim, polled: set[str], *, brief: bool) -> list[PollResult]:
    try:
        results = await desk.poller.poll(desk.present, claim)
    except asyncio.CancelledError:
        await desk.staff.store.run(desk.store.release, claim)
        raise
    for result in results:
        desk.on_result(result)
        polled.add(result.source)
    return [replace(result, resolutions=(), record=None) if brief else result for result in results]
