"""The composition root: only here are clients, stores, schedulers and servers made and joined."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, TypeVar
from zoneinfo import ZoneInfo

import structlog
from starlette.types import ASGIApp

from aggregator import __version__
from aggregator.clock import Clock, system_clock
from aggregator.config import Loaded, load_config
from aggregator.config.model import Network, Source
from aggregator.daemon import Daemon, Pace
from aggregator.daemon.desk import Desk, owner_name
from aggregator.daemon.reloader import Reloader
from aggregator.fetch import Fetcher, FetchError, Request, Response
from aggregator.pipeline import Committer, Plan, Poller, PollResult, Press, PressReport, SiteHolds, Staff
from aggregator.pipeline.catalogue import Catalogue
from aggregator.pipeline.editions import Address, Editions
from aggregator.pipeline.hub import Hub
from aggregator.pipeline.picturearchive import PictureArchive
from aggregator.pipeline.picturecache import PictureCache
from aggregator.pipeline.pictureproxy import Elsewhere, PictureProxy
from aggregator.pipeline.pictures import NoPicture, Pictures, fetch_picture, picture_key
from aggregator.pipeline.pings import Pings
from aggregator.pipeline.receivers import OnSent, unheard
from aggregator.pipeline.robots import Robots
from aggregator.pipeline.staff import Reading
from aggregator.pipeline.subscriber import Subscriber
from aggregator.pipeline.subscriptions import Subscriptions
from aggregator.pipeline.visit import Visitor
from aggregator.pipeline.webhooks import Webhooks
from aggregator.publish import FeedForm, FeedQuery, Hits, Paper
from aggregator.serve import HttpServer, Metrics, make_app
from aggregator.serve.images import Served
from aggregator.serve.links import hub_address
from aggregator.serve.queryfeeds import FoundFeed
from aggregator.serve.removed import RemovedSections
from aggregator.serve.status import stale_bounds
from storage import open_store
from storage.errors import NothingPolled, StorageError
from storage.interface import ArticleStore
from storage.model import SourceRecord, Subscription

if TYPE_CHECKING:
    from aggregator.pipeline.probe import Probe

T = TypeVar("T")

PROGRAM = f"feed-aggregator/{__version__}"
log = structlog.get_logger("aggregator.app")

#: A loop whose tick is older than this is stuck.
STUCK = 30.0
WATCH_EVERY = 2.0
#: Requests to subscribers, hubs and webhooks at a time.
_COURIERS = 64
#: The folder of pictures that were fetched for readers.
PICTURE_CACHE = "picture-cache"
#: Pictures that are fetched at the same time.
PICTURES_AT_ONCE = 16
#: Seconds for which the copies that /status tells of are not counted anew.
COUNTED_FOR = 60.0


def plan_of(loaded: Loaded) -> Plan:
    return Plan.of(loaded.config, PROGRAM, loaded.root)


def press_of(
    loaded: Loaded, plan: Plan, store: ArticleStore, clock: Clock, archive: PictureArchive | None = None
) -> Press:
    archive = archive or PictureArchive(loaded.output_dir, clock, bound=lambda: 0, is_guest=True)
    return Press(
        store=store,
        folder=loaded.output_dir,
        base_url=loaded.base_url,
        plan=plan,
        clock=clock,
        pictures=Pictures(store, archive),
    )


def _picture_cache(loaded: Loaded) -> PictureCache:
    """Beside the published folder: what is fetched for readers is not published."""
    return PictureCache(loaded.output_dir.parent / PICTURE_CACHE, loaded.config.server.picture_cache)


@asynccontextmanager
async def open_desk(
    loaded: Loaded,
    store: ArticleStore,
    *,
    clock: Clock = system_clock,
    on_result: Callable[[PollResult], None] = lambda _: None,
    on_push: Callable[[str, Mapping[str, int]], None] = lambda *_: None,
    on_print: Callable[[PressReport], None] = lambda _: None,
    on_sent: OnSent = unheard,
    reading: Reading | None = None,
) -> AsyncIterator[Desk]:
    """All that polling and publishing needs, over an open store, which the caller closes.

    ``reading`` is done in processes of its own unless it is given.
    """
    plan = plan_of(loaded)
    concurrency = loaded.config.defaults.concurrency
    async with _staff(reading) as staff, _courier(plan) as courier:
        holds = SiteHolds(store.site_holds, clock, staff)
        await holds.refresh()
        async with (
            Fetcher(user_agent=plan.user_agent, concurrency=concurrency, sites=holds) as fetcher,
            # Apart, so that readers' pictures do not take the places of polls.
            Fetcher(user_agent=plan.user_agent, concurrency=PICTURES_AT_ONCE, sites=holds) as for_pictures,
        ):
            robots = Robots(fetcher, store, clock, staff)
            visitor = Visitor(
                fetcher,
                robots,
                clock,
                lambda source, urls: store.known_urls(source, urls),
                lambda source, name: store.note(source, name),
                staff,
            )
            archive = PictureArchive(
                loaded.output_dir, clock, bound=lambda: desk.plan.config.output.picture_archive
            )
            subscriptions, rng, owner = Subscriptions(store, staff), random.Random(), owner_name()
            press = press_of(loaded, plan, store, clock, archive)
            telling = _Telling(
                store=store,
                fetcher=courier,
                clock=clock,
                staff=staff,
                editions=Editions(loaded.output_dir),
                address=lambda: press.address,
                on_sent=on_sent,
            )
            desk = Desk(
                plan=plan,
                store=store,
                subscriptions=subscriptions,
                subscriber=Subscriber(
                    store=store,
                    subscriptions=subscriptions,
                    fetcher=fetcher,
                    clock=clock,
                    staff=staff,
                    rng=rng,
                    owner=owner,
                    base_url=loaded.base_url,
                ),
                poller=Poller(
                    store, visitor, Committer(store, subscriptions, holds, clock, rng), holds, clock, staff
                ),
                owner=owner,
                press=press,
                hub=(hub := Hub(**telling)),
                messengers=(
                    hub,
                    Pings(**telling),
                    Webhooks(
                        store=store,
                        fetcher=courier,
                        clock=clock,
                        staff=staff,
                        subscriptions=subscriptions,
                        address=lambda: press.address,
                        on_sent=on_sent,
                    ),
                ),
                clock=clock,
                staff=staff,
                concurrency=concurrency,
                waits=fetcher.waits,
                on_result=on_result,
                on_push=on_push,
                on_print=on_print,
                archive=archive,
                fetch_pictures=lambda: archive.fetch_wanted(
                    lambda source, address: fetch_picture(for_pictures, desk.plan, source, address), NoPicture
                ),
            )
            desk.picture_proxy = PictureProxy(
                for_pictures,
                desk.present,
                lambda: staff.store.run(picture_key, store),
                _picture_cache(loaded),
                clock,
            )
            try:
                yield desk
            finally:
                await desk.picture_proxy.close()


class _Telling(TypedDict):
    """What everybody needs who tells others of what was printed."""

    store: ArticleStore
    fetcher: Fetcher
    clock: Clock
    staff: Staff
    editions: Editions
    address: Address
    on_sent: OnSent


@asynccontextmanager
async def _courier(plan: Plan) -> AsyncIterator[Fetcher]:
    """Requests to subscribers have places of their own: those that hang hold up no poll."""
    async with Fetcher(user_agent=plan.user_agent, concurrency=_COURIERS) as courier:
        yield courier


@asynccontextmanager
async def _staff(reading: Reading | None = None) -> AsyncIterator[Staff]:
    staff = Staff(reading)
    try:
        yield staff
    finally:
        await staff.close()


# -- the daemon


@dataclass(slots=True, kw_only=True)
class DaemonFacts:
    """What the server's own pages tell of the daemon (the ``Facts`` of aggregator.serve)."""

    desk: Desk
    daemon: Daemon
    removed_sections: RemovedSections = field(init=False)
    _copies: tuple[float, Mapping[tuple[str, str], int]] = field(init=False, default=(-inf, {}))

    def __post_init__(self) -> None:
        self.removed_sections = RemovedSections(
            lambda: self.desk.staff.store.run(self.desk.store.section_revisions),
            lambda: [section.id for section in self.desk.plan.config.sections],
        )

    async def sources(self) -> list[SourceRecord]:
        return await self.desk.staff.store.run(self.desk.store.sources)

    async def subscriptions(self) -> list[Subscription]:
        return self.desk.subscriptions.all()

    def stale_after(self) -> Mapping[str, timedelta]:
        return stale_bounds(self.desk.plan.config)

    async def copies(self) -> Mapping[tuple[str, str], int]:
        """Counting goes through all copies: not at every look."""
        at, counted = self._copies
        if time.monotonic() - at > COUNTED_FOR:
            counted = await self.desk.staff.store.run(self.desk.store.copy_counts)
            self._copies = time.monotonic(), counted
        return counted

    def address(self) -> tuple[str, str]:
        base = self.desk.press.address
        return base, hub_address(self.desk.plan.config.output.websub.hub, base)

    async def ready(self) -> str | None:
        if self.daemon.stopping:
            return "stopping"
        if self.daemon.tick_age() > STUCK:
            return f"no tick for {self.daemon.tick_age():.0f} s"
        try:
            await self.desk.staff.store.run(self.desk.store.setting, "routing")
        except StorageError as error:
            return str(error)
        return self.desk.press.last_error

    def alive(self) -> bool:
        return self.daemon.tick_age() <= STUCK

    def now(self) -> float:
        return self.desk.clock().timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonShelves:
    """What the daemon's readers search (the ``Shelves`` of aggregator.serve)."""

    desk: Desk
    catalogue: Catalogue

    def paper(self) -> Paper:
        return self.catalogue.paper()

    def find(self, query: FeedQuery, *, offset: int, limit: int) -> Hits:
        return self.catalogue.find(self.desk.store, query, offset=offset, limit=limit)

    def revision(self) -> object:
        return self.desk.present(), self.desk.store.section_revisions()

    def feed(self, form: FeedForm, query: FeedQuery) -> FoundFeed:
        return FoundFeed(*self.catalogue.feed(self.desk.store, form, query))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxiedPictures:
    """Pictures that are fetched for readers (the ``Pictures`` of aggregator.serve)."""

    proxy: PictureProxy

    async def serve(self, signature: str, source: str, coded: str) -> Served | None:
        found = await self.proxy.picture(signature, source, coded)
        if found is None or isinstance(found, Elsewhere):
            return Served(elsewhere=found.address) if found else None
        return Served(body=found.body, type=found.type.type)


