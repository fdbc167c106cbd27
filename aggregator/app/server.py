"""The server alone: ``aggregator serve``."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from aggregator.app.facts import StoredFacts
from aggregator.app.pictures import PICTURES_AT_ONCE, picture_cache
from aggregator.app.plan import plan_of
from aggregator.app.proxied import ProxiedPictures
from aggregator.app.shelves import StoredShelves
from aggregator.clock import system_clock
from aggregator.config import Loaded
from aggregator.fetch import Fetcher
from aggregator.pipeline.catalogue import Catalogue
from aggregator.pipeline.pictureproxy import PictureProxy
from aggregator.pipeline.pictures import picture_key
from aggregator.serve import HttpServer, Metrics, make_app
from storage import open_store
from storage.errors import StorageError


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
            picture_cache(loaded),
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
