"""What on a page is not of its article, by its names, by HTML's own landmarks, and by looking like a thread."""

from __future__ import annotations

from aggregator.extract import classes
from aggregator.extract.outline import Block, Node, Outline
from aggregator.extract.records import records
from aggregator.extract.threads import threads
from aggregator.extract.tree import Page

_LINKED = 0.45  # share of linked characters from which a block is navigation

#: Prose below which a page is taken to have lost its body.
ENOUGH = 25.0


def prose(block: Block) -> float:
    """How much a block speaks for its surroundings being an article."""
    if block.linked > _LINKED * block.chars or block.heading or block.smallprint:
        return 0.0
    if block.stops or block.marks >= 2:
        return block.mass
    return min(block.mass, 60.0) * 0.3 if block.mass >= 12 else 0.0


def foreign(page: Page, outline: Outline, title_at: int | None, strictness: int) -> frozenset[int]:
    """Nodes to leave out: 2 hidden, foreign and threads; 1 foreign and threads; 0 none."""
    if strictness == 0:
        return frozenset()
    total = outline.mass(outline.nodes[0]) if outline.nodes else 0.0
    found: set[int] = set()
    for index, node in enumerate(outline.nodes):
        suspect = node.foreign or (strictness == 2 and node.hidden)
        if node.parent in found or (suspect and not _carries(outline, node, title_at, total)):
            found.add(index)
    return _with_threads(page, outline, frozenset(found), title_at)


def _carries(outline: Outline, node: Node, title_at: int | None, total: float) -> bool:
    """A wrapper of the whole page may have any name: it holds the title and most of what is said."""
    if node.tag in ("html", "body", "main", "article"):
        return True
    share = outline.mass(node) / total if total else 0.0
    if not node.foreign:
        return share > 0.6  # hidden until a script has asked for money or for a click
    if title_at is not None and node.first <= title_at < node.last:
        return share > 0.3 or (outline.mass(node) > 60 and outline.link_share(node) < 0.25)
    rest = total - outline.mass(node)
    if not classes.COMMENTS.isdisjoint(node.names):
        return share > 0.85 and rest < ENOUGH  # comments may well be most of what a page says
    # A ranking that the article is about says much and links little.
    if not classes.OTHERS.isdisjoint(node.names):
        return share > 0.85 or (share > 0.25 and outline.link_share(node) < 0.1)
    return share > 0.5 and outline.link_share(node) < 0.15


def _with_threads(
    page: Page, outline: Outline, dropped: frozenset[int], title_at: int | None
) -> frozenset[int]:
    """Threads go as well; where they are nearly all that is said, the opening post stays."""
    lists = records(page, outline)
    for first in (0, 1):
        wider = dropped | lists | threads(outline, title_at or 0, first=first)
        alive = (block for block in outline.blocks if block.owner not in wider)
        if sum(map(prose, alive)) >= ENOUGH:
            return wider
    return dropped
