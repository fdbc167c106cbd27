"""Article pages: fetched, extracted, joined where an article has several, and owed where one does not come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from aggregator.clock import Clock
from aggregator.config.model import Source
from aggregator.extract import Extracted, Link
from aggregator.fetch import Fetcher, FetchError, Response
from aggregator.item import Item
from aggregator.jobs import extract_article
from aggregator.pipeline.plan import FetchKind, Plan
from aggregator.pipeline.readers import ReadingStopped
from aggregator.pipeline.robots import Robots, RobotsRefusal
from aggregator.pipeline.staff import Staff
from aggregator.schedule import retry_after
from aggregator.text.urls import canonical_url

log = structlog.get_logger("aggregator.poll")

#: After so many failed visits an article page is given up; the listing would otherwise owe it for ever.
MAX_ATTEMPTS = 3
#: Nor is a page waited for longer than this, whose site is merely down or busy: such visits are no attempts.
MAX_WAIT = timedelta(days=7)
#: Where a site wants long pauses between two requests, a poll asks for only so much as fits into this.
LONGEST_SHARE = timedelta(minutes=5)
#: Pages of one article that are joined; a longer chain is cut.
MAX_PARTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An article page that is still to be read, with what the listing said of it. Kept as JSON from poll to poll."""

    url: str
    title: str = ""
    published: str = ""  #: ISO 8601; "" where the listing does not say
    since: str = ""  #: ISO 8601: when the listing first named it
    attempts: int = 0
    not_before: str = ""  #: ISO 8601: it asked to be left alone until then
    entry: str = ""  #: uid of the feed's entry that it stands behind; "" where a listing names it
    least: int = 0  #: characters that this entry has without its page

    @classmethod
    def of(cls, link: Link, now: datetime) -> Owed:
        dated = link.published.isoformat() if link.published else ""
        return cls(url=link.url, title=link.title, published=dated, since=now.isoformat())

    def once_more(self) -> list[Owed]:
        """The page, still owed, unless it was tried often enough."""
        tried = replace(self, attempts=self.attempts + 1)
        return [tried] if tried.attempts < MAX_ATTEMPTS else []

    def later(self, now: datetime, wait: timedelta | None = None) -> list[Owed]:
        """The page, still owed, unless its site was waited for long enough."""
        if now - datetime.fromisoformat(self.since or now.isoformat()) >= MAX_WAIT:
            return []
        return [replace(self, not_before=(now + wait).isoformat() if wait else "")]

    def waits(self, now: datetime) -> bool:
        return bool(self.not_before) and now < datetime.fromisoformat(self.not_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesRead:
    """What became of the pages of one poll."""

    items: tuple[Item, ...] = ()
    faults: tuple[str, ...] = ()
    owed: tuple[Owed, ...] = ()  #: for the next poll
    empty: int = 0  #: pages that came and held no article


class PageFault(Exception):
    """A page that did not come or held no article.

    ``final``: asking again is useless. ``busy``: its site is down, busy or out of reach; ``empty``: it came, and held
    no article; ``wait`` is how long it asked to be left alone.
    """

    def __init__(
        self,
        reason: str,
        *,
        final: bool = False,
        busy: bool = False,
        empty: bool = False,
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(reason)
        self.empty = empty
        self.final = final
        self.busy = busy
        self.wait = wait


@dataclass(slots=True)
class _Site:
    """What was learnt of the site in one poll."""

    wait: timedelta | None = None  #: how long it asked to be left alone


class PageReader:
    """Reads pages on behalf of a source; the fetcher keeps the manners towards the host."""

    def __init__(self, fetcher: Fetcher, robots: Robots, clock: Clock, staff: Staff) -> None:
        self._fetcher = fetcher
        self._robots = robots
        self._clock = clock
        self._staff = staff

    async def fetch(self, plan: Plan, source: Source, url: str, *, kind: FetchKind = "page") -> Response:
        """A page as it came. Raises PageFault."""
        request = plan.side_request(source, url, kind=kind)
        permit = self._robots.permit_for(source, request, page=kind == "page")
        try:
            response = await self._fetcher.fetch(replace(request, permit=permit))
        except RobotsRefusal as refusal:
            raise PageFault(refusal.reason, final=refusal.forbidden, busy=not refusal.forbidden) from refusal
        except FetchError as error:
            raise PageFault(
                error.reason,
                final=error.kind in ("refused-address", "url"),
                busy=error.kind in ("dns", "connect", "timeout", "held"),
            ) from error
        if response.status == 200:
            return response
        raise PageFault(
            f"HTTP {response.status}",
            final=response.status in (404, 410),
            busy=response.status in (429, 503),
            wait=retry_after(response.headers, self._clock()),
        )

    async def read(self, plan: Plan, source: Source, todo: Sequence[Owed]) -> PagesRead:
        """Read a poll's share of the pages side by side; the rest stays owed."""
        begun = self._clock()
        waiting = [one for one in todo if one.waits(begun)]
        ready = [one for one in todo if not one.waits(begun)]
        most = await self._share(plan, source, ready)
        share, rest = ready[:most], (*ready[most:], *waiting)
        site = _Site()
        results = await asyncio.gather(
            *(self._unless_busy(site, plan, source, wanted) for wanted in share), return_exceptions=True
        )
        now = self._clock()
        items: list[Item] = []
        faults: list[str] = []
        owed: list[Owed] = []
        empty = sum(isinstance(result, PageFault) and result.empty for result in results)
        # All of them at once: it is rather the site or the extraction than the articles, and that may pass.
        passing = 1 < empty == len(results)
        for wanted, result in zip(share, results, strict=True):
            if isinstance(result, Item):
                items.append(result)
            elif isinstance(result, PageFault):
                faults.append(f"{wanted.url}: {result}")
                again = wanted.later(now, result.wait) if result.busy else wanted.once_more()
                owed.extend([] if result.final and not (result.empty and passing) else again)
            elif isinstance(result, Exception):
                # A fault of ours on one page must not cost the listing the others, now and at every poll.
                log.error("page broke off", source=source.id, url=wanted.url, exc_info=result)
                faults.append(f"{wanted.url}: a fault of this program ({type(result).__name__}: {result})")
                owed.extend(wanted.once_more())
            else:
                raise result
        return PagesRead(items=tuple(items), faults=tuple(faults), owed=(*owed, *rest), empty=empty)

    async def _share(self, plan: Plan, source: Source, todo: Sequence[Owed]) -> int:
        """How many pages one poll asks for. It keeps nothing before its end, and so must not last for hours."""
        if not todo:
            return 0
        request = plan.side_request(source, todo[0].url, kind="page")
        permit = self._robots.permit_for(source, request, page=True)
        try:
            pause = await permit(request.url) if permit else timedelta()
        except FetchError:
            return source.max_articles  # each page is refused by itself
        return min(source.max_articles, max(LONGEST_SHARE // pause, 1)) if pause else source.max_articles

    async def _unless_busy(self, site: _Site, plan: Plan, source: Source, wanted: Owed) -> Item:
        """The article, unless its site has asked to be left alone while this page waited for its turn."""
        if site.wait is not None:
            raise PageFault("not asked for: the site wants to be left alone for a while", busy=True)
        try:
            return await self._article(plan, source, wanted)
        except PageFault as fault:
            site.wait = fault.wait or site.wait
            raise

    async def _article(self, plan: Plan, source: Source, wanted: Owed) -> Item:
        response = await self.fetch(plan, source, wanted.url)
        first = await self._extracted(plan, source, response)
        if not first.text.strip():
            raise PageFault("no article text was found on the page", final=True, empty=True)
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
            part = await self._extracted(plan, source, further)
            parts.append(part)
            next_url = part.next_page
        return parts

    async def _extracted(self, plan: Plan, source: Source, response: Response) -> Extracted:
        """The page, read. Raises PageFault where that had to be broken off."""
        try:
            return await self._staff.reading.run(
                extract_article,
                response.body,
                response.url,
                content_type=response.content_type,
                zone=plan.zone(source),
                now=self._clock(),
                selectors=source.article,
                encoding=source.encoding,
            )
        except ReadingStopped as error:
            raise PageFault(str(error)) from error


def _item(url: str, parts: Sequence[Extracted], wanted: Owed) -> Item:
    """The parts of one article as one item; what the listing said fills what the page does not say."""
    first = parts[0]
    dated = datetime.fromisoformat(wanted.published) if wanted.published else None
    return Item(
        guid=wanted.entry,
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
