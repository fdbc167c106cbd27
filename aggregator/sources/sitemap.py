"""Sitemaps (sitemaps.org 0.9) and news sitemaps: the pages that a site names, with title and date where it says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from aggregator.sources.errors import NotASitemap
from aggregator.text.dates import parse_date
from aggregator.text.encoding import decode
from aggregator.text.html import fold_space, xml_safe
from aggregator.text.urls import absolute

#: More are not read; the protocol allows 50,000 in one file.
MAX_ENTRIES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapEntry:
    """A page, or another sitemap."""

    url: str  #: absolute
    title: str = ""  #: news sitemaps only
    published: datetime | None = None  #: news sitemaps only
    modified: datetime | None = None

    @property
    def date(self) -> datetime | None:
        return self.published or self.modified


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """``pages`` of a urlset, ``children`` of an index; dated ones first, the newest before the others."""

    pages: tuple[SitemapEntry, ...] = ()
    children: tuple[SitemapEntry, ...] = ()


def parse_sitemap(
    body: bytes, url: str, *, content_type: str | None = None, zone: ZoneInfo, now: datetime
) -> Sitemap:
    """Read a sitemap or an index of sitemaps. Raises NotASitemap."""
    root = _root(body, content_type)
    name = _local(root)
    if name not in ("urlset", "sitemapindex"):
        raise NotASitemap(f"no sitemap: the document begins with <{name}>, not with urlset or sitemapindex")
    entries = sorted(
        (entry for element in _elements(root) if (entry := _entry(element, url, zone, now))),
        key=lambda entry: entry.date.timestamp() if entry.date else 0.0,
        reverse=True,
    )
    return Sitemap(pages=tuple(entries)) if name == "urlset" else Sitemap(children=tuple(entries))


def _root(body: bytes, content_type: str | None) -> Any:
    text = xml_safe(decode(body, content_type=content_type).text).lstrip()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, recover=True, huge_tree=False, encoding="utf-8"
    )
    try:
        root = etree.fromstring(_undeclared(text).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise NotASitemap(f"no sitemap: {error.msg}") from error
    if root is None:
        raise NotASitemap("no sitemap: no XML element was found")
    return root


def _undeclared(text: str) -> str:
    """Without the XML declaration: its encoding is no longer that of the text."""
    return text[text.find("?>") + 2 :].lstrip() if text.startswith("<?xml") else text


def _elements(root: Any) -> Iterator[Any]:
    for number, element in enumerate(root.iterchildren(etree.Element)):
        if number == MAX_ENTRIES:
            return
        yield element


def _entry(element: Any, base: str, zone: ZoneInfo, now: datetime) -> SitemapEntry | None:
    said: dict[str, str] = {}
    for child in element.iter(etree.Element):
        said.setdefault(_local(child), fold_space(child.text or ""))
    url = absolute(base, said["loc"]) if said.get("loc") else None
    if url is None:
        return None
    return SitemapEntry(
        url=url,
        title=said.get("title", ""),
        published=parse_date(said.get("publication_date"), zone=zone, now=now),
        modified=parse_date(said.get("lastmod"), zone=zone, now=now),
    )


def _local(element: Any) -> str:
    name: str = etree.QName(element).localname.lower()
    return name
