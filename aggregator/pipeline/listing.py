"""A page source: a listing page leads to links, the links to article pages, the pages to items.

What is left over when a poll's share of article pages is used up, or does not come, is owed: it is kept in the
source's memory under ``owed`` and asked for again, a bounded number of times, at the next polls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

import structlog

from aggregator.clock import Clock
from aggregator.config.model import Source
from aggregator.extract import Extracted, Link, extract_article, extract_links, next_listing_page
from aggregator.fetch import Fetcher, FetchError, Response
from aggregator.item import Item
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.threads import Staff
from aggregator.text.html import xml_safe
from aggregator.text.urls import canonical_url
from storage.model import SourceRecord

log = structlog.get_logger("aggregator.poll")

#: After so many failed visits an article page is given up; the listing would otherwise owe it for ever.
MAX_ATTEMPTS = 3
#: Pages of one article that are joined; a longer chain is cut and named as a fault.
MAX_ARTICLE_PAGES = 20
#: Links of one listing that are looked at.
MAX_LINKS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRead:
    """What a listing and its article pages brought."""

    links: int = 0  #: article links on the listing, known ones included
    title: str = ""
    items: tuple[Item, ...] = ()
    faults: tuple[str, ...] = ()
    memory: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """An article page that is still to be read."""

    url: str
    title: str = ""
    attempts: int = 0


class PageFault(Exception):
    """An article page that did not come or held no article; ``final`` when asking again is useless."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class ListingReader:
    """Reads listings and their article pages on behalf of ``Visitor``."""

    def __init__(
        self, fetcher: Fetcher, clock: Clock, known_urls: Callable[[str, list[str]], set[str]], staff: Staff
    ) -> None:
        self._staff = staff
        self._fetcher = fetcher
        self._clock = clock
        self._known_urls = known_urls

    def owes(self, record: SourceRecord) -> bool:
        return bool(record.memory.get("owed"))

    async def read(self, plan: Plan, source: Source, record: SourceRecord, response: Response) -> ListingRead:
        """Read a listing that changed: its links, then the article pages that are new."""
        links, title, faults = await self._links(plan, source, record, response)
        if not links:
            return ListingRead()
        handled = set(record.memory.get("handled", ()))
        attempts = {owed.url: owed.attempts for owed in _owed(record)}
        fresh = [link for link in links if _mark(link.url) not in handled]
        known = await self._staff.store.run(
            self._known_urls, source.id, [canonical_url(link.url) for link in fresh]
        )
        todo = [
            _Owed(url=link.url, title=link.title, attempts=attempts.get(link.url, 0))
            for link in fresh
            if canonical_url(link.url) not in known
        ]
        read = await self._read_pages(plan, source, todo, {link.url: link for link in links})
        # Only what is on the listing now is worth remembering, so the memory is bounded by its length.
        still_owed = {owed["url"] for owed in read.memory["owed"]}
        marks = [_mark(link.url) for link in links if link.url not in still_owed]
        return replace(
            read,
            links=len(links),
            title=title,
            faults=faults + read.faults,
            memory={**read.memory, "handled": marks},
        )

    async def read_owed(self, plan: Plan, source: Source, record: SourceRecord) -> ListingRead:
        """The listing is unchanged: read only what it still owes."""
        owed = _owed(record)
        read = await self._read_pages(plan, source, owed, {})
        still_owed = {left["url"] for left in read.memory["owed"]}
        marks = [_mark(done.url) for done in owed if done.url not in still_owed]
        return replace(read, memory={**read.memory, "handled": [*record.memory.get("handled", ()), *marks]})

    async def _links(
        self, plan: Plan, source: Source, record: SourceRecord, response: Response
    ) -> tuple[list[Link], str, tuple[str, ...]]:
        """The links of the listing and, on the first visit, of the pages after it that the configuration allows."""
        pages = source.page.max_pages if record.last_success is None else 1
        links: dict[str, Link] = {}
        faults: list[str] = []
        title = ""
        while True:
            page, name, next_url = await self._staff.reading.run(self._parse_listing, plan, source, response)
            title = title or name
            for link in page:
                links.setdefault(link.url, link)
            pages -= 1
            if pages <= 0 or not next_url or len(links) >= MAX_LINKS:
                return list(links.values())[:MAX_LINKS], title, tuple(faults)
            try:
                response = await self._page(plan, source, next_url)
            except PageFault as fault:
                faults.append(f"next page of the listing, {next_url}: {fault}")
                return list(links.values())[:MAX_LINKS], title, tuple(faults)

    def _parse_listing(
        self, plan: Plan, source: Source, response: Response
    ) -> tuple[list[Link], str, str | None]:
        about: dict[str, Any] = {"content_type": response.content_type, "encoding": source.encoding}
        links = extract_links(
            response.body,
            response.url,
            zone=plan.zone(source),
            now=self._clock(),
            selectors=source.page,
            **about,
        )
        own = canonical_url(response.url)
        links = [
            link
            for link in links
            if canonical_url(link.url) not in ("", own) and xml_safe(link.url) == link.url
        ]
        title = extract_article(response.body, response.url, **about).site or ""
        next_url = next_listing_page(response.body, response.url, selectors=source.page, **about)
        return links, title, next_url

    async def _read_pages(
        self, plan: Plan, source: Source, todo: Sequence[_Owed], links: Mapping[str, Link]
    ) -> ListingRead:
        """Read a poll's share of article pages side by side; the fetcher keeps the manners towards the host."""
        share, rest = todo[: source.max_articles], todo[source.max_articles :]
        results = await asyncio.gather(
            *(self._read_page(plan, source, owed, links.get(owed.url)) for owed in share),
            return_exceptions=True,
        )
        items: list[Item] = []
        faults: list[str] = []
        owed: list[_Owed] = []
        for wanted, result in zip(share, results, strict=True):
            if isinstance(result, Item):
                items.append(result)
            elif isinstance(result, PageFault):
                faults.append(f"{wanted.url}: {result}")
                owed.extend([] if result.final else _once_more(wanted))
            elif isinstance(result, Exception):
                # A fault of ours on one page must not cost the listing the others, now and at every poll.
                log.error("page broke off", source=source.id, url=wanted.url, exc_info=result)
                faults.append(f"{wanted.url}: a fault of this program ({type(result).__name__}: {result})")
                owed.extend(_once_more(wanted))
            else:
                raise result
        owed.extend(rest)
        return ListingRead(
            items=tuple(items),
            faults=tuple(faults),
            memory={
                "owed": [{"url": left.url, "title": left.title, "attempts": left.attempts} for left in owed]
            },
        )

    async def _read_page(self, plan: Plan, source: Source, wanted: _Owed, link: Link | None) -> Item:
        response = await self._page(plan, source, wanted.url)
        first = await self._staff.reading.run(self._extract, plan, source, response)
        if not first.text.strip():
            raise PageFault("no article text was found on the page", final=True)
        pages = [first, *await self._following_pages(plan, source, response, first)]
        return _item(response.url, pages, wanted, link)

    async def _following_pages(
        self, plan: Plan, source: Source, response: Response, first: Extracted
    ) -> list[Extracted]:
        """The further pages of an article in several parts; a part that does not come fails the whole for now."""
        seen = {canonical_url(response.url)}
        pages: list[Extracted] = []
        next_url = first.next_page
        while next_url and canonical_url(next_url) not in seen and len(pages) + 1 < MAX_ARTICLE_PAGES:
            seen.add(canonical_url(next_url))
            page = await self._staff.reading.run(
                self._extract, plan, source, await self._page(plan, source, next_url)
            )
            pages.append(page)
            next_url = page.next_page
        return pages

    def _extract(self, plan: Plan, source: Source, response: Response) -> Extracted:
        return extract_article(
            response.body,
            response.url,
            content_type=response.content_type,
            zone=plan.zone(source),
            now=self._clock(),
            selectors=source.article,
            encoding=source.encoding,
        )

    async def _page(self, plan: Plan, source: Source, url: str) -> Response:
        try:
            response = await self._fetcher.fetch(plan.side_request(source, url, kind="page"))
        except FetchError as error:
            raise PageFault(error.reason, final=error.kind in ("refused-address", "url")) from error
        if response.status != 200:
            raise PageFault(f"HTTP {response.status}", final=response.status in (404, 410))
        return response