@dataclass(slots=True, kw_only=True)
class RunOptions:
    """How ``run`` was called."""

    path: Path
    env: Mapping[str, str]
    announce: Callable[[str], None] = field(default=lambda _: None)  #: told the address once it answers
    on_result: Callable[[PollResult], None] = field(default=lambda _: None)
    amend: Callable[[Loaded], Loaded] = field(
        default=lambda loaded: loaded
    )  #: what the command line overrules


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


# -- the server alone


@dataclass(slots=True, kw_only=True)
class StoredFacts:
    """What ``serve`` alone can tell: the records as the last poll left them."""

    loaded: Loaded
    clock: Clock = system_clock
    removed_sections: RemovedSections = field(init=False)

    def __post_init__(self) -> None:
        configured = [section.id for section in self.loaded.config.sections]
        known = partial(self._read, lambda store: list(store.section_revisions()))
        self.removed_sections = RemovedSections(known, lambda: configured)

    def stale_after(self) -> Mapping[str, timedelta]:
        return stale_bounds(self.loaded.config)

    def address(self) -> tuple[str, str]:
        base = self.loaded.base_url
        return base, hub_address(self.loaded.config.output.websub.hub, base)

    async def sources(self) -> list[SourceRecord]:
        return await self._read(lambda store: store.sources())

    async def subscriptions(self) -> list[Subscription]:
        return await self._read(lambda store: store.subscriptions())

    async def copies(self) -> Mapping[tuple[str, str], int]:
        return dict(await self._read(lambda store: list(store.copy_counts().items())))

    async def _read(self, what: Callable[[ArticleStore], list[T]]) -> list[T]:
        def read() -> list[T]:
            store = open_store(self.loaded.storage_url, read_only=True)
            try:
                return what(store)
            finally:
                store.close()

        try:
            return await asyncio.to_thread(read)
        except StorageError:
            return []  # nothing was polled yet; the published files are served all the same

    async def ready(self) -> str | None:
        return None

    def alive(self) -> bool:
        return True

    def now(self) -> float:
        return self.clock().timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredShelves:
    """What is searched where nothing polls: the store as it is at each question."""

    storage_url: str
    catalogue: Catalogue

    def paper(self) -> Paper:
        return self.catalogue.paper()

    def find(self, query: FeedQuery, *, offset: int, limit: int) -> Hits:
        with self._store() as store:
            return self.catalogue.find(store, query, offset=offset, limit=limit)

    def revision(self) -> object:
        with self._store() as store:
            return store.section_revisions()

    def feed(self, form: FeedForm, query: FeedQuery) -> FoundFeed:
        with self._store() as store:
            return FoundFeed(*self.catalogue.feed(store, form, query))

    @contextmanager
    def _store(self) -> Iterator[ArticleStore]:
        """An empty one where nothing was polled yet."""
        try:
            store = open_store(self.storage_url, read_only=True)
        except NothingPolled:
            store = open_store("memory://")
        try:
            yield store
        finally:
            store.close()


