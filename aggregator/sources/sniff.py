"""What a document is, by what stands in it.

Servers call feeds text/html, and error pages application/rss+xml.
"""

from __future__ import annotations

import re
from typing import Literal

from aggregator.text.encoding import decode

Kind = Literal["feed", "json", "page", "sitemap", "empty", "other"]

#: Bytes that are looked at. Comments and processing instructions before the root are passed over.
HEAD_SIZE = 16_384

#: Root elements, lower case and without prefix.
FEED_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})
#: Elements that a page may begin with, the html element being optional.
PAGE_ROOTS = frozenset(
    {
        "html",
        "head",
        "body",
        "title",
        "meta",
        "link",
        "script",
        "style",
        "base",
        "div",
        "p",
        "h1",
        "h2",
        "table",
        "a",
    }
    | {"main", "section", "article", "header", "nav", "span", "center", "br", "b", "frameset", "form", "img"}
)

_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
#: A feed behind a program's own complaints: <br /><b>Warning</b>: … <?xml …?><rss>
_BURIED = re.compile(r"<\?xml\b[^<>]*\?>\s*(?:<[?!][^<>]*>\s*)*<(?:rss|feed|rdf:RDF)\b")
#: A page of its own, which may show a feed.
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|title)\b", re.IGNORECASE)
#: A feed that is all there is of a page: the element itself, in its own namespace. Markup that is shown is text.
_WRAPPED = re.compile(
    r"[\ufeff\0\s]*(?:<[?!][^<>]*>\s*)*<html\b[^<>]*>\s*(?:<head\b[^<>]*>\s*</head>\s*|<head\s*/>\s*)?<body\b[^<>]*>\s*"
    r"(?=<feed\b[^<>]*\sxmlns\s*=\s*[\"']http://www\.w3\.org/2005/Atom[\"']|<rss\b[^<>]*\sversion\s*=)",
    re.IGNORECASE,
)
_WRAPPED_END = re.compile(r"</(?:feed|rss)\s*>(\s*</body\s*>\s*</html\s*>\s*)\Z", re.IGNORECASE)
#: How what may stand before the root begins and ends.
_PROLOGUE = (("<?", "?>"), ("<!--", "-->"), ("<!", ">"))


def sniff(body: bytes, content_type: str | None = None) -> Kind:
    """The kind of a document; "other" is anything that nothing here reads: text, images, archives."""
    if not body.strip():
        return "empty"
    text = decode(body[:HEAD_SIZE], content_type=content_type).text
    kind = kind_of(text, content_type)
    if kind == "page" and _WRAPPED.match(text) and _wrapper_end(body[-HEAD_SIZE:].decode("latin-1")):
        return "feed"
    return "feed" if kind in ("page", "other") and buried_at(text) >= 0 else kind


def buried_at(text: str) -> int:
    """Where a feed begins behind what is no document; -1: there is none."""
    found = _BURIED.search(text, 0, HEAD_SIZE)
    return found.start() if found and not _PAGE.search(text, 0, found.start()) else -1


def unwrapped(text: str) -> str | None:
    """The feed that is all there is of a page; None where the page has something before or behind it."""
    start, end = _WRAPPED.match(text, 0, HEAD_SIZE), _wrapper_end(text)
    return text[start.end() : end.start(1)] if start and end else None


def _wrapper_end(text: str) -> re.Match[str] | None:
    return _WRAPPED_END.search(text, max(0, len(text) - HEAD_SIZE))


def kind_of(text: str, content_type: str | None = None) -> Kind:
    stripped = text.lstrip("\ufeff\0 \t\r\n")
    if not stripped:
        return "empty"
    if stripped[0] in "{[":
        return "json"
    root = root_of(stripped)
    if root in FEED_ROOTS:
        return "feed"
    if root in SITEMAP_ROOTS:
        return "sitemap"
    is_html = "html" in (content_type or "").lower() or re.match(r"<!doctype\s+html", stripped, re.IGNORECASE)
    return "page" if root in PAGE_ROOTS or (root and is_html) else "other"


def root_of(text: str) -> str:
    """Local name of the root element, lower case; "" where the text does not begin with markup."""
    found = _ROOT.match(text, _after_prologue(text))
    return found[1].lower() if found else ""


def _after_prologue(text: str) -> int:
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        ending = next((end for start, end in _PROLOGUE if text.startswith(start, at)), None)
        if ending is None:
            return at
        close = _end_of_doctype(text, at) if ending == ">" else text.find(ending, at)
        if close < 0:
            return at
        at = close + len(ending)


def _end_of_doctype(text: str, at: int) -> int:
    """Of ``<!DOCTYPE a [ … ]>`` the last bracket, not the first one inside the internal subset."""
    subset, close = text.find("[", at), text.find(">", at)
    if 0 <= subset < close:
        found = re.compile(r"\]\s*>").search(text, subset)
        return found.end() - 1 if found else -1
    return close
