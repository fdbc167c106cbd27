"""The articles that a listing page names, without selectors: anchors grouped by place, and the best group."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aggregator.config.model import ListingPage, Selector
from aggregator.extract import classes, paging, selectors
from aggregator.extract.dateline import Clock
from aggregator.extract.language import find_language, zone_of
from aggregator.extract.lexicon import lexicon
from aggregator.extract.model import Link, Listing
from aggregator.extract.site import site_of_page
from aggregator.extract.tree import Element, Page, parse, squeeze, text_in

_NUMERIC = re.compile(r"^[\W\d_]*$")
_ID = re.compile(
    r"\d{5,}|(?=[a-z]*\d)[a-z\d]{10,}|\d{4}[-/]?\d{2}[-/]?\d{2}|/\d{4}/\d{1,2}/|[0-9a-f]{8}-", re.IGNORECASE
)
_SLUG = re.compile(r"/[^/]*[a-z0-9]+(?:-[a-z0-9]+){3,}[^/]*/?$", re.IGNORECASE)
_DOCUMENT = re.compile(r"\.(?:s?html?|jhtml|aspx?|php|jsp|pdf|docx?)$", re.IGNORECASE)
_INDEX = re.compile(r"(?:^|/)(?:index|default|list|home|main)[^/]*$|/$", re.IGNORECASE)
_NO_PAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|css|js|zip|rar|exe|apk|mp[34])$", re.IGNORECASE)
_NOT_ARTICLE = re.compile(
    r"/(?:tag|tags|category|categories|author|authors|user|users|login|register|search|about|contact|privacy|"
    r"topics?)/|[?&](?:s|q)=",
    re.I,
)
_TITLE = re.compile(r"\w{2}")
_MORE = re.compile(
    r"^[\[【(（]?(?:更多|查看更多|阅读全文|阅读更多|详细|详情|查看详情|全文|more|read more|continue reading|"
    r"details?|learn more|full story|评论|\d+\s*(?:comments?|评论))"
    r"[\]】)）.…»>→]*$|^(?:continue reading|read more)\b",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\d{1,4}\s*[-/.年月]\s*\d{1,2}|\d\s*(?:分钟|小时|天|分鐘|小時)前|昨天|前天|今天|\b\d{1,2}:\d\d\b|\bago\b|"
    r"(?:19|20)\d\d",
    re.IGNORECASE,
)
_LEVELS = 4  # of elements around an anchor that make its place
_LEAST = 0.55  # share of the best score from which a group of the same shape of address joins it
_PLACES = 20  # of the links, that are told
_KEPT = 0.2  # of the same, from which the list stays where it was
_MOST = 1000
_OTHERS = 6  # groups that are looked at as lists of their own
_FEWEST = 3  # links of such a list
_CLASS = re.compile(r"[A-Za-z_][A-Za-z_-]*")
_DEEPEST = 12  # elements around a link that are looked at


@dataclass(slots=True)
class _Anchor:
    element: Element
    url: str
    title: str
    place: str
    nav: bool
    side: bool


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherList:
    """A list of links that was not chosen, and the selector that finds it."""

    select: str
    links: tuple[Link, ...]


def other_lists(
    html: bytes, url: str, *, content_type: str | None = None, beside: Collection[str] = ()
) -> list[OtherList]:
    """What else on a page may be its list, the likeliest first; ``beside``: addresses that were tried."""
    page = parse(html, url, content_type=content_type)
    groups: dict[str, list[_Anchor]] = defaultdict(list)
    for anchor in _anchors(page):
        groups[anchor.place].append(anchor)
    ranked = sorted(groups.values(), key=lambda group: -_score(group, front=_is_front(url)))
    found: list[OtherList] = []
    for group in ranked[:_OTHERS]:
        select = _selector_of(page, group)
        links = tuple(_unique(Link(url=anchor.url, title=anchor.title) for anchor in group if anchor.title))
        if select and len(links) >= _FEWEST and not any(link.url in beside for link in links):
            found.append(OtherList(select=f"{select}@href", links=links))
    return found


def _selector_of(page: Page, group: Sequence[_Anchor]) -> str | None:
    """The shortest path of tags and classes that finds these links and no others."""
    steps: list[str] = []
    for element in islice((group[0].element, *group[0].element.iterancestors()), _LEVELS + 1):
        name = next(filter(_CLASS.fullmatch, (element.get("class") or "").split()), None)
        steps.insert(0, f"{element.tag}.{name}" if name else str(element.tag))
        try:
            found = selectors.elements(" > ".join(steps), page.root)
        except selectors.BadSelector:
            return None
        if name and {id(each) for each in found} == {id(anchor.element) for anchor in group}:
            return " > ".join(steps)
    return None


def _links(
    page: Page, chosen: ListingPage, zone: ZoneInfo | None, now: datetime | None, places: Collection[str] = ()
) -> tuple[list[Link], tuple[str, ...]]:
    """The links, and where they stand."""
    language = find_language(filter(None, [page.root.get("lang")]), text_in(page.root)[:6000])
    clock = Clock(zone=zone or zone_of(language), now=now, chinese=(language or "").startswith("zh") or None)
    found = _selected(page, chosen, clock) if chosen.item or chosen.link else []
    found_at: tuple[str, ...] = ()
    if not found:
        found, found_at = _found(page, clock, places)
    return _matching(found, chosen.url_pattern), found_at


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
        links = [_item(page, item, chosen, clock) for item in items[:_MOST]]
    except selectors.BadSelector:
        return []
    return _unique(link for link in links if link)


def _item(page: Page, item: Element, chosen: ListingPage, clock: Clock) -> Link | None:
    anchor = item if item.tag == "a" else next(iter(item.iter("a")), None)
    ref = _first(chosen.link, item) if chosen.link and chosen.item else None
    ref = ref or (anchor.get("href") if anchor is not None else None)
    url = page.resolve(ref)
    if not url:
        return None
    title = _first(chosen.title, item) if chosen.title else ""
    date = _first(chosen.date, item) if chosen.date else ""
    published = clock.find(date) if date else _date_in(item, clock)
    return Link(
        url=url.split("#", 1)[0],
        title=title or _title(anchor if anchor is not None else item),
        published=published,
    )


def _first(selector: Selector | None, within: Element) -> str:
    return next(iter(selectors.values(selector, within)), "") if selector else ""


# -- without


def _found(page: Page, clock: Clock, places: Collection[str]) -> tuple[list[Link], tuple[str, ...]]:
    groups: dict[str, list[_Anchor]] = defaultdict(list)
    front = _is_front(page.url)
    for anchor in _anchors(page):
        groups[anchor.place].append(anchor)
    scores = {place: _score(group, front=front) for place, group in groups.items()}
    best = max(scores, key=lambda place: scores[place], default=None)
    if best is None or scores[best] <= 0:
        return [], ()
    known = max(scores.keys() & set(places), key=lambda place: scores[place], default=best)
    if scores[known] >= _KEPT * scores[best]:
        best = known
    anchors = _joined(groups, scores, best, front=front)
    chosen = dict.fromkeys((best, *(anchor.place for anchor in anchors)))
    return _with_dates(anchors, clock), tuple(chosen)[:_PLACES]


def _is_front(url: str) -> bool:
    """The first page of a host is about the whole site: a list beside its main list is its own as well."""
    return urlsplit(url).path in ("", "/")


def _joined(
    groups: dict[str, list[_Anchor]], scores: dict[str, float], best: str, *, front: bool
) -> list[_Anchor]:
    """The best group, and groups nearly as good whose addresses have its shape, in the order of the page."""
    kind = _folder if front else _shape
    shapes = {kind(anchor.url) for anchor in groups[best]}
    chosen = {best}
    for place, group in groups.items():
        alike = sum(kind(anchor.url) in shapes for anchor in group)
        if scores[place] >= _LEAST * scores[best] and alike >= 0.7 * len(group):
            chosen.add(place)
    order = [anchor for group in groups.values() for anchor in group if anchor.place in chosen]
    return [anchor for anchor in order if anchor.title and not _NUMERIC.match(anchor.title)]


def _anchors(page: Page) -> Iterable[_Anchor]:
    here = page.url.split("#", 1)[0].rstrip("/")
    for count, element in enumerate(page.root.iter("a")):
        if count > 8 * _MOST:
            return
        ref = element.get("href")
        url = page.resolve(ref) if ref and not ref.startswith("#") else None
        if url and url.split("#", 1)[0].rstrip("/") != here and not _NO_PAGE.search(urlsplit(url).path):
            url = url.split("#", 1)[0]
            place, nav, side = _place(element)
            yield _Anchor(element, url, _title(element), place, nav, side)


def _place(element: Element) -> tuple[str, bool, bool]:
    """Tags and classes of the elements around, which entries of one list share; whether they are navigation, and
    whether they stand at the side."""
    parts, nav, side = [_step(element)], False, False
    for level, around in enumerate(islice(element.iterancestors(), _DEEPEST)):
        if level < _LEVELS:
            parts.append(_step(around))
        if around.tag == "body":
            break
        nav = nav or _is_nav(around)
        side = side or _is_side(around)
    return "/".join(parts), nav, side


def _step(element: Element) -> str:
    name = (element.get("class") or "").split()
    return f"{element.tag}.{re.sub(r'[0-9]+', '', name[0]).lower()[:40]}" if name else str(element.tag)


def _is_nav(element: Element) -> bool:
    return element.tag in ("nav", "footer") or not _words(element).isdisjoint(_NAV)


def _is_side(element: Element) -> bool:
    return element.tag == "aside" or "sidebar" in _words(element)


def _words(element: Element) -> frozenset[str]:
    return classes.words(f"{element.get('class') or ''} {element.get('id') or ''}")


_NAV = lexicon(
    """
    nav navbar navigation navi menu topnav footer foot breadcrumb breadcrumbs crumb crumbs pager
    pagination paging copyright tags
    """
)


def _shape(url: str) -> str:
    """The address with what differs from article to article taken out."""
    parts = urlsplit(url)
    folders = parts.path.split("/")
    path = "/".join(
        "#" if re.search(r"\d", folder) or folder.count("-") > 2 else folder for folder in folders[:-1]
    )
    return f"{parts.hostname}{path}{'?' if parts.query else ''}{'#' if re.search(r'[0-9-]', folders[-1]) else ''}"


def _folder(url: str) -> str:
    """Host and first folder."""
    parts = urlsplit(url)
    return f"{parts.hostname}/{'/'.join(parts.path.split('/')[1:-1][:1])}"


def _title(anchor: Element) -> str:
    """The text; a longer ``title`` attribute where the text is cut short; the picture's where there is no text."""
    heading = next((inner for inner in anchor.iter("h1", "h2", "h3", "h4") if text_in(inner)), None)
    text = text_in(heading if heading is not None else anchor)
    full = squeeze(anchor.get("title") or "")
    if full and (not text or (text.endswith(("...", "…", "..")) and len(full) > len(text) - 3)):
        return full
    if not text:
        return next((squeeze(image.get("alt") or "") for image in anchor.iter("img")), "")
    return text


