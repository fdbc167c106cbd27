"""A page source: a listing page or a sitemap leads to links, the links to article pages, the pages to items.

What is left over when a poll's share of article pages is used up, or does not come, is owed: it is kept in the
source's memory under ``owed`` and asked for again, a bounded number of times, at the next polls. ``handled`` holds a
short mark of each link on the listing that needs no more work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import re2

from aggregator.clock import Clock
from aggregator.config.model import Source
from aggregator.extract import Link, Listing
from aggregator.fetch import Response
from aggregator.item import Item
from aggregator.jobs import extract_listing, parse_sitemap
from aggregator.pipeline.articlepages import Owed, PageFault, PageReader, PagesRead
from aggregator.pipeline.firstfetch import has_begun
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.staff import Staff
from aggregator.sources import NotASitemap
from aggregator.text.html import xml_safe
from aggregator.text.urls import canonical_url
from storage.model import SourceRecord

if TYPE_CHECKING:
    from aggregator.sources import Sitemap

#: Under this key a record remembers the article pages that are still to be read.
OWED = "owed"
#: Under this key a record remembers the marks of links that need no more work, the latest last.
HANDLED = "handled"
#: So many of them; a link that is away from the listing for a while is still known when it comes back.
MAX_HANDLED = 4 * 500
#: Under this key it remembers where on the page the articles are named.
PLACES = "places"
#: Links of one listing that are looked at.
MAX_LINKS = 500
#: Sitemaps of an index that are read in one poll, the newest.
MAX_SITEMAPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What a listing names."""

    found: tuple[Link, ...] = ()
    title: str = ""  #: of the site
    faults: tuple[str, ...] = ()
    places: tuple[str, ...] = ()  #: where on the page they stand


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRead:
    """What a listing and its article pages brought."""

    links: int = 0  #: article links on the listing, known ones included
    title: str = ""
    items: tuple[Item, ...] = ()
    empty: int = 0  #: article pages that held no article
    faults: tuple[str, ...] = ()
    memory: dict[str, Any] = field(default_factory=dict)


