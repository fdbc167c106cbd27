"""XML the way feedgen makes it, taken apart into a head, one fragment an entry, and a tail.

feedgen builds elements; what it loses or gets wrong is mended on them. The defects are numbered as in
tests/publish/test_feedgen_defects.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.publish.edition import Paper, SectionEdition
from aggregator.publish.entry import line, printable
from aggregator.publish.guesses import by_number
from aggregator.publish.links import public_url

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
MEDIA = "http://search.yahoo.com/mrss/"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
SY = "http://purl.org/rss/1.0/modules/syndication/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"
GENERATOR = "feed-aggregator"

RSS_NAMESPACES = {"atom": ATOM, "content": CONTENT, "dc": DC, "dcterms": DCTERMS, "media": MEDIA, "sy": SY}
ATOM_NAMESPACES = {"media": MEDIA}


class _RssNamespaces(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    def extend_ns(self) -> dict[str, str]:
        return RSS_NAMESPACES


class _AtomNamespaces(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    def extend_ns(self) -> dict[str, str]:
        return ATOM_NAMESPACES


def new_feed(paper: Paper) -> Any:
    """A feedgen feed that declares our namespaces, names us, and is rendered without a look at the clock."""
    feed = FeedGenerator()
    feed.register_extension("ours_rss", _RssNamespaces, None, atom=False, rss=True)
    feed.register_extension("ours_atom", _AtomNamespaces, None, atom=True, rss=False)
    feed.generator(GENERATOR, version=paper.generator_version or None)
    # Defects 4 and 15: the date of building is "now" and cannot be unset, and writing it sets the locale of
    # the whole process. The right date is put into the finished tree instead.
    feed._FeedGenerator__rss_lastBuildDate = None
    return feed


def mount(element: Any, namespaces: dict[str, str]) -> Any:
    """Put an entry under a root that knows the namespaces, so that they get their usual prefixes."""
    etree.Element("root", nsmap=namespaces).append(element)
    return element


def fragment(element: Any) -> bytes:
    """The lines of a mounted entry, to stand in a document whose root declares the same namespaces."""
    raw: bytes = etree.tostring(element.getparent(), encoding="utf-8")
    return by_number(raw[raw.index(b">") + 1 : raw.rindex(b"</root>")]) + b"\n"


def document(root: Any, closing: bytes, fragments: Iterable[bytes]) -> tuple[bytes, ...]:
    """The whole document: ``fragments`` stand before ``closing``, the last end tags of ``root``."""
    raw: bytes = etree.tostring(root, encoding="utf-8")
    head = by_number(raw.removesuffix(closing))
    return (DECLARATION + head + b"\n", *fragments, closing + b"\n")


def add(parent: Any, name: str, text: str | None = None, /, **attributes: str) -> Any:
    """Append an element; the text and the attributes are made printable."""
    element = etree.SubElement(parent, name, {key: printable(value) for key, value in attributes.items()})
    if text is not None:
        element.text = printable(text)
    return element


def add_picture(element: Any, url: str, kind: str | None) -> None:
    """media:content and media:thumbnail, outside any media:group, which wants alternatives (defect 7)."""
    add(element, f"{{{MEDIA}}}content", url=url, medium="image", **({"type": kind} if kind else {}))
    add(element, f"{{{MEDIA}}}thumbnail", url=url)


def add_archive_mark(parent: Any) -> None:
    """The document is closed (RFC 5005 §4). The prefix is declared here: the other feeds have no use for it."""
    etree.SubElement(parent, f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY})


def add_tombstone(feed: Any, id: str, when: datetime) -> None:
    """An entry that was deleted (RFC 6721 §3)."""
    attributes = {"ref": id, "when": when.isoformat().replace("+00:00", "Z")}
    etree.SubElement(feed, f"{{{TOMBSTONES}}}deleted-entry", attributes, nsmap={"at": TOMBSTONES})


def title_of(edition: SectionEdition) -> str:
    return line(edition.title) or edition.id


def section_url(paper: Paper, edition: SectionEdition) -> str:
    return f"{paper.base_url}/{edition.folder}/"


def feed_url(paper: Paper, edition: SectionEdition, form: str) -> str:
    """The address of a section's feed; ``form`` is "rss", "atom" or "json"."""
    return f"{paper.base_url}/{edition.stem}.{form}"


def icon_url(paper: Paper) -> str:
    return f"{paper.base_url}/favicon.png"


def logo_url(paper: Paper) -> str:
    """The operator's picture of the paper, else the icon."""
    return public_url(paper.site.logo or "") or icon_url(paper)
