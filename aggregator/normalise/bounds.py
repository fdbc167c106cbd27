"""What one entry may keep. A longer body is cut and marked: all that stores, compares and prints it pays for it."""

from __future__ import annotations

import re
from dataclasses import replace

from aggregator.normalise.markup import proven, tidied
from aggregator.normalise.plain import cut
from aggregator.text.html import BLOCKS, text_of_regular
from storage.model import Article

#: What stands behind a body that goes on at its source.
MARK = "<p>…</p>"
_BLOCK_END = re.compile(rf"</(?:{'|'.join(sorted(BLOCKS))})>|<br>|<hr>")
#: At the end of what was cut anywhere: a part of a character reference, or of a word.
_TORN = re.compile(r"&[^;&<>\s]{0,10}\Z|(?<=\s)[^\s<>&]{1,40}\Z")


def shortened(html: str, limit: int) -> str:
    """A sanitised fragment of at most ``limit`` characters (the mark's at least), and sanitised still.

    Cut at the end of a block where one is in the last tenth of what fits, else between words.
    """
    if len(html) <= limit:
        return html
    room = limit - len(MARK)
    while room > 0:
        short = _closed(_head(html, room)) + MARK
        if len(short) <= limit:
            return short
        room -= len(short) - limit  # what was open when it was cut had to be closed
    return MARK


def bounded(article: Article, limit: int) -> Article:
    """The article with a body that is no longer, which it has unless it was stored under another limit."""
    if len(article.html) > limit:
        html = shortened(article.html, limit)
        return replace(article, html=html, text=text_of_regular(html))
    return article if len(article.text) <= limit else replace(article, text=cut(article.text, limit))


def _head(html: str, room: int) -> str:
    ends = [match.end() for match in _BLOCK_END.finditer(html, room * 9 // 10, room)]
    return html[: ends[-1]] if ends else _TORN.sub("", html[:room]).rstrip()


def _closed(head: str) -> str:
    """Every element closed that was open at the end, and a torn tag gone."""
    while (closed := tidied(proven(head))) != head:
        head = closed
    return head
