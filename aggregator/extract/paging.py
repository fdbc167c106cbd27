"""The next page: of an article, which keeps its address but for a number, and of a listing."""

from __future__ import annotations

import re
from itertools import chain
from urllib.parse import urlsplit

from aggregator.extract.tree import Element, Page, squeeze, texts_in

_NEXT = re.compile(
    r"^[\[【(（<«]?\s*(?:下\s*一?\s*[页頁]|后一?页|后页|(?:older|next)(?:\s+(?:page|posts|entries|articles|"
    r"stories))?|nächste(?: seite)?|suivante?|page suivante|"
    r"siguiente|próxima|次へ|次のページ|다음|›|»|→|>|>>)\s*[\]】)）>»›→]*$",
    re.IGNORECASE,
)
_LONGEST = 24
_NUMBER = re.compile(r"^\[?\s*(\d{1,3})\s*\]?$")
#: Where a page number stands in an address: at the end of its stem, as a last folder, or as a parameter.
_PAGED = (
    re.compile(r"(?P<stem>.*?)[_-](?P<number>\d{1,3})(?P<rest>/?(?:\.\w+)?)$"),
    re.compile(r"(?P<stem>.*?)/(?:page[/_-]?)?(?P<number>\d{1,3})(?P<rest>/?)$"),
    re.compile(
        r"(?P<stem>.*?[?&](?:p|page|pn|pg|paged|pageno|pagenum|page_no|cpage|"
        r"curpage))=(?P<number>\d{1,3})(?P<rest>(?:&.*)?)$",
        re.I,
    ),
)


def next_article_page(page: Page) -> str | None:
    """The following page of the same article: same stem, one number on. A link to another article is none."""
    here = page.url.split("#", 1)[0]
    for element in page.root.iter("link", "a"):
        if _is_rel_next(element) or (element.tag == "a" and _leads_on(_label(element))):
            address = _address(page, element)
            if address and _follows(here, address):
                return address
    return None


def next_listing_page(page: Page) -> str | None:
    """Where the page says so in its links' roles, else where a link is labelled so; on the same host only."""
    here = page.url.split("#", 1)[0]
    roles = (element for element in page.root.iter("link", "a") if _is_rel_next(element))
    labelled = (
        element
        for element in page.root.iter("a")
        if _NEXT.match(_label(element) or element.get("title") or "")
    )
    for element in chain(roles, labelled):
        address = _address(page, element)
        if address and address != here and urlsplit(address).hostname == urlsplit(here).hostname:
            return address
    return None


def _label(element: Element) -> str:
    """The text of a link; "" where it is longer than the label of a page can be."""
    if len(element.text or "") > 4 * _LONGEST:
        return ""
    text = squeeze("".join(texts_in(element)) if len(element) else element.text or "")
    return text if len(text) < _LONGEST else ""


def _leads_on(label: str) -> bool:
    return bool(_NEXT.match(label) or _NUMBER.match(label))


def _address(page: Page, element: Element) -> str | None:
    address = page.resolve(element.get("href"))
    return address.split("#", 1)[0] if address else None


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
