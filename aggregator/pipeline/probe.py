"""Looks at an address that somebody wants to add: a feed, a page that names feeds, or a page to read as a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from zoneinfo import ZoneInfo

from aggregator.clock import Clock
from aggregator.config.model import ArticlePage
from aggregator.extract import (
    Extracted,
    Link,
    Sampled,
    extract_article,
    extract_links,
    other_lists,
    propose,
)
from aggregator.fetch import Fetcher, FetchError, Permit, Request, Response
from aggregator.pipeline.answers import refusal
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
    page: Mapping[str, str] = field(default_factory=dict)  #: selectors proposed for the list
    article: Mapping[str, str] = field(default_factory=dict)  #: and for the articles
    doubts: tuple[str, ...] = ()  #: why they are


class NothingFound(Exception):
    """The address leads to nothing that can be polled; the message says why."""


#: So many articles are looked at, to see what comes out and whether they agree.
_TRIES = 3
#: Other lists of a page that are tried where the likeliest leads to no article.
_OTHER_LISTS = 2
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
    return await _sampled(_Sampler(fetcher, request, zone, permit), found, response, links)


@dataclass(frozen=True, slots=True)
class _Sampler:
    """Fetches articles that a list leads to."""

    fetcher: Fetcher
    request: Request
    zone: ZoneInfo
    permit: Permit

    async def read(
        self, links: Sequence[Link], source_url: str, most: int
    ) -> list[tuple[Sampled, Extracted]]:
        """Of the first links, the pages that can be had and what is found on them; each as ``check`` will read it."""
        read: list[tuple[Sampled, Extracted]] = []
        for link in links[:most]:
            try:
                await self.permit(link.url)
                response = await _get(self.fetcher, replace(self.request, url=link.url, kind="page"))
            except (FetchError, NothingFound):
                continue
            sampled = Sampled(html=response.body, url=response.url, headline=link.title)
            read.append((sampled, extract_article(response.body, source_url, zone=self.zone)))
        return read


async def _sampled(sampler: _Sampler, found: Probe, response: Response, links: Sequence[Link]) -> Probe:
    """With an example of what comes out, and selectors where the pages do not agree."""
    read = await sampler.read(links, found.url, _TRIES)
    if not any(saved_page(page.url, page.html, found.url, sampler.zone) for page, _ in read):
        other = await _other_list(sampler, found, response, links)
        if other:
            found, links = other
            read = await sampler.read(links, found.url, _TRIES)
    proposal = propose(read, sampler.zone)
    selectors = ArticlePage.model_validate(proposal.selectors)
    kept = (saved_page(page.url, page.html, found.url, sampler.zone, selectors) for page, _ in read)
    return replace(
        found,
        sample=next(filter(None, kept), None),
        article=proposal.selectors,
        doubts=(*found.doubts, *proposal.doubts),
    )


async def _other_list(
    sampler: _Sampler, found: Probe, response: Response, links: Sequence[Link]
) -> tuple[Probe, Sequence[Link]] | None:
    """Where no article stands behind the list that was found: another list of the page, behind which one does."""
    others = other_lists(
        response.body, response.url, content_type=response.content_type, beside={link.url for link in links}
    )
    for other in others[:_OTHER_LISTS]:
        for page, _ in await sampler.read(other.links, found.url, 1):
            if saved_page(page.url, page.html, found.url, sampler.zone):
                doubt = "no article can be read behind the list that looks likeliest"
                chosen = replace(
                    found,
                    items=tuple(link.title for link in other.links),
                    page={"link": other.select},
                    doubts=(doubt,),
                )
                return chosen, other.links
    return None


async def _get(fetcher: Fetcher, request: Request) -> Response:
    try:
        response = await fetcher.fetch(request)
    except FetchError as error:
        raise NothingFound(error.reason) from error
    if response.status == 429 or response.status >= 500:
        raise NothingFound(f"HTTP {response.status}; try again later")
    if (refused := refusal(response)) is not None:
        raise NothingFound(str(refused.error))
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
