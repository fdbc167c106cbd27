"""The articles that a listing page names: found by selectors, or the best group of anchors without."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator.config.model import ListingPage, Selector
from aggregator.extract import paging, selectors
from aggregator.extract.anchors import MOST, listed
from aggregator.extract.dateline import Clock
from aggregator.extract.language import find_language, zone_of
from aggregator.extract.linkdates import date_in, dates_beside
from aggregator.extract.linktitles import title_of, unique
from aggregator.extract.model import Link, Listing
from aggregator.extract.site import site_of_page
from aggregator.extract.tree import Element, Page, parse, text_in


def extract_listing(
    html: bytes,
    url: str,
    *,
    content_type: str | None = None,
    zone: ZoneInfo | None = None,
    now: datetime | None = None,
    selectors: ListingPage | None = None,
    encoding: str | None = None,
    places: Collection[str] = (),
) -> Listing:
    """All that a poll wants of a listing page, from one parse; never raises. What cannot be found stays empty.

    ``places``: where the links stood last time; they are preferred as long as there is something to read in them.
    """
    page = parse(html, url, content_type=content_type, encoding=encoding)
    chosen = selectors or ListingPage()
    links, found_at = _links(page, chosen, zone, now, places)
    return Listing(
        links=tuple(links),
        places=found_at,
        site=site_of_page(page),
        next_page=_next_page(page, chosen),
    )


def extract_links(
    html: bytes,
    url: str,
    *,
    content_type: str | None = None,
    zone: ZoneInfo | None = None,
    now: datetime | None = None,
    selectors: ListingPage | None = None,
    encoding: str | None = None,
) -> list[Link]:
    """The articles a listing names, in the order of the page, each once; never raises. No list: none."""
    page = parse(html, url, content_type=content_type, encoding=encoding)
    return _links(page, selectors or ListingPage(), zone, now)[0]


def _links(
    page: Page, chosen: ListingPage, zone: ZoneInfo | None, now: datetime | None, places: Collection[str] = ()
) -> tuple[list[Link], tuple[str, ...]]:
    """The links, and where they stand."""
    language = find_language(filter(None, [page.root.get("lang")]), text_in(page.root)[:6000])
    clock = Clock(zone=zone or zone_of(language), now=now, chinese=(language or "").startswith("zh") or None)
    found = _selected(page, chosen, clock) if chosen.item or chosen.link else []
    found_at: tuple[str, ...] = ()
    if not found:
        found, found_at = _listed(page, clock, places)
    return _matching(found, chosen.url_pattern), found_at


def _listed(page: Page, clock: Clock, places: Collection[str]) -> tuple[list[Link], tuple[str, ...]]:
    anchors, found_at = listed(page, places)
    anchors = anchors[: 2 * MOST]
    dated = zip(anchors, dates_beside(anchors, clock), strict=True)
    links = unique(Link(url=one.url, title=one.title, published=date) for one, date in dated)
    return links[:MOST], found_at


def _next_page(page: Page, chosen: ListingPage) -> str | None:
    given = _next_given(page, chosen.next_page) if chosen.next_page else ""
    return page.resolve(given) if given else paging.next_listing_page(page)


def _next_given(page: Page, selector: Selector) -> str:
    try:
        return _first(selector, page.root)
    except selectors.BadSelector:
        return ""


def _matching(found: list[Link], pattern: str | None) -> list[Link]:
    if not pattern:
        return found
    try:
        return [link for link in found if selectors.matches(pattern, link.url)]
    except selectors.BadSelector:
        return found


# -- with selectors


def _selected(page: Page, chosen: ListingPage, clock: Clock) -> list[Link]:
    try:
        items = selectors.elements(chosen.item, page.root) if chosen.item else []
        if not chosen.item and chosen.link:
            items = selectors.elements(chosen.link.select, page.root)
        links = [_item(page, item, chosen, clock) for item in items[:MOST]]
    except selectors.BadSelector:
        return []
    return unique(link for link in links if link)


def _item(page: Page, item: Element, chosen: ListingPage, clock: Clock) -> Link | None:
    anchor = item if item.tag == "a" else next(iter(item.iter("a")), None)
    ref = _first(chosen.link, item) if chosen.link and chosen.item else None
    ref = ref or (anchor.get("href") if anchor is not None else None)
    url = page.resolve(ref)
    if not url:
        return None
    title = _first(chosen.title, item) if chosen.title else ""
    date = _first(chosen.date, item) if chosen.date else ""
    published = clock.find(date) if date else date_in(item, clock)
    return Link(
        url=url.split("#", 1)[0],
        title=title or title_of(anchor if anchor is not None else item),
        published=published,
    )


def _first(selector: Selector | None, within: Element) -> str:
    return next(iter(selectors.values(selector, within)), "") if selector else ""
