"""Lists of subscriptions: OPML 1.0 and 2.0 (http://opml.org/spec2.opml), as readers really write it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from lxml import etree

from aggregator.sources.errors import NotAFeed, NotOpml
from aggregator.sources.wellformed import mend
from aggregator.text.encoding import decode
from aggregator.text.html import fold_space, xml_safe
from aggregator.text.urls import absolute

#: Between the names of nested folders.
FOLDER_MARK = "/"

_FEED_SCHEME = re.compile(r"^feed:(?=https?:)", re.IGNORECASE)
_WEB = re.compile(r"^https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlEntry:
    """A subscription read from a list."""

    url: str
    title: str = ""
    folder: str = ""  #: names of the folders it stands in, outermost first, joined by "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlOutline:
    """A subscription to be written to a list."""

    title: str
    url: str  #: of the feed
    html_url: str = ""  #: of the site
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opml:
    """A list, read."""

    entries: tuple[OpmlEntry, ...]
    refused: tuple[str, ...]  #: what stands in place of an address: commands of other readers, other schemes


def parse_opml(data: bytes) -> list[OpmlEntry]:
    """The subscriptions in a list, each address once. Raises NotOpml."""
    return list(read_opml(data).entries)


def read_opml(data: bytes) -> Opml:
    """The subscriptions, and the outlines refused. newsboat's lists hold shell commands where addresses belong
    (``exec:…``, ``filter:…``, ``|…``): they are never run and never fetched. Raises NotOpml.
    """
    entries: dict[str, OpmlEntry] = {}
    refused: list[str] = []
    for outline, folder in _outlines(_root(data)):
        given = _attribute(outline, "xmlurl") or _feed_in_url(outline)
        if not given:
            continue
        address = _web_address(given)
        if address is None:
            refused.append(given)
            continue
        title = fold_space(_attribute(outline, "title") or _attribute(outline, "text"))
        entries.setdefault(address, OpmlEntry(url=address, title=title, folder=folder or _category(outline)))
    return Opml(entries=tuple(entries.values()), refused=tuple(refused))


def render_opml(title: str, outlines: Iterable[OpmlOutline]) -> bytes:
    """OPML 2.0; folders in the order in which they first come, the same list the same bytes."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = xml_safe(title)
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {"": body}
    for outline in outlines:
        _append(_folder(folders, outline.folder), outline)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8") + b"\n"


def _root(data: bytes) -> Element:
    try:
        mended = mend(xml_safe(decode(data).text).lstrip())
        root: Element = fromstring(mended.encoded, forbid_dtd=True)
    except (ParseError, DefusedXmlException, NotAFeed, ValueError) as error:
        raise NotOpml(f"no OPML: {error}") from error
    if _local(root.tag) != "opml":
        raise NotOpml(f"no OPML: the document begins with <{_local(root.tag)}>")
    return root


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _outlines(root: Element) -> Iterator[tuple[Element, str]]:
    """Every outline and the folder it stands in, in the order of the document.

    No recursion, nesting is not ours.
    """
    bodies = [child for child in root if _local(child.tag) == "body"] or [root]
    waiting = [(child, "") for body in bodies for child in body][::-1]
    while waiting:
        element, folder = waiting.pop()
        if _local(element.tag) != "outline":
            continue
        yield element, folder
        name = fold_space(_attribute(element, "text") or _attribute(element, "title"))
        inner = f"{folder}{FOLDER_MARK}{name}" if folder and name else name or folder
        waiting.extend((child, inner) for child in reversed(list(element)))


def _attribute(element: Element, name: str) -> str:
    """Attributes in any letter case: xmlUrl, xmlurl, xmlURL are all in use."""
    return next((value.strip() for key, value in element.attrib.items() if key.lower() == name), "")


def _feed_in_url(outline: Element) -> str:
    is_feed = _attribute(outline, "type").lower() in ("rss", "atom", "rdf")
    return _attribute(outline, "url") if is_feed else ""


def _web_address(given: str) -> str | None:
    reference = _FEED_SCHEME.sub("", given)
    if reference.lower().startswith("feed://"):
        reference = "http://" + reference[7:]
    return absolute("", reference) if _WEB.match(reference) else None


def _category(outline: Element) -> str:
    """OPML 2.0: comma-separated paths, each beginning with a slash."""
    return fold_space(_attribute(outline, "category").split(",")[0]).strip(FOLDER_MARK)


def _folder(folders: dict[str, etree._Element], path: str) -> etree._Element:
    path = path.strip(FOLDER_MARK)
    if path not in folders:
        above, _, name = path.rpartition(FOLDER_MARK)
        safe = xml_safe(name)
        folders[path] = etree.SubElement(_folder(folders, above), "outline", text=safe, title=safe)
    return folders[path]


def _append(folder: etree._Element, outline: OpmlOutline) -> None:
    title = xml_safe(outline.title or outline.url)
    attributes = {"type": "rss", "text": title, "title": title, "xmlUrl": xml_safe(outline.url)}
    if outline.html_url:
        attributes["htmlUrl"] = xml_safe(outline.html_url)
    etree.SubElement(folder, "outline", attributes)
