"""The feeds that a page names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from aggregator.text.encoding import decode
from aggregator.text.html import fold_space, xml_safe
from aggregator.text.urls import absolute, host_of

#: Media types of feeds. Plain JSON and XML may be anything: they count only with a feed-like address.
FEED_TYPES = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/rdf+xml": "rdf",
    "application/feed+json": "json",
    "application/x-rss+xml": "rss",
    "text/rss+xml": "rss",
}
VAGUE_TYPES = frozenset({"application/json", "application/xml", "text/xml", ""})
LONGEST_ADDRESS = 2_000
#: Feeds of comments and of single authors come after the others.
_LESSER = re.compile(r"comment|replies|评论", re.IGNORECASE)
_FEED_ADDRESS = re.compile(
    r"(?:/(?:feed|rss|atom|rss2|feeds)/?$|\.(?:rss|atom|rdf)$|/(?:rss|rss2|feed|feeds|atom|index|news)[\w-]*\.(?:xml|json)$"
    r"|[?&](?:feed|format)=(?:rss|rss2|atom|feed)\b|^https?://(?:feeds?|rss)\.|/rss/[\w./-]+\.xml$|/feed/[\w-]+/?$)",
    re.IGNORECASE,
)
#: Scripts' interfaces that use the same types and relation as feeds.
_NO_FEED = re.compile(r"/wp-json/|/oembed|manifest\.json|opensearch|sitemap", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that a page names."""

    url: str  #: absolute
    title: str = ""
    type: str = ""  #: "rss" | "atom" | "rdf" | "json"; "" where the page does not say


def discover_feeds(html: bytes, url: str, content_type: str | None = None) -> list[FoundFeed]:
    """Feeds by autodiscovery, in the order of the page, those of comments last; else links that look like feeds.

    Never raises.
    """
    tree = _tree(decode(html, content_type=content_type).text)
    if tree is None:
        return []
    base = _base(tree, url)
    found = list(_announced(tree, base)) or list(_linked(tree, base, url))
    unique: dict[str, FoundFeed] = {}
    for feed in found:
        unique.setdefault(feed.url, feed)
    return sorted(unique.values(), key=lambda feed: bool(_LESSER.search(feed.url + feed.title)))


def relations_of(
    html: bytes, url: str, content_type: str | None, names: Iterable[str]
) -> dict[str, list[str]]:
    """Where the page's <link> elements lead under these relations, absolute, in their order. Never raises."""
    tree = _tree(decode(html, content_type=content_type).text)
    found: dict[str, list[str]] = {}
    if tree is None:
        return found
    base, wanted = _base(tree, url), set(names)
    for link in tree.iter("link"):
        if address := _address(base, link.get("href")):
            for name in wanted.intersection((link.get("rel") or "").lower().split()):
                found.setdefault(name, []).append(address)
    return found


def _tree(text: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(xml_safe(text).encode("utf-8"), parser)
    except (etree.LxmlError, ValueError):
        return None


def _base(tree: etree._Element, url: str) -> str:
    declared = next((element.get("href") for element in tree.iter("base") if element.get("href")), None)
    return (absolute(url, declared) if declared else None) or url


def _address(base: str, href: str | None) -> str | None:
    """``feed:`` is an old way to write the address of a feed.

    Feed://example.org/a, feed:https://example.org/a.
    """
    reference = re.sub(r"^\s*feed:(?:(?=https?:)|(?=//))", "", href or "", flags=re.IGNORECASE)
    return absolute(base, reference) if reference.strip() and len(reference) <= LONGEST_ADDRESS else None


def _announced(tree: etree._Element, base: str) -> Iterator[FoundFeed]:
    for link in tree.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        media_type = (link.get("type") or "").split(";")[0].strip().lower()
        address = _address(base, link.get("href"))
        if not address or _NO_FEED.search(address) or not {"alternate", "feed"} & set(relations):
            continue
        vague = media_type in VAGUE_TYPES and (_FEED_ADDRESS.search(address) or "feed" in relations)
        if media_type in FEED_TYPES or vague:
            title = fold_space(link.get("title") or "")
            yield FoundFeed(url=address, title=title, type=FEED_TYPES.get(media_type, ""))


def _linked(tree: etree._Element, base: str, url: str) -> Iterator[FoundFeed]:
    domain = _domain(host_of(url))
    for link in tree.iter("a"):
        address = _address(base, link.get("href"))
        if not address or _NO_FEED.search(address) or not _FEED_ADDRESS.search(address):
            continue
        host = host_of(address)
        if _domain(host) == domain or host.startswith(("feeds.", "feed.", "rss.")):
            yield FoundFeed(url=address, title=fold_space("".join(map(str, link.itertext()))))


def _domain(host: str) -> str:
    return ".".join(host.split(".")[-2:])
