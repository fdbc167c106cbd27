"""A daemon over a room: ticks of milliseconds by the true clock, everything else by the room's."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from aggregator.app.desk import open_desk
from aggregator.app.plan import plan_of
from aggregator.daemon import Daemon, Pace
from aggregator.daemon.desk import Desk
from aggregator.pipeline import Plan, PollResult, PressReport
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import Asked, Script, ok

MILLISECOND = timedelta(milliseconds=1)
PACE = Pace(
    tick=5 * MILLISECOND,
    drain=timedelta(seconds=10),
    edition=timedelta(),
    rest=0,
    misprint=5 * MILLISECOND,
)
DEFAULTS = "defaults: {{allow_private: 127.0.0.0/8, per_host: {{concurrency: 100}}, concurrency: {concurrency}, interval: 15m}}"


def config(*sources: str, concurrency: int = 50, section: str = "国际") -> str:
    """A source for each path."""
    lines = [DEFAULTS.format(concurrency=concurrency), "sources:"]
    lines += [f'  - {{id: {name}, url: "{{web}}/{name}", section: {section}}}' for name in sources]
    return "\n".join([*lines, "sections:", "  - {id: world, title: 国际}", ""])


@dataclass(slots=True, kw_only=True)
class Running:
    """A daemon at work, and what it reported."""

    daemon: Daemon
    desk: Desk
    task: asyncio.Task[None]
    results: list[PollResult] = field(default_factory=list)
    reports: list[PressReport] = field(default_factory=list)
    next_plan: Callable[[], Plan | None] = lambda: None

    def polled(self) -> Counter[str]:
        return Counter(result.source for result in self.results)

    async def ticks(self, number: int = 3) -> None:
        """Let so many ticks go by."""
        for _ in range(number):
            await self.daemon.tick()
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        self.daemon.stop()
        await self.task


@asynccontextmanager
async def running(
    room: Room, yaml: str, pace: Pace = PACE, *, clock_is_set: bool = False
) -> AsyncIterator[Running]:
    """Started, and stopped at once at the end of the block if the block has not done so.

    When the test moves the clock, time has gone by, or with ``clock_is_set`` somebody has set it.
    """
    begun = room.clock()

    def monotonic() -> float:
        passed = 0.0 if clock_is_set else (room.clock() - begun).total_seconds()
        return time.monotonic() + passed

    async with open_desk(room.load(yaml), room.store, clock=room.clock, reading=room.reading()) as desk:
        daemon = Daemon(desk, reload=lambda: made.next_plan(), pace=pace, monotonic=monotonic)
        made = Running(daemon=daemon, desk=desk, task=asyncio.create_task(daemon.run()))
        desk.on_result, desk.on_print = made.results.append, made.reports.append
        try:
            yield made
        finally:
            daemon.stop()
            daemon.stop()
            with contextlib.suppress(asyncio.CancelledError):
                await made.task


def plan(room: Room, yaml: str) -> Callable[[], Plan]:
    return lambda: plan_of(room.load(yaml))


async def eventually(condition: Callable[[], object]) -> None:
    """Wait until it is true; a file that is not there yet is not true."""

    def holds() -> bool:
        with contextlib.suppress(FileNotFoundError):
            return bool(condition())
        return False

    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what is waited for is seen only from outside
            await asyncio.sleep(0.002)


@dataclass(slots=True)
class Gate:
    """Answers that wait until the gate is opened; it counts who waits."""

    body: bytes = field(default_factory=lambda: rss(item(1)))
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0
    most: int = 0

    def script(self) -> Script:
        async def wait(asked: Asked, writer: asyncio.StreamWriter) -> None:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            try:
                await self.opened.wait()
            finally:
                self.waiting -= 1
            writer.write(ok(self.body))

        return wait
