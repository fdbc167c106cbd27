"""When the daemon prints: whatever changed, one edition at a time, and again when pictures came."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from aggregator.daemon.desk import Desk
from aggregator.daemon.notices import Notices
from aggregator.daemon.pace import Pace

log = structlog.get_logger("aggregator.daemon")


class Printing:
    """Has the press print when that is wanted. ``go_on`` and ``fetch_pictures`` run for as long as the daemon does."""

    def __init__(self, desk: Desk, notices: Notices, pace: Pace, *, stopping: Callable[[], bool]) -> None:
        self._desk, self._notices, self._pace, self._stopping = desk, notices, pace, stopping
        self._wanted = asyncio.Event()
        self._hurried = asyncio.Event()
        self._printed = asyncio.Event()
        self._pictured = False  #: pictures came that the last printings had to do without

    def want(self, *, at_once: bool = False) -> None:
        """Something changed that a reader sees; ``at_once`` cuts the rest short, for what does not come in bursts."""
        self._wanted.set()
        if at_once:
            self._hurried.set()

    async def go_on(self) -> None:
        """Publish whatever changed; changes meanwhile wait for the next edition."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            self._hurried.clear()
            begun = time.monotonic()
            if await self.print():
                await self._rest(timedelta(seconds=time.monotonic() - begun))
            else:
                self._wanted.set()
                await asyncio.sleep(self._pace.misprint.total_seconds())

    async def _rest(self, took: timedelta) -> None:
        """After a printing that took so long."""
        edition = self._pace.edition
        await asyncio.sleep(edition.total_seconds())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout((self._pace.after(took) - edition).total_seconds()):
                await self._hurried.wait()

    async def first(self, stopped: asyncio.Event) -> None:
        """Print what the store held; once it is to end, only for as long as ``last``."""
        printing, end = asyncio.create_task(self.print()), asyncio.create_task(stopped.wait())
        await asyncio.wait({printing, end}, return_when=asyncio.FIRST_COMPLETED)
        end.cancel()
        if stopped.is_set():
            await self.last()
        await printing

    async def last(self) -> None:
        """Print what is left, as far as there is time for it; what was begun before counts as well."""
        later = asyncio.get_running_loop().call_later(
            self._pace.last_edition.total_seconds(), self._desk.press.break_off
        )
        await self.print()
        later.cancel()

    async def print(self) -> bool:
        """Whether it went well."""
        desk = self._desk
        everything, self._pictured = self._pictured, False
        try:
            report = await desk.staff.press.run(partial(desk.press.publish, everything=everything))
            desk.on_print(report)
        except Exception:
            log.exception("publishing failed; the published files stay as they were")
            return False
        if report.broken_off:
            log.warning("printing broken off", reason=report.error)
        elif report.error is not None:
            log.error("publishing failed; the published files stay as they were", error=report.error)
        elif report.written:
            log.info("published", sections=list(report.sections), files=len(report.written))
        if not self._stopping():  # what is printed last is told of at the next start
            self._notices.printed()
        if report.sections:
            self._printed.set()
        self._pictured |= everything and report.error is not None
        return report.error is None

    async def fetch_pictures(self) -> None:
        """What is printed may want pictures that are kept; when some came it is printed again, with them."""
        while True:
            await self._printed.wait()
            self._printed.clear()
            try:
                came = await self._desk.fetch_pictures()
            except Exception:
                log.exception("fetching pictures broke off")
                continue
            if came:
                self._pictured = True
                self.want()
