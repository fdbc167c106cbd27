"""The next page: of an article, which keeps its address but for a number, and of a listing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from aggregator.extract.tree import Element, Page, squeeze

_NEXT = re.compile(
    r"^[\[【(（<«]?\s*(?:下\s*一?\s*[页頁]|后一?页|后页|(?:older|next)(?:\s+(?:page|posts|entries|articles|stories))?|nächste(?: seite)?|suivante?|page suivante|"
    r"siguiente|próxima|次へ|次のページ|다음|›|»|→|>|>>)\s*[\]】)）>»›→]*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^\[?\s*(\d{1,3})\s*\]?$")
#: Where a page number stands in an address: at the end of its stem, as a last folder, or as a parameter.
_PAGED = (
    re.compile(r"(?P<stem>.*?)[_-](?P<number>\d{1,3})(?P<rest>/?(?:\.\w+)?)$"),
    re.compile(r"(?P<stem>.*?)/(?:page[/_-]?)?(?P<number>\d{1,3})(?P<rest>/?)$"),
    re.compile(
        r"(?P<stem>.*?[?&](?:p|page|pn|pg|paged|pageno|pagenum|page_no|cpage|curpage))=(?P<number>\d{1,3})(?P<rest>(?:&.*)?)$",
        re.I,
    ),
)


def next_article_page(page: Page) -> str | None:
    """The following page of the same article: same stem, one number on. A link to another article is none."""
    here = page.url.split("#", 1)[0]
    for element, address in _links(page):
        label = squeeze("".join(map(str, element.itertext()))) if element.tag == "a" else "next"
        if (_NEXT.match(label) or _NUMBER.match(label) or _is_rel_next(element)) and _follows(here, address):
            return address
    return None


def next_listing_page(page: Page) -> str | None:
    here = page.url.split("#", 1)[0]
    host = urlsplit(here).hostname
    for certain in (True, False):
        for element, address in _links(page):
            label = squeeze("".join(map(str, element.itertext())) or element.get("title") or "")
            sought = _is_rel_next(element) if certain else len(label) < 20 and _NEXT.match(label)
            if sought and address != here and urlsplit(address).hostname == host:
                return address
    return None


def _links(page: Page) -> Iterator[tuple[Element, str]]:
    for element in page.root.iter("link", "a"):
        href = element.get("href")
        if href and (element.tag == "a" or _is_rel_next(element)):
            address = page.resolve(href)
            if address:
                yield element, address.split("#", 1)[0]


def _is_rel_next(element: Element) -> bool:
    return "next" in (element.get("rel") or "").lower().split()


def _follows(here: str, there: str) -> bool:
    """Whether ``there`` is ``here`` with the next number; an address without one is the first page."""
    for pattern in _PAGED:
        match = pattern.match(there)
        if not match:
            continue
        number, stem, rest = int(match["number"]), match["stem"], match["rest"]
        current = pattern.match(here)
        if (
            current
            and current["stem"] == stem
            and current["rest"] == rest
            and number == int(current["number"]) + 1
        ):
            return True
        if number in (1, 2) and _is_first(here, stem, rest):
            return True
    return False


def _is_first(here: str, stem: str, rest: str) -> bool:
    """``a.html`` is the first page of ``a_2.html``, ``a`` of ``a/2``, ``a?id=1`` of ``a?id=1&page=2``."""
    bare_stem = re.sub(r"[?&]\w+$", "", stem)
    return here.rstrip("/") in (stem + rest, stem, bare_stem, (stem + rest).rstrip("/"))
