"""Hubs of others: whoever carries our feeds is told when one of them has changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog

from aggregator.fetch import HostManners
from aggregator.pipeline.editions import Edition, feed_names, topic_of
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.receivers import Receivers
from aggregator.pipeline.telling import Telling, request_to
from aggregator.websub.hub import wait_after

log = structlog.get_logger("aggregator.pings")

#: Under this setting stands of which editions which hub has been told.
TOLD = "hub_told"

_AT_ONCE = 4
_PATIENCE = timedelta(seconds=15)
#: So often the files are looked at although nothing was printed here.
_LOOK = timedelta(minutes=1)
_LAST_WAIT = timedelta(hours=1)


class Pings:
    """One per process. All its methods belong to the event loop."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._plan: Plan | None = None
        self._hub = ""  #: the address of the hub; empty: none of others
        self._told: dict[str, str] = {}  #: tags by topic
        self._failures = 0
        self._wake: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def under_way(self) -> int:
        return int(self._task is not None)

    @property
    def receivers(self) -> Receivers:
        failing = bool(self._failures)
        return Receivers(channel="hub", well=int(bool(self._hub) and not failing), failing=int(failing))

    async def take(self, plan: Plan) -> None:
        """Take a plan in, at the start and at a reload. Raises StorageError."""
        hub = plan.config.output.websub.hub
        hub = hub if hub.startswith(("https://", "http://")) else ""
        if hub and hub != self._hub:
            self._told = _of_hub(hub, await self._telling.staff.store.run(self._telling.store.setting, TOLD))
            self._failures = 0
        self._plan, self._hub, self._wake = plan, hub, None

    def printed(self) -> None:
        if not self._failures:
            self._wake = None

    def due(self, now: datetime) -> bool:
        if not self._hub or self._task is not None:
            return False
        return self._wake is None or not now < self._wake <= now + 2 * _LAST_WAIT

    async def tend(self) -> None:
        assert self._plan is not None, "a plan is taken before anything is due"
        self._wake = self._telling.clock() + _LOOK
        editions = await asyncio.to_thread(self._telling.editions.look, feed_names(self._plan.config))
        changed = [one for one in editions.values() if self._told.get(self._topic(one)) != one.tag]
        if changed:
            self._task = asyncio.create_task(self._tell(self._plan, changed))
            self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._wait()
            log.error("telling the hub broke off", hub=self._hub, error=str(error))

    def _topic(self, edition: Edition) -> str:
        return topic_of(self._telling.address(), edition.name)

    async def _tell(self, plan: Plan, changed: list[Edition]) -> None:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(edition: Edition) -> str | None:
            async with turns:
                return await self._ping(plan, self._topic(edition))

        faults = await asyncio.gather(*map(one, changed))
        for fault in faults:
            self._telling.on_sent("hub", fault is None)
        told = {
            self._topic(one): one.tag for one, fault in zip(changed, faults, strict=True) if fault is None
        }
        self._told |= told
        if told:
            noted = json.dumps({"hub": self._hub, "told": self._told})
            await self._telling.staff.store.run(self._telling.store.set_setting, TOLD, noted)
        fault = next((fault for fault in faults if fault is not None), None)
        if fault is None:
            self._failures = 0
            log.info("told the hub", hub=self._hub, feeds=len(told))
        else:
            wait = self._wait()
            log.warning("the hub was told in vain", hub=self._hub, error=fault, again=str(wait))

    def _wait(self) -> timedelta:
        self._failures += 1
        wait = min(wait_after(self._failures), _LAST_WAIT)
        self._wake = self._telling.clock() + wait
        return wait

    async def _ping(self, plan: Plan, topic: str) -> str | None:
        """What went wrong. The recommendation leaves the form open: hubs read one of the two addresses."""
        form = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}).encode("ascii")
        manners = HostManners(concurrency=_AT_ONCE, spacing=timedelta())
        request = request_to(self._hub, plan, follow=True)
        return await self._telling.send(replace(request, form=form, per_host=manners, timeout=_PATIENCE))

    async def drain(self, seconds: float) -> None:
        """What the hub is not told now it is told at the next start."""
        if (task := self._task) is not None:
            await asyncio.wait([task], timeout=seconds)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _of_hub(hub: str, noted: str | None) -> dict[str, str]:
    """What this very hub was told of."""
    try:
        found = json.loads(noted or "{}")
    except ValueError:
        return {}
    told = found.get("told") if isinstance(found, Mapping) and found.get("hub") == hub else None
    return {str(topic): str(tag) for topic, tag in told.items()} if isinstance(told, Mapping) else {}
