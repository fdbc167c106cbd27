"""What an article says of itself in plain words: its title, and some sentences of it."""

from __future__ import annotations

import re

from aggregator.item import Item
from aggregator.normalise.markup import markup_of
from aggregator.normalise.plain import cut_at_sentence, disarm, first_sentence, line
from aggregator.text.html import text_of, text_of_regular

TITLE = 300  #: characters
MADE_TITLE = 60
SUMMARY = 500
MADE_SUMMARY = 200

_HEADING = re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]>", re.DOTALL)
#: What blog software writes under every summary.
_FURNITURE = re.compile(
    r"\s*(?:The post .{1,300} appeared first on .{1,200}\."
    r"|\[?(?:…|\.\.\.)\]?\s*(?:Read more|Continue reading)\b.*"
    r"|\[(?:…|\.\.\.)\])\s*$",
    re.DOTALL,
)


def title_of(item: Item, text: str, url: str) -> str:
    given = line(item.title, TITLE, is_html=item.title_is_html)
    return given or first_sentence(_first_line(text), MADE_TITLE) or url


def _first_line(text: str) -> str:
    """The first line of a text that says something."""
    return next((shown for written in text.splitlines()[:20] if (shown := disarm(written[:2000]))), "")


def summary_of(item: Item, html: str, text: str) -> str:
    """Some sentences of plain text: the source's own where a body stands beside it, else the body's first."""
    own = disarm(text_of(markup_of(item.summary[: 40 * SUMMARY]))[: 8 * SUMMARY]) if item.summary else ""
    if "…" in own or "..." in own or " appeared first on " in own:
        own = _FURNITURE.sub("…", own).strip()
    if own and own != "…" and (item.content.strip() or len(own) <= SUMMARY):
        return cut_at_sentence(own, SUMMARY)
    return cut_at_sentence(disarm(_prose(html, text)), MADE_SUMMARY)


def _prose(html: str, text: str) -> str:
    """The beginning of the text without the sub-headings in it, which are no sentences."""
    headings = {text_of_regular(heading) for heading in _HEADING.findall(html[: 12 * MADE_SUMMARY])}
    lines = (line for line in text[: 6 * MADE_SUMMARY].splitlines() if line not in headings)
    return "\n".join(lines)[: 3 * MADE_SUMMARY] or text[: 3 * MADE_SUMMARY]
