"""What the form of an address tells: whether an article stands there, and which addresses are of one kind."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ID = re.compile(
    r"\d{5,}|(?=[a-z]*\d)[a-z\d]{10,}|\d{4}[-/]?\d{2}[-/]?\d{2}|/\d{4}/\d{1,2}/|[0-9a-f]{8}-", re.IGNORECASE
)
_SLUG = re.compile(r"/[^/]*[a-z0-9]+(?:-[a-z0-9]+){3,}[^/]*/?$", re.IGNORECASE)
_DOCUMENT = re.compile(r"\.(?:s?html?|jhtml|aspx?|php|jsp|pdf|docx?)$", re.IGNORECASE)
_INDEX = re.compile(r"(?:^|/)(?:index|default|list|home|main)[^/]*$|/$", re.IGNORECASE)
_NOT_ARTICLE = re.compile(
    r"/(?:tag|tags|category|categories|author|authors|user|users|login|register|search|about|contact|privacy|"
    r"topics?)/|[?&](?:s|q)=",
    re.I,
)


def looks_like_article(url: str) -> float:
    parts = urlsplit(url)
    if _NOT_ARTICLE.search(url):
        return 0.1
    address = f"{parts.path}?{parts.query}"
    if _ID.search(address) or _SLUG.search(parts.path):
        return 1.0
    if re.search(r"\d{2,}", address) and not _INDEX.search(parts.path):
        return 0.8
    if _DOCUMENT.search(parts.path) and not _INDEX.search(parts.path):
        return 0.5
    return 0.15 if parts.path.count("/") < 2 or _INDEX.search(parts.path) else 0.3


def shape(url: str) -> str:
    """The address with what differs from article to article taken out."""
    parts = urlsplit(url)
    folders = parts.path.split("/")
    path = "/".join("#" if re.search(r"\d", one) or one.count("-") > 2 else one for one in folders[:-1])
    return f"{parts.hostname}{path}{'?' if parts.query else ''}{'#' if re.search(r'[0-9-]', folders[-1]) else ''}"


def folder(url: str) -> str:
    """Host and first folder."""
    parts = urlsplit(url)
    return f"{parts.hostname}/{'/'.join(parts.path.split('/')[1:-1][:1])}"


def is_front(url: str) -> bool:
    """The first page of a host is about the whole site: a list beside its main list is its own as well."""
    return urlsplit(url).path in ("", "/")
