"""What polls and publishes, made and joined."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

from aggregator.app.pictures import PICTURES_AT_ONCE, picture_cache
from aggregator.app.plan import plan_of
from aggregator.clock import Clock, system_clock
from aggregator.config import Loaded
from aggregator.daemon.desk import Desk, owner_name
from aggregator.fetch import Fetcher
from aggregator.pipeline import Committer, Plan, Poller, PollResult, SiteHolds, Staff
from aggregator.pipeline.editions import Editions
from aggregator.pipeline.hub import Hub
from aggregator.pipeline.picturearchive import PictureArchive
from aggregator.pipeline.pictureproxy import PictureProxy
from aggregator.pipeline.pictures import NoPicture, Pictures, fetch_picture, picture_key
from aggregator.pipeline.pings import Pings
from aggregator.pipeline.receivers import OnSent, unheard
from aggregator.pipeline.robots import Robots
from aggregator.pipeline.staff import Reading
from aggregator.pipeline.subscriber import Subscriber
from aggregator.pipeline.subscriptions import Subscriptions
from aggregator.pipeline.telling import Telling
from aggregator.pipeline.visit import Visitor
from aggregator.pipeline.webhooks import Webhooks
from storage.interface import ArticleStore

if TYPE_CHECKING:
    from aggregator.pipeline import Press, PressReport

#: Requests to subscribers, hubs and webhooks at a time.
_COURIERS = 64


def press_of(
    loaded: Loaded, plan: Plan, store: ArticleStore, clock: Clock, archive: PictureArchive | None = None
) -> Press:
    from aggregator.pipeline import Press

    archive = archive or PictureArchive(loaded.output_dir, clock, bound=lambda: 0, is_guest=True)
    return Press(
        store=store,
        folder=loaded.output_dir,
        base_url=loaded.base_url,
        plan=plan,
        clock=clock,
        pictures=Pictures(store, archive),
    )


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
    async with open_staff(reading) as staff, _courier(plan) as courier:
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

            @cache
            def open_press() -> Press:
                return press_of(loaded, plan, store, clock, archive)

            telling = Telling(
                store=store,
                fetcher=courier,
                clock=clock,
                staff=staff,
                editions=Editions(loaded.output_dir),
                address=lambda: open_press().address,
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
                open_press=open_press,
                hub=(hub := Hub(telling)),
                messengers=(
                    hub,
                    Pings(telling),
                    Webhooks(telling, subscriptions),
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
                    lambda source, address: fetch_picture(for_pictures, desk.plan, source, address, robots),
                    NoPicture,
                ),
            )
            desk.picture_proxy = PictureProxy(
                for_pictures,
                desk.present,
                lambda: staff.store.run(picture_key, store),
                picture_cache(loaded),
                clock,
            )
            try:
                yield desk
            finally:
                await desk.picture_proxy.close()


@asynccontextmanager
async def _courier(plan: Plan) -> AsyncIterator[Fetcher]:
    """Requests to subscribers have places of their own: those that hang hold up no poll."""
    async with Fetcher(user_agent=plan.user_agent, concurrency=_COURIERS) as courier:
        yield courier


@asynccontextmanager
async def open_staff(reading: Reading | None = None) -> AsyncIterator[Staff]:
    staff = Staff(reading)
    try:
        yield staff
    finally:
        await staff.close()
