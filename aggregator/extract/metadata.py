"""What a page declares of itself: JSON-LD, OpenGraph and other meta names, microdata. Claims, not yet believed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from aggregator.extract.tree import Element, Page, find_all, squeeze, text_in

#: Names of ``<meta name|property|itemprop>`` by what they tell, the most trustworthy first. All in lower case.
META: Mapping[str, tuple[str, ...]] = {
    "title": (
        "og:title",
        "twitter:title",
        "dc.title",
        "dcterms.title",
        "sailthru.title",
        "parsely-title",
        "articletitle",
    ),
    "published": (
        "article:published_time",
        "og:article:published_time",
        "datepublished",
        "article:published",
        "article:create_at",
        "pubdate",
        "publishdate",
        "publish-date",
        "publish_date",
        "publication_date",
        "publicationdate",
        "apub:time",
        "og:published_time",
        "og:time",
        "firstpublishedtime",
        "sailthru.date",
        "parsely-pub-date",
        "cxenseparse:recs:publishtime",
        "dc.date.issued",
        "dcterms.issued",
        "dcterms.created",
        "dc.date.created",
        "dc.date",
        "dcterms.date",
        "dc.created",
        "article.published",
        "article_date_original",
        "originalpublicationdate",
        "published-date",
        "date_published",
        "displaydate",
        "created",
        "timestamp",
        "citation_publication_date",
        "citation_date",
        "weibo:article:create_at",
        "bt:pubdate",
        "rnews:datepublished",
        "ptime",
        "publishtime",
        "issuedate",
        "date",
    ),
    "updated": (
        "article:modified_time",
        "og:updated_time",
        "og:article:modified_time",
        "datemodified",
        "lastmod",
        "last-modified",
        "dateupdate",
        "dcterms.modified",
        "dc.date.modified",
        "apub:updatedtime",
        "article:updated_time",
        "revised",
    ),
    "author": (
        "author",
        "article:author_name",
        "og:article:author",
        "dc.creator",
        "dcterms.creator",
        "parsely-author",
        "sailthru.author",
        "byl",
        "article:author",
        "og:author",
        "citation_author",
        "twitter:data1",
    ),
    "origin": ("contentsource", "mediaid", "og:source", "source", "copyrightsource"),
    "section": (
        "article:section",
        "og:article:section",
        "columnname",
        "articlesection",
        "parsely-section",
        "sailthru.section",
        "og:category",
        "category",
        "dc.subject.section",
    ),
    "site": (
        "og:site_name",
        "sitename",
        "application-name",
        "apple-mobile-web-app-title",
        "twitter:app:name:iphone",
    ),
    "image": (
        "og:image:secure_url",
        "og:image",
        "og:image:url",
        "twitter:image",
        "twitter:image:src",
        "thumbnail",
        "image",
    ),
    "canonical": ("og:url", "twitter:url"),
    "description": ("og:description", "description", "twitter:description", "dc.description"),
    "language": ("og:locale", "content-language", "dc.language", "dcterms.language"),
}

TAGS = ("article:tag", "og:article:tag", "news_keywords", "keywords", "parsely-tags", "sailthru.tags")

_ITEMS = etree.XPath("//*[@itemprop=$name and not(self::meta)]")
_ARTICLE = re.compile(r"(Article|Posting|Report|Review|Recipe|VideoObject)$")
_SITE_TYPES = frozenset(("Organization", "NewsMediaOrganization", "WebSite"))
_DEPTH = 6  # of nested JSON-LD that is followed
_NODES = 400  # of one page that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Every value raw text as it stands on the page, best claim first."""

    titles: tuple[str, ...] = ()  #: without ``<title>``
    head_title: str = ""  #: ``<title>``
    published: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    crumbs: tuple[tuple[str, ...], ...] = ()  #: each BreadcrumbList
    bodies: tuple[str, ...] = ()  #: articleBody


def declared(page: Page) -> Declared:
    meta = _meta(page.root)
    things = list(_things(page.root))
    articles = [thing for thing in things if _is_article(thing)]
    return Declared(
        titles=_unique(_texts(articles, "headline", "title", "name") + _named(meta, "title")),
        head_title=_head_title(page.root),
        published=_unique(
            _texts(articles, "datePublished", "pubDate", "dateCreated")
            + _named(meta, "published")
            + _items(page, "datePublished")
            + _texts([thing for thing in things if "WebPage" in _types(thing)], "datePublished")
        ),
        updated=_unique(
            _texts(articles, "dateModified", "upDate")
            + _named(meta, "updated")
            + _items(page, "dateModified")
        ),
        authors=_unique(_names(articles, "author", "creator") + _named(meta, "author")),
        origins=_unique(_named(meta, "origin")),
        sections=_unique(_texts(articles, "articleSection") + _named(meta, "section")),
        sites=_unique(_named(meta, "site") + _names(articles, "publisher") + _site_names(things)),
        images=_unique(_images(articles) + _named(meta, "image")),
        canonical=_unique(_canonical(page.root) + _named(meta, "canonical")),
        descriptions=_unique(_named(meta, "description")),
        languages=_unique(_texts(articles, "inLanguage") + _named(meta, "language")),
        tags=_unique(_texts(articles, "keywords") + [value for name in TAGS for value in meta.get(name, ())]),
        crumbs=tuple(filter(None, (_crumb(thing) for thing in things))),
        bodies=_unique(_texts(articles, "articleBody")),
    )


