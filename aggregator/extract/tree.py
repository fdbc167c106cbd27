"""Bytes to a tree: decoded once, parsed once, and never an exception."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from aggregator.text.encoding import decode
from aggregator.text.urls import absolute

Element = etree._Element

#: Characters of a document that are read. Articles end long before; what follows is data of scripts.
MAX_CHARACTERS = 4_000_000

# What libxml2 would stop at, or XML forbids: NUL and the other control characters.
# Soft hyphen, zero-width spaces and marks of order.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
_TEXTS = etree.XPath(".//text()[not(parent::script or parent::style)]", smart_strings=False)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A parsed document. The tree is shared by every reader of the page: nobody changes it."""

    root: Element
    url: str  #: where it was fetched
    base: str  #: what its relative addresses are resolved against
    source: str  #: the decoded document, for what stands in scripts

    def resolve(self, ref: str | None) -> str | None:
        """The absolute form of an address on the page; None for what is no http address."""
        return absolute(self.base, ref.strip()) if ref and ref.strip() else None


def parse(html: bytes, url: str, *, content_type: str | None = None, encoding: str | None = None) -> Page:
    """Whatever the bytes are, a page comes out; an unreadable one is empty."""
    source = decode(html, content_type=content_type, override=encoding).text[:MAX_CHARACTERS]
    root = _tree(_CONTROL.sub(" ", source))
    return Page(root=root, url=url, base=_base(root, url), source=source)


def _tree(source: str) -> Element:
    # Bytes in a named encoding, since a str makes libxml2 obey the document's own, possibly lying, declaration.
    parser = etree.HTMLParser(
        encoding="utf-8", recover=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        root = None
    return root if root is not None else etree.Element("html")


def _base(root: Element, url: str) -> str:
    for element in root.iter("base"):
        href = element.get("href")
        if href:
            return absolute(url, href.strip()) or url
    return url


def squeeze(text: str) -> str:
    """White space, ideographic and non-breaking included, as single spaces; none at the ends, and nothing invisible."""
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def texts_in(element: Element) -> list[str]:
    """The text nodes below an element; scripts and styles left out."""
    parts = _TEXTS(element)
    return [str(part) for part in parts] if isinstance(parts, list) else []


def text_in(element: Element) -> str:
    """All text below an element, squeezed."""
    return squeeze("".join(texts_in(element)))


def find_all(path: etree.XPath, within: Element, **variables: str) -> list[Element]:
    """The elements that a path finds; nothing else it may find."""
    found = path(within, **variables)
    return [each for each in found if isinstance(each, Element)] if isinstance(found, list) else []


def reparse(page: Page, source: str) -> Page:
    """A document that stands within a page, with the page's addresses."""
    return Page(
        root=_tree(_CONTROL.sub(" ", source[:MAX_CHARACTERS])), url=page.url, base=page.base, source=source
    )
