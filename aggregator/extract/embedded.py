"""Bodies that stand in a script: pages that draw themselves keep their article as a string in JSON or JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape

from aggregator.extract.tree import Page

#: Keys under which systems keep the body.
_KEYS = (
    "content|contents|articlebody|article_content|articlecontent|body|bodyhtml|body_html|html|contenthtml|content_html"
    "|text|detail|fulltext"
)
_STRING = re.compile(
    rf"""["']?\b(?:{_KEYS})["']?\s*[:=]\s*(?:"(?P<double>(?:[^"\\]|\\.){{200,}})"|'(?P<single>(?:[^'\\]|\\.){{200,}})')""",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(r"<(?:p|div|br|section|span|img|h\d)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_SENTENCE = re.compile(r"[。！？]|[.!?]\s")
_CODE = re.compile(r"function\s*\(|=>|\bvar\s|\{\s*\w+\s*:|!important|@media")
_MOST = 40  # strings that are looked at


def embedded_body(page: Page, least: float) -> str | None:
    """The HTML of the longest such string with at least ``least`` characters of text in sentences."""
    best: tuple[int, str] | None = None
    for html in _strings(page):
        text = _TAG.sub("", html)
        length = len(text) - text.count(" ")
        if length >= least and (best is None or length > best[0]) and _is_prose(text):
            best = (length, html)
    return best[1] if best else None


def _strings(page: Page) -> Iterator[str]:
    taken = 0
    for script in page.root.iter("script"):
        code = script.text or ""
        if len(code) < 200 or "ld+json" in (script.get("type") or ""):
            continue
        for match in _STRING.finditer(code):
            taken += 1
            if taken > _MOST:
                return
            yield _unquoted(match["double"] or match["single"])


def _unquoted(literal: str) -> str:
    """The string that a literal stands for; quoted once more, and escaped as HTML, as some pages have it."""
    text = _decoded(literal.replace('\\"', '"').replace('"', '\\"').replace("\\'", "'"))
    if "<" not in text and "&lt;" in text:
        text = unescape(text)
    text = unescape(text) if text.startswith("&quot;") else text
    if text.startswith('"') and text.endswith('"'):
        text = _decoded(text[1:-1].replace('\\"', '"').replace('"', '\\"'))
    elif "\\u003" in text or "\\n" in text:
        text = _decoded(text.replace('\\"', '"').replace('"', '\\"'))
    return text


def _decoded(literal: str) -> str:
    try:
        return str(json.loads(f'"{literal}"', strict=False))
    except (ValueError, RecursionError):
        return literal


def _is_prose(text: str) -> bool:
    return len(_SENTENCE.findall(text)) >= 2 and not _CODE.search(text[:2000])


def as_document(html: str) -> str:
    """A fragment, or plain text whose lines are paragraphs, as a page."""
    if not _MARKUP.search(html):
        html = "".join(f"<p>{line}</p>" for line in html.splitlines() if line.strip())
    return f"<html><body><article>{html}</article></body></html>"
