"""Looks at an address that somebody wants to add: a feed, a page that names feeds, or a page to read as a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from zoneinfo import ZoneInfo

from aggregator.clock import Clock
from aggregator.extract import Link, extract_article, extract_links
from aggregator.fetch import Fetcher, FetchError, Permit, Request, Response
from aggregator.pipeline.savedpage import SavedPage, saved_page
from aggregator.sources import FoundFeed, NotAFeed, discover_feeds, parse_feed, sniff


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What stands at an address."""

    url: str  #: where to poll: the feed's own address, or the page's
    kind: Literal["feed", "json", "page"]
    title: str = ""
    language: str | None = None
    items: tuple[str, ...] = ()  #: titles found, in order
    others: tuple[str, ...] = ()  #: further feeds that the page names
    sample: SavedPage | None = None  #: an article that the page leads to


class NothingFound(Exception):
    """The address leads to nothing that can be polled; the message says why."""


#: So many articles are looked at for one that shows what comes out.
_TRIES = 3
#: Feeds that a page names beside its main one.
_SIDE_FEEDS = ("comment", "评论", "trackback", "oembed")


async def probe(fetcher: Fetcher, request: Request, clock: Clock, zone: ZoneInfo, permit: Permit) -> Probe:
    """Tell what the request's address is. Raises NothingFound.

    Somebody asks for this one address, as with a browser; whether a page may become a source, ``permit`` says.
    """
    response = await _get(fetcher, request)
    if sniff(response.body, response.content_type) in ("feed", "json"):
        return _feed(response, clock, zone)
    feeds = discover_feeds(response.body, response.url, response.content_type)
    main = [feed for feed in feeds if not _is_side(feed)] or feeds
    for feed in main:
        try:
            found = _feed(await _get(fetcher, replace(request, url=feed.url, kind="feed")), clock, zone)
        except NothingFound:
            continue  # a dead autodiscovery link is common; the next one, or the page itself, will do
        return replace(found, others=tuple(other.url for other in feeds if other.url != feed.url))
    try:
        await permit(response.url)
    except FetchError as refusal:
        raise NothingFound(refusal.reason) from refusal
    found, links = _page(response, clock, zone)
    return replace(found, sample=await _sample(fetcher, request, found.url, links, zone, permit))


async def _sample(
    fetcher: Fetcher, request: Request, source_url: str, links: Sequence[Link], zone: ZoneInfo, permit: Permit
) -> SavedPage | None:
    """The first article that can be read."""
    for link in links[:_TRIES]:
        try:
            await permit(link.url)
            response = await _get(fetcher, replace(request, url=link.url, kind="page"))
        except (FetchError, NothingFound):
            continue
        if sample := saved_page(response.url, response.body, source_url, zone):
            return sample
    return None


async def _get(fetcher: Fetcher, request: Request) -> Response:
    try:
        response = await fetcher.fetch(request)
    except FetchError as error:
        raise NothingFound(error.reason) from error
    if response.status != 200:
        raise NothingFound(f"HTTP {response.status}")
    return response


def _feed(response: Response, clock: Clock, zone: ZoneInfo) -> Probe:
    try:
        feed = parse_feed(
            response.body, url=response.url, content_type=response.content_type, zone=zone, now=clock()
        )
    except NotAFeed as error:
        raise NothingFound(str(error)) from error
    return Probe(
        url=response.moved_to or response.requested,
        kind="json" if feed.format == "json" else "feed",
        title=feed.title,
        language=feed.language,
        items=tuple(item.title for item in feed.items),
    )


def _page(response: Response, clock: Clock, zone: ZoneInfo) -> tuple[Probe, list[Link]]:
    links = extract_links(
        response.body, response.url, content_type=response.content_type, zone=zone, now=clock()
    )
    if not links:
        raise NothingFound(
            "neither a feed nor a page with article links; give the address of a section's list"
        )
    page = extract_article(
        response.body, response.url, content_type=response.content_type, zone=zone, now=clock()
    )
    found = Probe(
        url=response.moved_to or response.requested,
        kind="page",
        title=page.site or page.title,
        language=page.language,
        items=tuple(link.title for link in links),
    )
    return found, links


def _is_side(feed: FoundFeed) -> bool:
    return any(word in f"{feed.url} {feed.title}".lower() for word in _SIDE_FEEDS)
