"""Lists whose entries are built alike, told without their names: teasers of other articles, and comments.

An article may be such a list itself (the seven best bicycles). What tells them apart is where the entries lead, and
what their readers are offered: teasers lead to other pages of the site, comments can be answered.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from aggregator.extract.outline import Block, Outline
from aggregator.extract.tree import Page

_ENTRIES = frozenset(("div", "li", "section", "article", "dd"))
_FEWEST = 3  # entries that make a list
_REMARK = 360.0  # mass of an entry that is a comment; what says more is a text
_TEASER = 120.0  # mass of an entry that announces another text
_OFFER = 24  # characters of such a line
_MOST = 0.7  # share of the entries of which it must be true
_HEADLINE = 6  # characters of a link that is one
_LINES = 3  # of an entry, among which is its headline

#: What a comment offers to its readers, numbers and marks aside: each alone or several on one line.
_OFFERS = re.compile(
    r"(?:回复|回覆|回应|回應|赞|点赞|讚|踩|顶|支持|反对|举报|檢舉|引用|收起|展开|查看|条|全部|reply|replies|likes?|dislike|report|"
    r"quote|share|permalink|(?:up|down)vote|helpful|antworten|melden|répondre|signaler|responder|megusta|ответить|返信|"
    r"通報|いいね|답글)+",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[\W\d_]+")


def records(page: Page, outline: Outline) -> frozenset[int]:
    """The nodes of such entries and all below them."""
    found: set[int] = set()
    for entries in _groups(outline):
        if _are(entries, lambda entry: _is_remark(outline, entry)) or _are(
            entries, lambda entry: _is_teaser(page, outline, entry)
        ):
            for entry in entries:
                found.update(_below(outline, entry))
    return frozenset(found)


def _groups(outline: Outline) -> Iterator[list[int]]:
    """Elements side by side that are built alike and hold a few lines each."""
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, node in enumerate(outline.nodes):
        if node.last - node.first >= 2 and node.tag in _ENTRIES and outline.mass(node) < _REMARK:
            groups[node.parent, node.tag, node.names].append(index)
    return (group for group in groups.values() if len(group) >= _FEWEST)


def _are(entries: Sequence[int], test: Callable[[int], bool]) -> bool:
    return sum(map(test, entries)) >= _MOST * len(entries)


def _blocks(outline: Outline, index: int) -> Sequence[Block]:
    return outline.blocks[outline.nodes[index].first : outline.nodes[index].last]


def _is_remark(outline: Outline, index: int) -> bool:
    """A line of it is an offer, beside one that says something."""
    return any(
        _OFFERS.fullmatch(_MARKS.sub("", block.text))
        for block in _blocks(outline, index)
        if block.chars < _OFFER
    )


def _is_teaser(page: Page, outline: Outline, index: int) -> bool:
    """Its headline is a link to another page of the site."""
    node = outline.nodes[index]
    if outline.mass(node) >= _TEASER:
        return False
    lines = _blocks(outline, index)[:_LINES]
    headline = any(block.chars >= _HEADLINE and block.linked > 0.8 * block.chars for block in lines)
    if not headline:
        return False
    link = next((each.get("href") for each in node.element.iter("a") if each.get("href")), None)
    return _leads_on(page, link)


def _leads_on(page: Page, link: str | None) -> bool:
    address = page.resolve(link)
    if not link or link.startswith("#") or not address:
        return False
    there, here = urlsplit(address), urlsplit(page.url)
    return _site(there.hostname) == _site(here.hostname) and (there.path, there.query) != (
        here.path,
        here.query,
    )


def _site(host: str | None) -> str:
    """The last two labels: portals have their channels on hosts of their own."""
    return ".".join((host or "").split(".")[-2:])


def _below(outline: Outline, index: int) -> Iterator[int]:
    last = outline.nodes[index].last
    for each in range(index, len(outline.nodes)):
        if outline.nodes[each].first >= last:
            break
        yield each
