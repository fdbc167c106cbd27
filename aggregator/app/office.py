"""The daemon with its server: ``aggregator run``."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from starlette.types import ASGIApp

from aggregator.app.desk import open_desk
from aggregator.app.facts import DaemonFacts
from aggregator.app.plan import plan_of
from aggregator.app.proxied import ProxiedPictures
from aggregator.app.shelves import DaemonShelves
from aggregator.clock import Clock, system_clock
from aggregator.config import Loaded, load_config
from aggregator.daemon import Daemon, Pace
from aggregator.daemon.desk import Desk
from aggregator.daemon.reloader import Reloader
from aggregator.pipeline import Plan, PollResult, PressReport
from aggregator.pipeline.catalogue import Catalogue
from aggregator.pipeline.staff import Reading
from aggregator.serve import HttpServer, Metrics, make_app
from storage import open_store

log = structlog.get_logger("aggregator.app")

WATCH_EVERY = 2.0


@dataclass(slots=True, kw_only=True)
class RunOptions:
    """How ``run`` was called."""

    path: Path
    env: Mapping[str, str]
    announce: Callable[[str], None] = field(default=lambda _: None)  #: told the address once it answers
    on_result: Callable[[PollResult], None] = field(default=lambda _: None)
    #: What the command line overrules.
    amend: Callable[[Loaded], Loaded] = field(default=lambda loaded: loaded)


@dataclass(slots=True, kw_only=True)
class Office:
    """The daemon with all that it works with, made and joined; nothing runs before ``run``."""

    loaded: Loaded
    desk: Desk
    daemon: Daemon
    reloader: Reloader
    app: ASGIApp

    async def run(self, announce: Callable[[str], None]) -> None:
        """Poll, publish and serve until the daemon is stopped; changed files reload."""
        async with HttpServer(self.app, self.loaded.config.server.listen) as server:
            if self.loaded.config.site.base_url is None:
                # With port 0 only the server knows.
                self.desk.press.stands_at(server.address)
                self.desk.subscriber.stands_at(server.address)
            watch = asyncio.create_task(_watch_files(self.reloader, self.daemon))
            try:
                await self.daemon.run(lambda: announce(server.address))
            finally:
                watch.cancel()


@asynccontextmanager
async def open_office(
    loaded: Loaded,
    options: RunOptions,
    *,
    clock: Clock = system_clock,
    monotonic: Callable[[], float] = time.monotonic,
    pace: Pace | None = None,
    reading: Reading | None = None,
) -> AsyncIterator[Office]:
    """Over a store of its own, which is open while the block runs. Reading is done as for ``open_desk``."""
    store = await asyncio.to_thread(open_store, loaded.storage_url)
    metrics = Metrics()

    def note(result: PollResult) -> None:
        metrics.polled(result.kind, result.counts)
        options.on_result(result)

    def printed(report: PressReport) -> None:
        metrics.published(len(report.written), failed=report.error is not None)

    try:
        async with open_desk(
            loaded,
            store,
            clock=clock,
            on_result=note,
            on_push=metrics.pushed,
            on_print=printed,
            on_sent=metrics.sent,
            reading=reading,
        ) as desk:
            reloader = Reloader(loaded, _loader(options), told=metrics.config_reload_ok.set)
            daemon = Daemon(desk, reload=lambda: _plan_or_none(reloader()), pace=pace, monotonic=monotonic)
            metrics.tick_age = daemon.tick_age
            metrics.receivers = lambda: [one.receivers for one in desk.messengers]
            catalogue = Catalogue(
                desk.present, lambda: desk.press.address, loaded.output_dir, desk.clock, desk.archive
            )
            shelves = DaemonShelves(desk=desk, catalogue=catalogue)
            app = make_app(
                loaded.output_dir,
                facts=DaemonFacts(desk=desk, daemon=daemon),
                server=loaded.config.server,
                site=loaded.config.site,
                metrics=metrics,
                callbacks=daemon.pushes,
                shelves=shelves,
                feeds=shelves,
                hub=desk.hub,
                pictures=ProxiedPictures(proxy=desk.picture_proxy) if desk.picture_proxy else None,
            )
            yield Office(loaded=loaded, desk=desk, daemon=daemon, reloader=reloader, app=app)
    finally:
        await asyncio.to_thread(store.close)


async def run_daemon(loaded: Loaded, options: RunOptions, *, pace: Pace | None = None) -> None:
    """Poll, publish and serve until SIGTERM or SIGINT; SIGHUP and changed files reload."""
    async with open_office(loaded, options, pace=pace) as office:
        with _signals(office.daemon):
            await office.run(options.announce)


def _plan_or_none(loaded: Loaded | None) -> Plan | None:
    return plan_of(loaded) if loaded is not None else None


def _loader(options: RunOptions) -> Callable[[], Loaded]:
    return lambda: options.amend(load_config(options.path, env=options.env))


async def _watch_files(reloader: Reloader, daemon: Daemon) -> None:
    while True:
        await asyncio.sleep(WATCH_EVERY)
        try:
            if await asyncio.to_thread(reloader.changed):
                await daemon.reload()
        except Exception:
            log.exception("the configuration's files could not be looked at; tried again")


class _signals:
    """SIGTERM and SIGINT drain, a second one at once; SIGHUP reloads. Handlers are taken off at the end."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._loop = asyncio.get_running_loop()
        self._reloads: set[asyncio.Task[bool]] = set()

    def __enter__(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._daemon.stop)
        self._loop.add_signal_handler(signal.SIGHUP, self._reload)

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._loop.remove_signal_handler(number)

    def _reload(self) -> None:
        task = asyncio.create_task(self._daemon.reload())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)
