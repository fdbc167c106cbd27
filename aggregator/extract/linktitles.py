"""What a link is called, and which of several titles of one address."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aggregator.extract.model import Link
from aggregator.extract.tree import Element, squeeze, text_in

MORE = re.compile(
    r"^[\[【(（]?(?:更多|查看更多|阅读全文|阅读更多|详细|详情|查看详情|全文|more|read more|continue reading|"
    r"details?|learn more|full story|评论|\d+\s*(?:comments?|评论))"
    r"[\]】)）.…»>→]*$|^(?:continue reading|read more)\b",
    re.IGNORECASE,
)


def title_of(anchor: Element) -> str:
    """The text; a longer ``title`` attribute where the text is cut short; the picture's where there is no text."""
    heading = next((inner for inner in anchor.iter("h1", "h2", "h3", "h4") if text_in(inner)), None)
    text = text_in(heading if heading is not None else anchor)
    full = squeeze(anchor.get("title") or "")
    if full and (not text or (text.endswith(("...", "…", "..")) and len(full) > len(text) - 3)):
        return full
    if not text:
        return next((squeeze(image.get("alt") or "") for image in anchor.iter("img")), "")
    return text


def unique(links: Iterable[Link]) -> list[Link]:
    """Each address once: a picture and a headline that lead to one article are one link with the longer title."""
    found: dict[str, Link] = {}
    for link in links:
        old = found.get(link.url)
        if (
            old is None
            or (len(link.title) > len(old.title) and not MORE.match(link.title))
            or MORE.match(old.title)
        ):
            found[link.url] = Link(
                url=link.url, title=link.title, published=link.published or (old.published if old else None)
            )
    return list(found.values())
