"""Article pages: fetched, extracted, joined where an article has several, and owed where one does not come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from aggregator.clock import Clock
from aggregator.config.model import Source
from aggregator.extract import Extracted, Link, extract_article
from aggregator.fetch import Fetcher, FetchError, Response
from aggregator.item import Item
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.threads import Staff
from aggregator.text.urls import canonical_url

log = structlog.get_logger("aggregator.poll")

#: After so many failed visits an article page is given up; the listing would otherwise owe it for ever.
MAX_ATTEMPTS = 3
#: Pages of one article that are joined; a longer chain is cut.
MAX_PARTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An article page that is still to be read, with what the listing said of it. Kept as JSON from poll to poll."""

    url: str
    title: str = ""
    published: str = ""  #: ISO 8601; "" where the listing does not say
    attempts: int = 0

    @classmethod
    def of(cls, link: Link, attempts: int) -> Owed:
        dated = link.published.isoformat() if link.published else ""
        return cls(url=link.url, title=link.title, published=dated, attempts=attempts)

    def once_more(self) -> list[Owed]:
        """The page, still owed, unless it was tried often enough."""
        tried = replace(self, attempts=self.attempts + 1)
        return [tried] if tried.attempts < MAX_ATTEMPTS else []

    def as_json(self) -> dict[str, Any]:
        return {"url": self.url, "title": self.title, "published": self.published, "attempts": self.attempts}


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesRead:
    """What became of the pages of one poll."""

    items: tuple[Item, ...] = ()
    faults: tuple[str, ...] = ()
    owed: tuple[Owed, ...] = ()  #: for the next poll


class PageFault(Exception):
    """A page that did not come or held no article; ``final`` when asking again is useless."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class PageReader:
    """Reads pages on behalf of a source; the fetcher keeps the manners towards the host."""

    def __init__(self, fetcher: Fetcher, clock: Clock, staff: Staff) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._staff = staff

    async def fetch(self, plan: Plan, source: Source, url: str) -> Response:
        """A page as it came. Raises PageFault."""
        try:
            response = await self._fetcher.fetch(plan.side_request(source, url, kind="page"))
        except FetchError as error:
            raise PageFault(error.reason, final=error.kind in ("refused-address", "url")) from error
        if response.status != 200:
            raise PageFault(f"HTTP {response.status}", final=response.status in (404, 410))
        return response

    async def read(self, plan: Plan, source: Source, todo: Sequence[Owed]) -> PagesRead:
        """Read a poll's share of the pages side by side; the rest stays owed."""
        share, rest = todo[: source.max_articles], todo[source.max_articles :]
        results = await asyncio.gather(
            *(self._article(plan, source, wanted) for wanted in share), return_exceptions=True
        )
        items: list[Item] = []
        faults: list[str] = []
        owed: list[Owed] = []
        for wanted, result in zip(share, results, strict=True):
            if isinstance(result, Item):
                items.append(result)
            elif isinstance(result, PageFault):
                faults.append(f"{wanted.url}: {result}")
                owed.extend([] if result.final else wanted.once_more())
            elif isinstance(result, Exception):
                # A fault of ours on one page must not cost the listing the others, now and at every poll.
                log.error("page broke off", source=source.id, url=wanted.url, exc_info=result)
                faults.append(f"{wanted.url}: a fault of this program ({type(result).__name__}: {result})")
                owed.extend(wanted.once_more())
            else:
                raise result
        return PagesRead(items=tuple(items), faults=tuple(faults), owed=(*owed, *rest))

    async def _article(self, plan: Plan, source: Source, wanted: Owed) -> Item:
        response = await self.fetch(plan, source, wanted.url)
        first = await self._staff.reading.run(self._extract, plan, source, response)
        if not first.text.strip():
            raise PageFault("no article text was found on the page", final=True)
        return _item(response.url, [first, *await self._further_parts(plan, source, response, first)], wanted)

    async def _further_parts(
        self, plan: Plan, source: Source, response: Response, first: Extracted
    ) -> list[Extracted]:
        """The further parts. One that may still come fails the whole for now, one that is gone ends the article."""
        seen = {canonical_url(response.url)}
        parts: list[Extracted] = []
        next_url = first.next_page
        while next_url and canonical_url(next_url) not in seen and len(parts) + 1 < MAX_PARTS:
            seen.add(canonical_url(next_url))
            try:
                further = await self.fetch(plan, source, next_url)
            except PageFault as fault:
                if fault.final:
                    break
                raise
            part = await self._staff.reading.run(self._extract, plan, source, further)
            parts.append(part)
            next_url = part.next_page
        return parts

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


def _item(url: str, parts: Sequence[Extracted], wanted: Owed) -> Item:
    """The parts of one article as one item; what the listing said fills what the page does not say."""
    first = parts[0]
    dated = datetime.fromisoformat(wanted.published) if wanted.published else None
    return Item(
        url=url,
        title=first.title or wanted.title,
        title_is_html=False,
        content="\n".join(part.html for part in parts),
        base_url=url,
        authors=tuple(first.authors),
        published=first.published or dated,
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