def _looks_like_article(url: str) -> float:
    parts = urlsplit(url)
    if _NOT_ARTICLE.search(url):
        return 0.1
    address = f"{parts.path}?{parts.query}"
    if _ID.search(address) or _SLUG.search(parts.path):
        return 1.0
    if re.search(r"\d{2,}", address) and not _INDEX.search(parts.path):
        return 0.8
    if _DOCUMENT.search(parts.path) and not _INDEX.search(parts.path):
        return 0.5
    return 0.15 if parts.path.count("/") < 2 or _INDEX.search(parts.path) else 0.3


def _score(group: Sequence[_Anchor], *, front: bool) -> float:
    """log n × length of titles × addresses like articles × unique × not numbers × not navigation."""
    titled = [
        anchor
        for anchor in group
        if anchor.title and not _NUMERIC.match(anchor.title) and not _MORE.match(anchor.title)
    ]
    if len(titled) < 2:
        return 0.0
    urls = {anchor.url for anchor in titled}
    lengths = sorted(_width(anchor.title) for anchor in titled)
    length = min(lengths[len(lengths) // 2], 40) / 40
    articles = sum(map(_looks_like_article, urls)) / len(urls)
    unique = len({anchor.title for anchor in titled}) / len(group)
    nav = sum(anchor.nav or (anchor.side and not front) for anchor in group) / len(group)
    return math.log(1 + len(urls)) * math.pow(length, 1.5) * articles * unique * (1 - 0.9 * nav)


def _width(title: str) -> float:
    """Characters, a CJK one counting two and a half: what a title says in them it says in so many Latin letters."""
    return sum(2.5 if "\u2e80" <= char <= "\uffef" else 1.0 for char in title[:100])


def _unique(links: Iterable[Link]) -> list[Link]:
    """Each address once: a picture and a headline that lead to one article are one link with the longer title."""
    found: dict[str, Link] = {}
    for link in links:
        old = found.get(link.url)
        if (
            old is None
            or (len(link.title) > len(old.title) and not _MORE.match(link.title))
            or _MORE.match(old.title)
        ):
            found[link.url] = Link(
                url=link.url, title=link.title, published=link.published or (old.published if old else None)
            )
    return list(found.values())[:_MOST]


def _with_dates(anchors: Sequence[_Anchor], clock: Clock) -> list[Link]:
    anchors = anchors[: 2 * _MOST]
    shared = _shared(anchors)
    return _unique(
        Link(url=anchor.url, title=anchor.title, published=_date_beside(anchor.element, shared, clock))
        for anchor in anchors
    )


def _shared(anchors: Sequence[_Anchor]) -> set[Element]:
    """The elements around more than one article."""
    only: dict[Element, str] = {}
    shared: set[Element] = set()
    for anchor in anchors:
        for up in islice(anchor.element.iterancestors(), _DEEPEST):
            if only.setdefault(up, anchor.url) != anchor.url:
                shared.add(up)
    return shared


def _date_beside(anchor: Element, shared: set[Element], clock: Clock) -> datetime | None:
    """The date in the smallest element around the link that has one and holds no other article."""
    title = text_in(anchor)
    for up in islice(anchor.iterancestors(), _DEEPEST):
        if up in shared or up.tag == "body":
            return None
        found = _date_in(up, clock, title)
        if found:
            return found
    return None


def _date_in(item: Element, clock: Clock, title: str = "") -> datetime | None:
    for stamp in item.iter("time"):
        found = clock.read(stamp.get("datetime") or "")
        if found:
            return found
    text = text_in(item).replace(title, " ", 1) if title else text_in(item)
    return clock.find(text[:400]) if _DATED.search(text[:400]) else None
