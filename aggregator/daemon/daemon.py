"""The daemon: one APScheduler tick over the due-queue, our own drain, reload without a stop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.daemon.desk import Desk
from aggregator.daemon.notices import Notices
from aggregator.daemon.pace import Pace
from aggregator.daemon.printing import Printing
from aggregator.daemon.pushes import Pushes
from aggregator.daemon.round import FIRST_LEASE
from aggregator.daemon.wallclock import WallClock, mend_queue
from aggregator.pipeline import PACED_EVERY, Plan, paced, retain
from aggregator.pipeline.reroute import reroute
from storage.errors import StorageError
from storage.model import Claim
from storage.sites import site_of

log = structlog.get_logger("aggregator.daemon")

_MOST_WAITING = 20  #: times ``concurrency``: polls under way, those that wait for their host's turn included


class Daemon:
    """Runs until ``stop``. ``alive`` and ``tick_age`` are what the health pages read."""

    def __init__(
        self,
        desk: Desk,
        *,
        reload: Callable[[], Plan | None],
        pace: Pace | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._reload = reload
        self._pace = pace or Pace()
        self._monotonic = monotonic
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            # It warns of every tick left out while the one before it waits for the store, which is as it should be.
            logger=logging.Logger("aggregator.ticks", logging.ERROR),
        )
        self._polls: dict[asyncio.Task[None], Claim] = {}
        self._at: dict[str, list[str]] = {}  #: site → its sources that are polled
        self._cut_off: list[Claim] = []  #: of polls that were cancelled; to be given back
        self._stopping = asyncio.Event()
        self._at_once = asyncio.Event()
        self.notices = Notices(desk.messengers, desk.clock)
        self.printing = Printing(desk, self.notices, self._pace, stopping=self._stopping.is_set)
        self.pushes = Pushes(
            desk,
            to_press=partial(self.printing.want, at_once=True),
            tick=self.tick,
            stopping=self._stopping.is_set,
        )
        self._vacant = asyncio.Event()
        self._queue = False  #: the last claim got as many as it asked for: there may be more
        self._taking = asyncio.Lock()
        self._claiming = asyncio.Lock()
        self._untaken: Plan | None = None  #: a plan that the store would not take; tried again
        self._edits = 0
        self._retain_at = monotonic()
        self._pace_at = monotonic()
        self._last_tick = monotonic()
        self._wall = WallClock(desk.clock, monotonic)

    # -- from outside

    def stop(self) -> None:
        """Begin the drain: no more claims; a second call stops waiting for the polls under way."""
        if self._stopping.is_set():
            self._at_once.set()
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    @property
    def under_way(self) -> int:
        """Polls and pushes begun and not ended, whether hubs are being asked, and who is being told."""
        return len(self._polls) + self.pushes.under_way + self.notices.under_way

    def tick_age(self) -> float:
        """Seconds since the last tick."""
        return self._monotonic() - self._last_tick

    async def reload(self) -> bool:
        """Take a changed configuration in; a faulty one is reported by the loader and changes nothing. Never raises."""
        async with self._taking:
            try:
                plan = await asyncio.to_thread(self._reload)
            except Exception:
                log.exception("the configuration could not be read again; the old one goes on")
                return False
            return plan is not None and await self._take(plan)

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Poll and publish until stopped, then drain. Raises StorageError when the store does not take the plan.

        ``ready`` is called when what the store held is printed: from then on every address of the paper answers.
        """
        async with self._taking:
            await self._settle(self._desk.plan)
        self._edits = await self._desk.staff.store.run(self._desk.store.edits)
        await self.printing.first(self._stopping)
        ready()
        chores = (
            self._refill(),
            self.printing.go_on(),
            self.printing.fetch_pictures(),
            self._upkeep(),
            self._watch_the_clock(),
        )
        others = [asyncio.create_task(chore) for chore in chores]
        every = {"trigger": "interval", "seconds": self._pace.tick.total_seconds()}
        self._scheduler.add_job(self.tick, **every, next_run_time=datetime.now(UTC))
        self._scheduler.start()
        try:
            await self._stopping.wait()
        finally:
            self._stopping.set()
            await self._drain()
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self.printing.last()

    # -- the plan

    async def _take(self, plan: Plan) -> bool:
        """Make a plan the one that is carried out; if the store refuses, the old one goes on until a tick succeeds."""
        try:
            await self._settle(plan)
        except StorageError as error:
            self._untaken = plan
            log.error("the new configuration is not in force yet, it will be tried again", error=str(error))
            return False
        self._untaken = None
        return True

    async def _settle(self, plan: Plan) -> None:
        """The plan's sources, placements and files.

        The plan is swapped first: ``sync_sources`` waits for the transaction of every poll that may have seen the old
        one, so that nothing is placed by the old rules once ``reroute`` has begun to read.
        """
        desk, before = self._desk, self._desk.plan
        desk.plan = plan
        try:
            known = await desk.staff.store.run(desk.store.sources)
            seeds = plan.seeds_beside(known, desk.clock())
            await desk.staff.store.run(desk.store.sync_sources, seeds, desk.clock())
            await desk.staff.store.run(desk.store.set_back, desk.clock())
            await self._set_pace()
            moved = await desk.staff.store.run(reroute, desk.store, plan)
            await desk.subscriber.take(plan)
            await self.notices.take(plan)
        except BaseException:
            desk.plan = before
            raise
        await desk.staff.press.run(desk.press.take, plan)
        if moved:
            log.info("placed stored articles by changed rules", moved=moved)
        self.printing.want()

    # -- the tick

    async def tick(self) -> None:
        """Start the polls that are due, as far as there are places free. Never raises."""
        self._last_tick = self._monotonic()
        await self._fill()
        try:
            if not self.stopping:
                self.pushes.tend()
                self.notices.tend()
            if self._desk.press.due(self._desk.clock()):
                self.printing.want()
        except Exception:
            log.exception("a tick broke off")

    async def _fill(self) -> None:
        """Give the free places to sources that are due. Never raises."""
        try:
            async with self._claiming:
                await self._heed_the_clock()
                await self._start_due()
        except StorageError as error:
            log.error("the store does not answer; tried again at the next tick", error=str(error))
        except Exception:
            log.exception("a tick broke off")

    async def _refill(self) -> None:
        """Between the ticks, while sources wait for a place: one claim for all the places that fell free."""
        while True:
            await self._vacant.wait()
            await asyncio.sleep(self._pace.refill.total_seconds())
            self._vacant.clear()
            await self._fill()

    async def _start_due(self) -> None:
        desk = self._desk
        free = self._free()
        if free <= 0 or self.stopping:
            return
        claims = await desk.staff.store.run(
            desk.store.claim_due,
            now=desk.clock(),
            limit=free,
            lease=FIRST_LEASE,
            owner=desk.owner,
            # Their leases may seem to have run out: when the clock was set forward, or the store hung.
            without={claim.source.id for claim in self._polls.values()} | desk.poller.under_way,
            crowded=(crowded := self._crowded()),
        )
        self._queue = len(claims) == free or bool(crowded)
        for claim in claims:
            site = site_of(claim.source.url)
            task = asyncio.create_task(self._poll(claim))
            self._polls[task] = claim
            self._at.setdefault(site, []).append(claim.source.id)
            task.add_done_callback(partial(self._done, site))

    def _free(self) -> int:
        """Places for more polls: one that only waits, for its host or an answer, occupies none, within reason."""
        desk = self._desk
        busy = sum(not desk.waits(claim.source.id) for claim in self._polls.values())
        return min(desk.places - busy, _MOST_WAITING * desk.concurrency - len(self._polls))

    def _crowded(self) -> list[str]:
        """Sites for whose turn enough polls wait: however many of their sources are due, no more are begun."""
        desk = self._desk
        return [
            site
            for site, polled in self._at.items()
            if len(polled) >= desk.room(polled[0]) <= sum(map(desk.waits, polled))
        ]

    async def _poll(self, claim: Claim) -> None:
        desk = self._desk
        # A reload may have removed it since it was claimed.
        if self.stopping or claim.source.id not in desk.plan.sources:
            await desk.staff.store.run(desk.store.release, claim)
            return
        results = await desk.poller.poll(desk.present, claim)
        if any(result.shows for result in results):
            self.printing.want()
        for result in results:
            self.pushes.polled(result)
            desk.on_result(result)

    def _done(self, site: str, task: asyncio.Task[None]) -> None:
        claim = self._polls.pop(task)
        self._leave(site, claim)
        if self._queue:
            self._vacant.set()
        if task.cancelled():
            self._cut_off.append(claim)
        elif task.exception() is not None:
            # Not of the poll, which keeps its faults to itself: the lease runs out and the source is tried again.
            log.error("poll broke off", source=claim.source.id, exc_info=task.exception())

    def _leave(self, site: str, claim: Claim) -> None:
        self._at[site].remove(claim.source.id)
        if not self._at[site]:
            del self._at[site]

    # -- what may take its time, and must not hold up the tick

    async def _upkeep(self) -> None:
        while True:
            await asyncio.sleep(self._pace.tick.total_seconds())
            try:
                await self._retry_plan()
                await self._heed_edits()
                await self._keep_pace()
                await self._retain()
            except StorageError as error:
                log.error("upkeep put off", error=str(error))
                self._retain_at = self._monotonic() + self._pace.misprint.total_seconds()
            except Exception:
                log.exception("upkeep broke off")
                self._retain_at = self._monotonic() + self._pace.retention.total_seconds()

    async def _keep_pace(self) -> None:
        """Reckon the adaptive sources' pace anew when it is time."""
        if self._monotonic() < self._pace_at:
            return
        async with self._taking:
            await self._set_pace()

    async def _set_pace(self) -> None:
        desk = self._desk
        self._pace_at = self._monotonic() + PACED_EVERY.total_seconds()
        desk.plan = await desk.staff.store.run(paced, desk.store, desk.plan, desk.clock())

    async def _retry_plan(self) -> None:
        async with self._taking:
            if self._untaken is not None:
                await self._take(self._untaken)

    async def _heed_edits(self) -> None:
        """What another process changed by hand is printed."""
        edits = await self._desk.staff.store.run(self._desk.store.edits)
        if edits != self._edits:
            self._edits = edits
            self.printing.want(at_once=True)

    async def _retain(self) -> None:
        """Apply retention when it is time, as soon as the press knows what it prints."""
        if self._monotonic() < self._retain_at:
            return
        desk = self._desk
        done = await desk.staff.store.run(retain, desk.store, desk.plan, desk.press, desk.clock())
        if done is not None:
            self._retain_at = self._monotonic() + self._pace.retention.total_seconds()

    # -- the clock

    async def _watch_the_clock(self) -> None:
        """APScheduler stalls when the clock is set back, and a tick that does not come sees nothing."""
        while True:
            await asyncio.sleep(self._pace.tick.total_seconds())
            try:
                async with self._claiming:
                    await self._heed_the_clock()
            except Exception:
                log.exception("what the clock was set by was not heeded; looked at again at the next tick")

    async def _heed_the_clock(self) -> None:
        """What was reckoned by another clock (or before a sleep of the machine) is set right before it is gone by."""
        moved = self._wall.moved()
        if not moved:
            return
        log.warning("the clock was set", by=str(moved))
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))
        await mend_queue(self._desk, moved)

    # -- the end

    async def _drain(self) -> None:
        """Stop claiming, let polls and pushes under way end, give back what does not."""
        until = asyncio.get_running_loop().time() + self._pace.drain.total_seconds()
        async with self._claiming:  # a claim on its way is waited for, and given back by its poll
            if self._scheduler.running:
                self._scheduler.shutdown(wait=False)
        if self._polls:
            log.info("draining", polls=len(self._polls))
            await self._wait_for_polls()
        for others in (self.pushes, self.notices):
            left_over = 0.0 if self._at_once.is_set() else until - asyncio.get_running_loop().time()
            await others.drain(max(left_over, 0.0))
        left = list(self._polls)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for claim in self._cut_off:
            try:
                await self._desk.staff.store.run(self._desk.store.release, claim)
            except StorageError as error:
                log.error("claim not given back", source=claim.source.id, error=str(error))

    async def _wait_for_polls(self) -> None:
        """Until all have ended, or the time is up, or ``stop`` is called again."""
        hurry = asyncio.create_task(self._at_once.wait())
        ended = asyncio.create_task(asyncio.wait(list(self._polls)))  # cancelled, it leaves the polls alone
        await asyncio.wait(
            {hurry, ended}, timeout=self._pace.drain.total_seconds(), return_when=asyncio.FIRST_COMPLETED
        )
        for task in (hurry, ended):
            task.cancel()
        await asyncio.gather(hurry, ended, return_exceptions=True)
