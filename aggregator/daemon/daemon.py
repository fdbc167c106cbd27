"""The daemon: one APScheduler tick over the due-queue, our own drain, reload without a stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.daemon.desk import Desk
from aggregator.daemon.round import FIRST_LEASE
from aggregator.pipeline import Plan, reroute
from storage.errors import StorageError
from storage.model import Claim

log = structlog.get_logger("aggregator.daemon")

TICK = timedelta(seconds=1)
#: How long SIGTERM waits for polls that are under way.
DRAIN = timedelta(seconds=20)
#: A wall clock that strays so far from the monotonic one was set, and APScheduler must look at it anew.
CLOCK_JUMP = timedelta(seconds=60)


class Daemon:
    """Runs until ``stop``. ``alive`` and ``tick_age`` are what the health pages read."""

    def __init__(
        self,
        desk: Desk,
        *,
        reload: Callable[[], Plan | None],
        tick: timedelta = TICK,
        drain: timedelta = DRAIN,
    ) -> None:
        self._desk = desk
        self._reload = reload
        self._tick_every = tick
        self._drain_for = drain
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._polls: dict[asyncio.Task[None], Claim] = {}
        self._stopping = asyncio.Event()
        self._to_press = asyncio.Event()
        self._last_tick = time.monotonic()
        self._skew = _wall_skew()

    # -- from outside

    def stop(self) -> None:
        """Begin the drain: no more claims; a second call stops waiting for the polls under way."""
        if self._stopping.is_set():
            self._drain_for = timedelta()
            for task in self._polls:
                task.cancel()
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def tick_age(self) -> float:
        """Seconds since the last tick."""
        return time.monotonic() - self._last_tick

    async def reload(self) -> bool:
        """Take a changed configuration in; a faulty one is reported by the loader and changes nothing."""
        plan = await asyncio.to_thread(self._reload)
        if plan is None:
            return False
        await self._take(plan)
        return True

    async def run(self) -> None:
        """Poll and publish until stopped, then drain."""
        await self._take(self._desk.plan)
        press = asyncio.create_task(self._press())
        self._scheduler.add_job(self._tick, "interval", seconds=self._tick_every.total_seconds(), id="tick")
        self._scheduler.add_job(self._retain, "interval", hours=6, id="retention")
        self._scheduler.start()
        watch = asyncio.create_task(self._watch_the_clock())
        await self._tick()
        try:
            await self._stopping.wait()
        finally:
            watch.cancel()
            await self._drain()
            press.cancel()
            await asyncio.gather(press, watch, return_exceptions=True)

    # -- the steps

    async def _take(self, plan: Plan) -> None:
        """Make a plan the one that is carried out: sources, placements, published files."""
        desk = self._desk

        def settle() -> int:
            desk.store.sync_sources(plan.seeds(), desk.clock())
            return reroute(desk.store, plan)

        moved = await asyncio.to_thread(settle)
        desk.plan = plan
        desk.press.take(plan)
        if moved:
            log.info("placed stored articles by changed rules", moved=moved)
        self._to_press.set()

    async def _tick(self) -> None:
        self._last_tick = time.monotonic()
        if self._stopping.is_set():
            return
        try:
            await self._start_due()
        except StorageError as error:
            log.error("cannot claim sources", error=str(error))
        if self._desk.press.due(self._desk.clock()):
            self._to_press.set()

    async def _start_due(self) -> None:
        desk = self._desk
        free = desk.concurrency - len(self._polls)
        if free <= 0:
            return
        claims = await asyncio.to_thread(
            desk.store.claim_due, now=desk.clock(), limit=free, lease=FIRST_LEASE, owner=desk.owner
        )
        for claim in claims:
            task = asyncio.create_task(self._poll(claim))
            self._polls[task] = claim
            task.add_done_callback(self._done)

    async def _poll(self, claim: Claim) -> None:
        desk = self._desk
        if claim.source.id not in desk.plan.sources:  # removed by a reload since it was claimed
            await asyncio.to_thread(desk.store.release, claim)
            return
        result = await desk.poller.poll(desk.plan, claim)
        desk.on_result(result)
        self._to_press.set()

    def _done(self, task: asyncio.Task[None]) -> None:
        claim = self._polls.pop(task)
        if task.cancelled() or task.exception() is None:
            return
        # A fault of ours or of the store: the lease runs out and the source is tried again.
        log.error("poll broke off", source=claim.source.id, exc_info=task.exception())

    async def _press(self) -> None:
        """Publish whatever changed, one edition at a time; changes meanwhile wait for the next."""
        while True:
            await self._to_press.wait()
            self._to_press.clear()
            await self._print()

    async def _print(self) -> None:
        try:
            report = await asyncio.to_thread(self._desk.press.publish)
        except Exception:
            log.exception("publishing failed; the published files stay as they were")
            return
        self._desk.on_print(report)
        if report.error is not None:
            log.error("publishing failed; the published files stay as they were", error=report.error)
        elif report.written:
            log.info("published", sections=list(report.sections), files=len(report.written))

    async def _retain(self) -> None:
        kept = self._desk.plan.config.retention
        now = self._desk.clock()
        emptied = await asyncio.to_thread(
            self._desk.store.expire,
            articles_before=now - kept.articles if kept.articles else None,
            bodies_before=now - kept.bodies if kept.bodies else None,
        )
        if emptied:
            log.info("retention", articles=emptied)

    async def _watch_the_clock(self) -> None:
        """APScheduler reckons in wall time and stalls when that is set back: wake it; asyncio has a clock of its own."""
        while True:
            await asyncio.sleep(max(self._tick_every.total_seconds(), 1.0))
            skew = _wall_skew()
            if abs(skew - self._skew) > CLOCK_JUMP:
                log.warning("the clock was set", by=str(skew - self._skew))
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))
            self._skew = skew

    async def _drain(self) -> None:
        """Stop claiming, let polls under way end, give back what does not, publish what came."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._polls:
            log.info("draining", polls=len(self._polls))
            await asyncio.wait(list(self._polls), timeout=self._drain_for.total_seconds())
        left = dict(self._polls)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for claim in left.values():
            await asyncio.to_thread(self._desk.store.release, claim)
        await self._print()


def _wall_skew() -> timedelta:
    """Wall time less monotonic time; constant until somebody sets the clock."""
    return timedelta(seconds=time.time() - time.monotonic())
