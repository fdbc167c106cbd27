"""Comments and lists of other articles that no name betrays: entries with a date and time each, one like the other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from aggregator.extract.outline import Outline

_STAMP = re.compile(
    r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.{0,6}\d{1,2}:\d\d|\d{1,2}[-月/]\d{1,2}日?\s+\d{1,2}:\d\d"
    r"|\d\s*(?:分钟|小时|天|个月|年|分鐘|小時)前|(?:昨天|前天|今天)\s*\d{1,2}:\d\d|\b\d+\s*(?:minutes?|hours?|"
    r"days?|weeks?|months?|years?)\s+ago\b"
    r"|\b(?:at|um|à)\s+\d{1,2}:\d\d\s*(?:am|pm)?\b|(?:第\s*\d+|\d+\s*)楼",
    re.IGNORECASE,
)
_LONGEST = 90  # characters of a line that heads an entry
_OF_PAGE = 2  # dates of the page itself that may look like those of the entries
_FEWEST = 3  # entries that make a thread


def threads(outline: Outline, after: int, *, first: int = 0) -> frozenset[int]:
    """The nodes of such entries, and what stands between them, below the element that holds them all.

    ``first``: of the entries, from which on all goes to the end, as where a page is nothing but its posts.
    """
    found: set[int] = set()
    for stamped in _groups(outline, after):
        entries = _entries(outline, stamped)
        if entries:
            common = outline.nodes[entries[0]].parent
            last = outline.nodes[common if first else entries[-1]].last
            found.update(_between(outline, entries[min(first, len(entries) - 1)], entries[-1], last))
    return frozenset(found)


def _entries(outline: Outline, stamped: list[int]) -> list[int]:
    """The nodes that hold a stamp each, side by side and of one kind; the dates of the page itself may come before."""
    for skipped in range(min(_OF_PAGE, len(stamped) - _FEWEST) + 1):
        common = _common(outline, stamped[skipped:])
        owners = (outline.blocks[at].owner for at in stamped[skipped:])
        held = {_child(outline, owner, common): None for owner in owners} if common is not None else {}
        entries = [entry for entry in held if entry is not None]
        kinds = {outline.nodes[entry].tag for entry in entries}
        if len(entries) >= _FEWEST and len(entries) == len(held) and len(kinds) == 1:
            return entries
    return []


def _groups(outline: Outline, after: int) -> Iterator[list[int]]:
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for at, block in enumerate(outline.blocks):
        if at > after and len(block.text) < _LONGEST and _STAMP.search(block.text):
            node = outline.nodes[block.owner]
            parent = outline.nodes[node.parent] if node.parent >= 0 else node
            groups[node.tag, node.names, parent.tag, parent.names].append(at)
    return (group for group in groups.values() if len(group) >= _FEWEST)


def _common(outline: Outline, stamped: list[int]) -> int | None:
    """The innermost node around all the stamped blocks."""
    last = stamped[-1]
    for index in outline.ancestors(outline.blocks[stamped[0]].owner):
        if outline.nodes[index].last > last:
            return index
    return None


def _child(outline: Outline, index: int, common: int) -> int | None:
    """The node directly below ``common`` in which ``index`` stands."""
    for each in outline.ancestors(index):
        if outline.nodes[each].parent == common:
            return each
    return None


def _between(outline: Outline, begin: int, end: int, last: int) -> Iterator[int]:
    """All nodes from one child of an element to another, and on to the block that is no longer theirs."""
    for index in range(begin, len(outline.nodes)):
        if outline.nodes[index].first >= last and index > end:
            break
        yield index