def _once_more(wanted: _Owed) -> list[_Owed]:
    """The page, still owed, unless it was tried often enough."""
    tried = replace(wanted, attempts=wanted.attempts + 1)
    return [tried] if tried.attempts < MAX_ATTEMPTS else []


def _owed(record: SourceRecord) -> list[_Owed]:
    return [_Owed(**entry) for entry in record.memory.get("owed", ())]


def _mark(url: str) -> str:
    """A short sign of a link that needs no more work, kept as long as the listing shows it."""
    return blake2b(canonical_url(url).encode(), digest_size=8).hexdigest()


def _item(url: str, pages: Sequence[Extracted], wanted: _Owed, link: Link | None) -> Item:
    """The pages of one article as one item; what the listing said fills what the page does not say."""
    first = pages[0]
    return Item(
        url=url,
        title=first.title or (link.title if link else wanted.title),
        title_is_html=False,
        content="\n".join(page.html for page in pages),
        base_url=url,
        authors=tuple(first.authors),
        published=first.published or (link.published if link else None),
        updated=first.updated,
        tags=tuple(first.tags),
        language=first.language,
        image=first.image,
        breadcrumb=tuple(first.breadcrumb),
        section=first.section,
        site=first.site,
        origin=first.origin,
        canonical_url=first.canonical_url,
    )
