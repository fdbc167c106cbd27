"""The head of an RSS document that says nothing out of the ordinary of its feed, read without feedparser.

What comes out is what feedparser keeps of it, as far as anybody asks. The rules are those of ``plainrss.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from aggregator.sources.entries import Parsed
from aggregator.sources.usual import UnusualError, linked, usual, whole_address

_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
_SY = "{http://purl.org/rss/1.0/modules/syndication/}"
#: Under which name feedparser keeps a text.
_KEPT = {
    "title": "title",
    "language": "language",
    "ttl": "ttl",
    f"{_SY}updatePeriod": "sy_updateperiod",
    f"{_SY}updateFrequency": "sy_updatefrequency",
}
#: Of these nothing is made.
_IGNORED = frozenset(
    "category copyright description docs generator lastBuildDate managingEditor pubDate webMaster".split()
)
_OF_AN_IMAGE = frozenset("description height link title url width".split())
#: Elements that may stand more than once.
_SEVERAL = frozenset({"category", _ATOM_LINK})
_ATTRIBUTES = {
    "category": frozenset({"domain"}),
    _ATOM_LINK: frozenset({"href", "hreflang", "length", "rel", "title", "type"}),
}


def read_head(elements: Iterable[etree._Element]) -> Parsed | None:
    """Of a channel that has no attributes, from its children without the items. None: something is unusual."""
    head: Parsed = {"links": []}
    seen: set[str] = set()
    try:
        for element in elements:
            tag = str(element.tag)
            if tag in seen and tag not in _SEVERAL:
                return None
            seen.add(tag)
            if not _ATTRIBUTES.get(tag, frozenset()).issuperset(map(str, element.attrib)):
                return None
            _read(tag, element, head)
    except UnusualError:
        return None
    return head


def _read(tag: str, element: etree._Element, head: Parsed) -> None:
    if tag == "image":
        if not all(child.tag in _OF_AN_IMAGE and not child.attrib and not len(child) for child in element):
            raise UnusualError
    elif len(element):
        raise UnusualError
    elif tag in _KEPT:
        head[_KEPT[tag]] = usual(_text(element))
    elif tag == "link":
        head["links"].append({"rel": "alternate", "href": usual(linked(_text(element)))})
    elif tag == _ATOM_LINK:
        head["links"].append(_link(element))
    elif tag not in _IGNORED:
        raise UnusualError


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


def _link(element: etree._Element) -> Parsed:
    href = element.get("href")
    if href is None:
        raise UnusualError
    return {"rel": element.get("rel", "alternate").lower(), "href": whole_address(href)}
