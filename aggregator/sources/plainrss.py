"""Entries of RSS that hold nothing but what most entries hold, read without feedparser: it takes ten times as long.

What comes out are the items that ``entries.py`` makes of feedparser's reading; a property test holds the two equal.
Whatever is in any way out of the ordinary is left to feedparser: an element or attribute that no rule
here names, one that stands twice, markup in a text, an address or encoding that feedparser would mend.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from aggregator.item import Item
from aggregator.sources.entries import (
    FeedContext,
    Parsed,
    address_in,
    bodies,
    enclosures_of,
    image_of,
    leads_on,
    tags_of,
)
from aggregator.sources.identity import identify
from aggregator.sources.people import people
from aggregator.sources.plainhead import read_head
from aggregator.sources.usual import UnusualError, linked, usual, whole_address
from aggregator.text.urls import absolute

_PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
    "collect_ids": False,
}
_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
_SLASH = "{http://purl.org/rss/1.0/modules/slash/}"
_WFW = "{http://wellformedweb.org/CommentAPI/}"
#: Elements that may stand more than once.
_SEVERAL = frozenset({"category", "enclosure"})
#: Attributes that are understood; of elements that are not named, none.
_ATTRIBUTES = {"guid": frozenset({"isPermaLink"}), "enclosure": frozenset({"url", "length", "type"})}


@dataclass(slots=True)
class PlainEntry:
    """What stands in an entry. None: there is no such element."""

    title: str = ""
    link: str | None = None  #: or the guid that is one
    guid: str = ""
    guid_is_link: bool = False
    published: str = ""
    author: str | None = None
    tags: list[str] = field(default_factory=list)
    summary: str | None = None
    content: str | None = None
    files: list[dict[str, str]] = field(default_factory=list)

    def item(self, feed: FeedContext, digest: bytes) -> Item:
        link = self._address(feed.base)
        published = feed.date(self.published)
        summary, content = bodies(self.summary or "", [] if self.content is None else [self.content])
        enclosures = tuple(enclosures_of({"links": self.files}, feed.base)) if self.files else ()
        return Item(
            guid=identify(
                feed.entry_id,
                guid=self.guid,
                link=link,
                date=published,
                title=self.title,
                content=content or summary,
            ),
            url=link,
            title=self.title,
            summary=summary,
            content=content,
            base_url=link or feed.base,
            authors=people([self.author]) if self.author else (),
            published=published,
            tags=tags_of(self.tags),
            language=feed.language,
            image=image_of({}, enclosures, feed.base),
            enclosures=enclosures,
            digest=digest,
        )

    def _address(self, base: str) -> str:
        link = self.link
        if link and leads_on(link, self.guid) and (address := absolute(base, link)):
            return address
        return address_in(self.guid, base) if self.guid_is_link else ""


@dataclass(frozen=True, slots=True)
class PlainDocument:
    head: Parsed | None  #: as feedparser would give it; None for an unusual one
    entries: list[PlainEntry | None]  #: in their order; None for an unusual one


def read_plainly(encoded: bytes) -> PlainDocument | None:
    """None for a document that is no plain RSS."""
    try:
        root = etree.fromstring(encoded, etree.XMLParser(**_PARSER_OPTIONS))
    except (etree.LxmlError, ValueError):
        return None
    channel = root.find("channel")
    if root.tag != "rss" or channel is None or _bears_on_entries(root) or _bears_on_entries(channel):
        return None
    others: list[etree._Element] = []
    items: list[etree._Element] = []
    for element in channel:
        (items if element.tag == "item" else others).append(element)
    head = read_head(others) if len(root) == 1 and not channel.attrib else None
    return PlainDocument(head, list(map(_entry, items)))


def _bears_on_entries(element: etree._Element) -> bool:
    return any(str(name).rpartition("}")[2].lower() in ("lang", "base") for name in element.attrib)


def _entry(item: etree._Element) -> PlainEntry | None:
    if item.attrib:
        return None
    entry = PlainEntry()
    seen: set[str] = set()
    try:
        for element in item:
            _read(element, entry, seen)
    except UnusualError:
        return None
    return entry


def _read(element: etree._Element, entry: PlainEntry, seen: set[str]) -> None:
    tag = str(element.tag)
    hand = _HANDS.get(tag)
    if hand is None or len(element) or (tag in seen and tag not in _SEVERAL):
        raise UnusualError
    if element.attrib and not _ATTRIBUTES.get(tag, frozenset()).issuperset(map(str, element.attrib)):
        raise UnusualError
    seen.add(tag)
    hand(entry, usual((element.text or "").strip()), element)


# -- one hand for each element: what feedparser keeps of it

_Hand = Callable[[PlainEntry, str, etree._Element], None]


def _ignored(entry: PlainEntry, text: str, element: etree._Element) -> None:
    """Nothing that an item is made of."""


def _title(entry: PlainEntry, text: str, element: etree._Element) -> None:
    entry.title = text


def _published(entry: PlainEntry, text: str, element: etree._Element) -> None:
    entry.published = text


def _link(entry: PlainEntry, text: str, element: etree._Element) -> None:
    entry.link = linked(text.replace("&amp;", "&"))


def _guid(entry: PlainEntry, text: str, element: etree._Element) -> None:
    is_link = element.get("isPermaLink", "true") == "true"
    entry.guid = whole_address(text) if is_link else text
    entry.guid_is_link = is_link and entry.link is None
    if entry.guid_is_link:
        entry.link = entry.guid


def _author(entry: PlainEntry, text: str, element: etree._Element) -> None:
    if "@" in text or entry.author is not None:
        raise UnusualError
    entry.author = text


def _category(entry: PlainEntry, text: str, element: etree._Element) -> None:
    entry.tags.append(text)


def _content(entry: PlainEntry, text: str, element: etree._Element) -> None:
    entry.content = text
    if entry.summary is None:
        entry.summary = text


def _description(entry: PlainEntry, text: str, element: etree._Element) -> None:
    entry.summary = text


def _enclosure(entry: PlainEntry, text: str, element: etree._Element) -> None:
    names = {"url": "href", "length": "length", "type": "type"}
    file = {names[str(name)]: str(value) for name, value in element.attrib.items()}
    entry.files.append({**file, "rel": "enclosure"})


_HANDS: dict[str, _Hand] = {
    "title": _title,
    "link": _link,
    "guid": _guid,
    "pubDate": _published,
    "description": _description,
    f"{_CONTENT}encoded": _content,
    "author": _author,
    f"{_DC}creator": _author,
    "category": _category,
    "enclosure": _enclosure,
    "comments": _ignored,
    f"{_SLASH}comments": _ignored,
    f"{_WFW}commentRss": _ignored,
}