# -- meta elements


def _meta(root: Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        content = squeeze(element.get("content") or "")
        if not content:
            continue
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = element.get(attribute)
            if name:
                found.setdefault(name.strip().lower(), []).append(content)
    return found


def _named(meta: Mapping[str, list[str]], fact: str) -> list[str]:
    return [value for name in META[fact] for value in meta.get(name, ())]


def _head_title(root: Element) -> str:
    for element in root.iter("title"):
        parent = element.getparent()
        if parent is None or parent.tag != "svg":
            text = text_in(element)
            if text:
                return text
    return ""


def _canonical(root: Element) -> list[str]:
    return [
        element.get("href") or ""
        for element in root.iter("link")
        if "canonical" in (element.get("rel") or "").lower().split()
    ]


def _items(page: Page, name: str) -> list[str]:
    """Microdata outside ``<meta>``: the machine-readable attribute before the text."""
    found = find_all(_ITEMS, page.root, name=name)
    return [element.get("datetime") or element.get("content") or text_in(element) for element in found[:5]]


# -- JSON-LD


def _things(root: Element) -> Iterator[dict[str, object]]:
    for element in root.iter("script"):
        if "ld+json" in (element.get("type") or "").lower():
            yield from _flat(_json(element.text or ""))


def _json(text: str) -> object:
    """Broken JSON-LD is repaired where the repair is plain (comments, line ends in strings, trailing commas)."""
    text = re.sub(r"^\s*(<!--|//<!\[CDATA\[|/\*.{0,80}?\*/)|(-->|//\]\]>)\s*$", "", text).strip().rstrip(";")
    for candidate in (text, re.sub(r",\s*([}\]])", r"\1", text)):
        try:
            value: object = json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        return value
    return None


def _flat(value: object) -> Iterator[dict[str, object]]:
    """Objects of a document outermost first, a bounded number of them."""
    queue, taken = [(value, 0)], 0
    while queue and taken < _NODES:
        value, depth = queue.pop(0)
        taken += 1
        if isinstance(value, list):
            queue.extend((each, depth) for each in value[:_NODES])
        elif isinstance(value, dict):
            yield value
            inner = [
                each
                for key, each in value.items()
                if key in ("@graph", "mainEntity", "mainEntityOfPage", "breadcrumb", "hasPart")
            ]
            queue.extend((each, depth + 1) for each in inner if depth < _DEPTH)


def _types(thing: Mapping[str, object]) -> list[str]:
    value = thing.get("@type")
    return [str(each) for each in (value if isinstance(value, list) else [value]) if each]


def _is_article(thing: Mapping[str, object]) -> bool:
    # Baidu's form has no @type: {"@context": ".../cambrian.jsonld", "title": …, "pubDate": …}.
    return any(_ARTICLE.search(name) for name in _types(thing)) or "pubDate" in thing


def _texts(things: Iterable[Mapping[str, object]], *keys: str) -> list[str]:
    found: list[str] = []
    things = list(things)
    for key in keys:
        for thing in things:
            value = thing.get(key)
            values = value if isinstance(value, list) else [value]
            found.extend(
                str(each) for each in values if isinstance(each, str | int) and not isinstance(each, bool)
            )
    return found


def _names(things: Iterable[Mapping[str, object]], *keys: str) -> list[str]:
    """Names of people or organisations, which stand as text, as an object, or as a list of either."""
    found: list[str] = []
    for thing in things:
        for key in keys:
            value = thing.get(key)
            for each in value if isinstance(value, list) else [value]:
                name = each.get("name") if isinstance(each, dict) else each
                found.extend(
                    str(part)
                    for part in (name if isinstance(name, list) else [name])
                    if isinstance(part, str)
                )
    return found


def _site_names(things: Iterable[dict[str, object]]) -> list[str]:
    return _texts([thing for thing in things if not _SITE_TYPES.isdisjoint(_types(thing))], "name")


def _images(things: Iterable[Mapping[str, object]]) -> list[str]:
    found: list[str] = []
    for thing in things:
        for key in ("image", "images", "thumbnailUrl"):
            value = thing.get(key)
            for each in value if isinstance(value, list) else [value]:
                address = each.get("url") if isinstance(each, dict) else each
                if isinstance(address, str):
                    found.append(address)
    return found


def _crumb(thing: Mapping[str, object]) -> tuple[str, ...]:
    entries = thing.get("itemListElement") if "BreadcrumbList" in _types(thing) else None
    named: list[tuple[float, str]] = []
    for at, entry in enumerate(entries if isinstance(entries, list) else []):
        if not isinstance(entry, dict):
            continue
        item = entry.get("item")
        name = entry.get("name") or (item.get("name") if isinstance(item, dict) else None)
        position = entry.get("position")
        order = float(str(position)) if str(position).isdecimal() else float(at)
        if isinstance(name, str) and squeeze(name):
            named.append((order, squeeze(name)))
    return tuple(name for _, name in sorted(named, key=lambda pair: pair[0]))


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (squeeze(value) for value in values))))
