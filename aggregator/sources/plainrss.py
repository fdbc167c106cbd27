"""Entries of RSS that hold nothing but what most entries hold, read without feedparser: it takes eight times as long.

What comes out is what feedparser would make of them, as far as ``entries.py`` looks at it; a property test holds the
two equal. Whatever is in any way out of the ordinary is left to feedparser: an element or attribute that no rule
here names, one that stands twice, markup in a text, an address or encoding that feedparser would mend.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

Parsed = dict[str, Any]

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
#: Control characters that stand for others in Windows' alphabet.
_WINDOWS = re.compile("[\x80-\x9f]")
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")


class _UnusualError(Exception):
    """Something that feedparser knows better."""


def read_plainly(encoded: bytes) -> list[Parsed | None] | None:
    """The entries of a document in its order, None for an unusual one; None for a document that is no plain RSS."""
    try:
        root = etree.fromstring(encoded, etree.XMLParser(**_PARSER_OPTIONS))
    except (etree.LxmlError, ValueError):
        return None
    channel = root.find("channel")
    if root.tag != "rss" or channel is None or _bears_on_entries(root) or _bears_on_entries(channel):
        return None
    return [_entry(item) for item in channel.iterchildren("item")]


def _bears_on_entries(element: etree._Element) -> bool:
    return any(str(name).rpartition("}")[2].lower() in ("lang", "base") for name in element.attrib)


def _entry(item: etree._Element) -> Parsed | None:
    if item.attrib:
        return None
    entry: Parsed = {}
    seen: set[str] = set()
    try:
        for element in item:
            _read(element, entry, seen)
    except _UnusualError:
        return None
    return entry


def _read(element: etree._Element, entry: Parsed, seen: set[str]) -> None:
    tag = str(element.tag)
    hand = _HANDS.get(tag)
    if hand is None or len(element) or (tag in seen and tag not in _SEVERAL):
        raise _UnusualError
    if element.attrib and not _ATTRIBUTES.get(tag, frozenset()).issuperset(map(str, element.attrib)):
        raise _UnusualError
    seen.add(tag)
    hand(entry, _usual((element.text or "").strip()), element)


def _usual(text: str) -> str:
    """Not what feedparser takes for UTF-8 that was read as Latin-1, or for Windows' alphabet."""
    if text.isascii():
        return text
    if _WINDOWS.search(text):
        raise _UnusualError
    try:
        text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text
    raise _UnusualError


# -- one hand for each element: what feedparser keeps of it

_Hand = Callable[[Parsed, str, etree._Element], None]


def _ignored(entry: Parsed, text: str, element: etree._Element) -> None:
    """Nothing that an item is made of."""


def _kept_as(key: str) -> _Hand:
    def hand(entry: Parsed, text: str, element: etree._Element) -> None:
        entry[key] = text

    return hand


def _link(entry: Parsed, text: str, element: etree._Element) -> None:
    if not text:
        raise _UnusualError
    address = _REFERENCE.sub(r"&\g<1>", _whole_address(text).replace("&amp;", "&"))
    entry["link"] = address
    entry.setdefault("links", []).append({"rel": "alternate", "type": "text/html", "href": address})


def _guid(entry: Parsed, text: str, element: etree._Element) -> None:
    is_link = element.get("isPermaLink", "true") == "true"
    entry["id"] = _whole_address(text) if is_link else text
    entry["guidislink"] = is_link and "link" not in entry
    if is_link:
        entry.setdefault("link", entry["id"])


def _whole_address(text: str) -> str:
    if ":///" in text:  # slashes too many, which feedparser takes out
        raise _UnusualError
    return text


def _author(entry: Parsed, text: str, element: etree._Element) -> None:
    if "@" in text or "author" in entry:
        raise _UnusualError
    entry["author"] = text
    entry["authors"] = [{"name": text}] if text else [{}]


def _category(entry: Parsed, text: str, element: etree._Element) -> None:
    tags = entry.setdefault("tags", [])
    tag = {"term": text, "scheme": None, "label": None}
    if text and tag not in tags:
        tags.append(tag)


def _content(entry: Parsed, text: str, element: etree._Element) -> None:
    entry["content"] = [{"type": "text/html", "value": text}]
    entry.setdefault("summary", text)


def _description(entry: Parsed, text: str, element: etree._Element) -> None:
    entry["summary"] = text
    entry["summary_detail"] = {"type": "text/html", "value": text}


def _enclosure(entry: Parsed, text: str, element: etree._Element) -> None:
    names = {"url": "href", "length": "length", "type": "type"}
    file = {names[str(name)]: str(value) for name, value in element.attrib.items()}
    entry.setdefault("links", []).append({**file, "rel": "enclosure"})


_HANDS: dict[str, _Hand] = {
    "title": _kept_as("title"),
    "link": _link,
    "guid": _guid,
    "pubDate": _kept_as("published"),
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
