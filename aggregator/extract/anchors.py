"""The anchors of a page grouped by place, and the group that is its list."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from aggregator.extract import classes
from aggregator.extract.addressforms import folder, is_front, looks_like_article, shape
from aggregator.extract.lexicon import lexicon
from aggregator.extract.linktitles import MORE, title_of
from aggregator.extract.tree import Element, Page

_NUMERIC = re.compile(r"^[\W\d_]*$")
_NO_PAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|css|js|zip|rar|exe|apk|mp[34])$", re.IGNORECASE)
LEVELS = 4  # of elements around an anchor that make its place
_LEAST = 0.55  # share of the best score from which a group of the same shape of address joins it
_PLACES = 20  # of the links, that are told
_KEPT = 0.2  # of the same, from which the list stays where it was
DEEPEST = 12  # elements around a link that are looked at
MOST = 1000  # links of a list


@dataclass(slots=True)
class Anchor:
    """A link of the page to another."""

    element: Element
    url: str
    title: str
    place: str  #: tags and classes around it
    nav: bool  #: it stands in navigation
    side: bool  #: it stands beside the main text


def grouped(page: Page) -> dict[str, list[Anchor]]:
    """The anchors that lead to other pages, by place, in the order of the page."""
    groups: dict[str, list[Anchor]] = defaultdict(list)
    for anchor in _anchors(page):
        groups[anchor.place].append(anchor)
    return groups


def listed(page: Page, places: Collection[str] = ()) -> tuple[list[Anchor], tuple[str, ...]]:
    """The anchors of the page's list and where they stand; ``places``: where they stood last time."""
    groups, front = grouped(page), is_front(page.url)
    scores = {place: score(group, front=front) for place, group in groups.items()}
    best = max(scores, key=lambda place: scores[place], default=None)
    if best is None or scores[best] <= 0:
        return [], ()
    known = max(scores.keys() & set(places), key=lambda place: scores[place], default=best)
    if scores[known] >= _KEPT * scores[best]:
        best = known
    anchors = _joined(groups, scores, best, front=front)
    chosen = dict.fromkeys((best, *(anchor.place for anchor in anchors)))
    return anchors, tuple(chosen)[:_PLACES]


def _joined(
    groups: Mapping[str, list[Anchor]], scores: Mapping[str, float], best: str, *, front: bool
) -> list[Anchor]:
    """The best group, and groups nearly as good whose addresses have its shape, in the order of the page."""
    kind = folder if front else shape
    shapes = {kind(anchor.url) for anchor in groups[best]}
    chosen = {best}
    for place, group in groups.items():
        alike = sum(kind(anchor.url) in shapes for anchor in group)
        if scores[place] >= _LEAST * scores[best] and alike >= 0.7 * len(group):
            chosen.add(place)
    order = [anchor for group in groups.values() for anchor in group if anchor.place in chosen]
    return [anchor for anchor in order if anchor.title and not _NUMERIC.match(anchor.title)]


def _anchors(page: Page) -> Iterable[Anchor]:
    here = page.url.split("#", 1)[0].rstrip("/")
    for count, element in enumerate(page.root.iter("a")):
        if count > 8 * MOST:
            return
        ref = element.get("href")
        url = page.resolve(ref) if ref and not ref.startswith("#") else None
        if url and url.split("#", 1)[0].rstrip("/") != here and not _NO_PAGE.search(urlsplit(url).path):
            url = url.split("#", 1)[0]
            place, nav, side = _place(element)
            yield Anchor(element, url, title_of(element), place, nav, side)


def _place(element: Element) -> tuple[str, bool, bool]:
    """Tags and classes of the elements around, which entries of one list share; whether they are navigation, and
    whether they stand at the side."""
    parts, nav, side = [_step(element)], False, False
    for level, around in enumerate(islice(element.iterancestors(), DEEPEST)):
        if level < LEVELS:
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


def score(group: Sequence[Anchor], *, front: bool) -> float:
    """log n × length of titles × addresses like articles × unique × not numbers × not navigation."""
    titled = [
        anchor
        for anchor in group
        if anchor.title and not _NUMERIC.match(anchor.title) and not MORE.match(anchor.title)
    ]
    if len(titled) < 2:
        return 0.0
    urls = {anchor.url for anchor in titled}
    lengths = sorted(_width(anchor.title) for anchor in titled)
    length = min(lengths[len(lengths) // 2], 40) / 40
    articles = sum(map(looks_like_article, urls)) / len(urls)
    unique = len({anchor.title for anchor in titled}) / len(group)
    nav = sum(anchor.nav or (anchor.side and not front) for anchor in group) / len(group)
    return math.log(1 + len(urls)) * math.pow(length, 1.5) * articles * unique * (1 - 0.9 * nav)


def _width(title: str) -> float:
    """Characters, a CJK one counting two and a half: what a title says in them it says in so many Latin letters."""
    return sum(2.5 if "\u2e80" <= char <= "\uffef" else 1.0 for char in title[:100])