async def run_server(loaded: Loaded, announce: Callable[[str], None]) -> None:
    """Serve the published directory until SIGTERM or SIGINT."""
    plan = plan_of(loaded)
    catalogue = Catalogue(lambda: plan, lambda: loaded.base_url, loaded.output_dir, system_clock)
    shelves = StoredShelves(storage_url=loaded.storage_url, catalogue=catalogue)
    async with Fetcher(user_agent=plan.user_agent, concurrency=PICTURES_AT_ONCE) as fetcher:
        proxy = PictureProxy(
            fetcher,
            lambda: plan,
            lambda: asyncio.to_thread(_stored_key, loaded.storage_url),
            _picture_cache(loaded),
            system_clock,
        )
        app = make_app(
            loaded.output_dir,
            facts=StoredFacts(loaded=loaded),
            server=loaded.config.server,
            site=loaded.config.site,
            metrics=Metrics(),
            shelves=shelves,
            feeds=shelves,
            pictures=ProxiedPictures(proxy=proxy),
        )
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with HttpServer(app, loaded.config.server.listen) as server:
            announce(server.address)
            await stop.wait()
        await proxy.close()


def _stored_key(storage_url: str) -> bytes | None:
    try:
        store = open_store(storage_url, read_only=True)
    except StorageError:
        return None  # nothing was printed yet
    try:
        return picture_key(store)
    finally:
        store.close()


# -- looking at addresses before they are sources


async def probe_addresses(
    urls: Sequence[str], allow_private: tuple[Network, ...], zone: ZoneInfo, *, clock: Clock = system_clock
) -> dict[str, Probe | str]:
    """What stands at each address, or the reason why nothing does."""
    from aggregator.pipeline.probe import NothingFound, probe

    async with _staff() as staff, Fetcher(user_agent=PROGRAM) as fetcher:
        robots = Robots(fetcher, open_store("memory://"), clock, staff)

        async def one(url: str) -> Probe | str:
            request = Request(url=url, kind="page", allow_private=allow_private)
            try:
                return await probe(fetcher, request, clock, zone, robots.permit(request))
            except NothingFound as error:
                return str(error)

        return dict(zip(urls, await asyncio.gather(*(one(url) for url in urls)), strict=True))


async def ask(loaded: Loaded, source: Source) -> tuple[Response | None, str]:
    """One unconditional request for a source's document: the answer, or the reason why there is none."""
    plan = plan_of(loaded)
    async with Fetcher(user_agent=plan.user_agent) as fetcher:
        try:
            return await fetcher.fetch(plan.side_request(source, source.url, kind="feed")), ""
        except FetchError as error:
            return None, error.reason
