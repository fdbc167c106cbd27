"""Looking at addresses before they are sources."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aggregator.app.desk import open_staff
from aggregator.app.plan import plan_of, user_agent
from aggregator.clock import Clock, system_clock
from aggregator.config import Loaded
from aggregator.config.model import Network, Source
from aggregator.fetch import Fetcher, FetchError, Request, Response
from aggregator.pipeline.robots import Robots
from storage import open_store

if TYPE_CHECKING:
    from aggregator.pipeline.probe import Probe


async def probe_addresses(
    urls: Sequence[str], allow_private: tuple[Network, ...], zone: ZoneInfo, *, clock: Clock = system_clock
) -> dict[str, Probe | str]:
    """What stands at each address, or the reason why nothing does."""
    from aggregator.pipeline.probe import NothingFound, probe

    async with open_staff() as staff, Fetcher(user_agent=user_agent()) as fetcher:
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