class ListingReader:
    """Reads listings and their article pages on behalf of ``Visitor``."""

    def __init__(
        self, pages: PageReader, clock: Clock, known_urls: Callable[[str, list[str]], set[str]], staff: Staff
    ) -> None:
        self._pages = pages
        self._clock = clock
        self._known_urls = known_urls
        self._staff = staff

    def owes(self, record: SourceRecord) -> bool:
        return bool(record.memory.get(OWED))

    async def read_listing(
        self, plan: Plan, source: Source, record: SourceRecord, response: Response
    ) -> ListingRead:
        """Read a listing page that changed: its links, then the article pages that are new."""
        return await self._read(plan, source, record, await self._listed(plan, source, record, response))

    async def read_sitemap(
        self, plan: Plan, source: Source, record: SourceRecord, response: Response
    ) -> ListingRead:
        """The same for a sitemap or an index of sitemaps. Raises NotASitemap."""
        return await self._read(plan, source, record, await self._mapped(plan, source, response))

    async def read_owed(self, plan: Plan, source: Source, record: SourceRecord) -> ListingRead:
        """The listing is unchanged: read only what it still owes."""
        owed = _owed(record)
        read = await self._pages.read(plan, source, owed)
        still = {left.url for left in read.owed}
        done = [mark(page.url) for page in owed if page.url not in still]
        return _listing_read(read, _remembered(record, done))

    async def _read(self, plan: Plan, source: Source, record: SourceRecord, links: Links) -> ListingRead:
        if not links.found:
            return ListingRead(faults=links.faults)
        todo = await self._todo(source, record, links.found)
        if not has_begun(record):
            todo = todo[: source.first_fetch.max_items]  # the rest is the past, and never asked for
        read = await self._pages.read(plan, source, todo)
        still = {left.url for left in read.owed}
        done = [mark(link.url) for link in links.found if link.url not in still]
        return _listing_read(read, _remembered(record, done), links)

    async def _todo(self, source: Source, record: SourceRecord, links: Iterable[Link]) -> list[Owed]:
        """The pages that are neither handled nor stored, those owed with the attempts made at them."""
        handled = set(record.memory.get(HANDLED, ()))
        known_owed = {owed.url: owed for owed in _owed(record)}
        fresh = {link.url: canonical_url(link.url) for link in links if mark(link.url) not in handled}
        known = await self._staff.store.run(self._known_urls, source.id, list(fresh.values()))
        return [
            known_owed.get(link.url) or Owed.of(link, self._clock())
            for link in links
            if fresh.get(link.url, "") not in {"", *known}
        ]

    # -- links of a listing page

    async def _listed(self, plan: Plan, source: Source, record: SourceRecord, response: Response) -> Links:
        """The links of the listing and, on the first visit, of the pages after it that the configuration allows."""
        pages_left = 1 if has_begun(record) else source.page.max_pages
        links: dict[str, Link] = {}
        faults: list[str] = []
        title, before = "", tuple(record.memory.get(PLACES, ()))
        places: tuple[str, ...] = ()
        while True:
            page = await self._parsed_listing(plan, source, response, places or before)
            title = title or page.site or ""
            if not places and page.links:
                places = page.places
                faults += _moved(before, places)
            for link in page.links:
                links.setdefault(link.url, link)
            pages_left -= 1
            if pages_left <= 0 or not page.next_page or len(links) >= MAX_LINKS:
                break
            try:
                response = await self._pages.fetch(plan, source, page.next_page)
            except PageFault as fault:
                faults.append(f"next page of the listing, {page.next_page}: {fault}")
                break
        found = tuple(links.values())[:MAX_LINKS]
        return Links(found=found, title=title, faults=tuple(faults), places=places)

    async def _parsed_listing(
        self, plan: Plan, source: Source, response: Response, places: tuple[str, ...]
    ) -> Listing:
        listing = await self._staff.reading.run(
            extract_listing,
            response.body,
            response.url,
            content_type=response.content_type,
            zone=plan.zone(source),
            now=self._clock(),
            selectors=source.page,
            encoding=source.encoding,
            places=places,
        )
        own = canonical_url(response.url)
        links = [
            link
            for link in listing.links
            if canonical_url(link.url) not in ("", own) and xml_safe(link.url) == link.url
        ]
        return replace(listing, links=tuple(links))

    # -- links of a sitemap

    async def _mapped(self, plan: Plan, source: Source, response: Response) -> Links:
        """The pages that a sitemap names, the newest first; of an index those of its newest sitemaps."""
        sitemap = await self._parse_sitemap(plan, source, response)
        pages = list(sitemap.pages)
        faults: list[str] = []
        for child in sitemap.children[:MAX_SITEMAPS]:
            try:
                further = await self._pages.fetch(plan, source, child.url)
                pages += (await self._parse_sitemap(plan, source, further)).pages
            except (PageFault, NotASitemap) as fault:
                faults.append(f"sitemap {child.url}: {fault}")
        pages.sort(key=lambda page: page.date.timestamp() if page.date else 0.0, reverse=True)
        pattern = source.page.url_pattern
        links = [
            Link(url=page.url, title=page.title, published=page.published)
            for page in pages
            if pattern is None or re2.search(pattern, page.url)
        ]
        return Links(found=tuple(links[:MAX_LINKS]), faults=tuple(faults))

    async def _parse_sitemap(self, plan: Plan, source: Source, response: Response) -> Sitemap:
        return await self._staff.reading.run(
            parse_sitemap,
            response.body,
            response.url,
            content_type=response.content_type,
            zone=plan.zone(source),
            now=self._clock(),
        )


def _listing_read(read: PagesRead, handled: list[str], links: Links | None = None) -> ListingRead:
    links = links or Links()
    return ListingRead(
        links=len(links.found),
        title=links.title,
        items=read.items,
        empty=read.empty,
        faults=links.faults + read.faults,
        memory={
            OWED: [asdict(left) for left in read.owed],
            HANDLED: handled,
            **({PLACES: list(links.places)} if links.places else {}),
        },
    )


def _moved(before: tuple[str, ...], places: tuple[str, ...]) -> list[str]:
    """A site that was rebuilt, in words for people."""
    if not (before and places) or set(before) & set(places):
        return []
    return [
        f"the list of articles is not where it was on the page ({before[0]}); "
        f"what is taken for it now stands at {places[0]}"
    ]


def _owed(record: SourceRecord) -> list[Owed]:
    return [Owed(**entry) for entry in record.memory.get(OWED, ())]


def _remembered(record: SourceRecord, done: list[str]) -> list[str]:
    before = [old for old in record.memory.get(HANDLED, ()) if old not in set(done)]
    return [*before, *done][-MAX_HANDLED:]


def mark(url: str) -> str:
    """A short sign of a link that needs no more work."""
    return blake2b(canonical_url(url).encode(), digest_size=8).hexdigest()
