"""Which part of the page is the article: candidates from different evidence, and a vote between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.extract import classes
from aggregator.extract.outline import Block, Node, Outline

#: What a paragraph gives to the elements around it, by their distance in block-level elements.
_DECAY = (1.0, 0.75, 0.45, 0.25, 0.12)

#: Elements that are a paragraph themselves: what they say counts for the element around them.
_PARAGRAPHS = frozenset(
    ("p", "li", "blockquote", "pre", "dd", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6")
)

_ENOUGH = 25.0  # mass below which a body is doubted and the rules are relaxed
_LINKED = 0.45  # share of linked characters from which a block is navigation


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The elements that hold the body, in document order, and those within that do not belong to it."""

    nodes: tuple[int, ...] = ()
    dropped: frozenset[int] = frozenset()


def find_body(outline: Outline, title_at: int | None) -> Region:
    """Strict first: hidden and foreign parts do not count. Where that leaves next to nothing, they do."""
    for strictness in (2, 1, 0):
        dropped = _foreign(outline, title_at, strictness)
        region = _choose(outline, dropped, title_at)
        if region and _said(outline, region) >= _ENOUGH:
            return region
    return region or Region()


# -- what does not count


def _foreign(outline: Outline, title_at: int | None, strictness: int) -> frozenset[int]:
    """Outermost nodes that are not of the article, by what their names say and their text does not deny."""
    if strictness == 0:
        return frozenset()
    total = outline.mass(outline.nodes[0]) if outline.nodes else 0.0
    found: set[int] = set()
    for index, node in enumerate(outline.nodes):
        suspect = node.foreign or (strictness == 2 and node.hidden)
        if (
            suspect and node.parent not in found and not _carries(outline, node, title_at, total)
        ) or node.parent in found:
            found.add(index)
    return frozenset(found)


def _carries(outline: Outline, node: Node, title_at: int | None, total: float) -> bool:
    """A wrapper of the whole page may have any name: it holds the title and most of what is said."""
    if node.tag in ("html", "body", "main", "article"):
        return True
    share = outline.mass(node) / total if total else 0.0
    holds_title = title_at is not None and node.first <= title_at < node.last
    return (share > 0.3 and holds_title) or share > 0.85


# -- scores


def _alive(outline: Outline, dropped: frozenset[int]) -> list[bool]:
    return [block.owner not in dropped for block in outline.blocks]


def prose(block: Block) -> float:
    """How much a block speaks for its surroundings being an article."""
    if block.linked > _LINKED * block.chars or block.heading:
        return 0.0
    if block.stops or block.marks >= 2:
        return block.mass
    return min(block.mass, 60.0) * 0.3 if block.mass >= 12 else 0.0


def _weights(outline: Outline, alive: Sequence[bool], title_at: int | None) -> list[float]:
    """Prose that stands before the title is rarely the body."""
    return [
        prose(block) * (0.35 if title_at is not None and at < title_at else 1.0) if living else 0.0
        for at, (block, living) in enumerate(zip(outline.blocks, alive, strict=True))
    ]


def _scores(outline: Outline, weights: Sequence[float]) -> dict[int, float]:
    scores: dict[int, float] = {}
    for block, weight in zip(outline.blocks, weights, strict=True):
        if not weight:
            continue
        level = 0
        for index in outline.ancestors(block.owner):
            if level == 0 and outline.nodes[index].tag in _PARAGRAPHS:
                continue
            scores[index] = scores.get(index, 0.0) + weight * _DECAY[level]
            level += 1
            if level == len(_DECAY):
                break
    return {index: score * _trust(outline, outline.nodes[index]) for index, score in scores.items()}


def _trust(outline: Outline, node: Node) -> float:
    trust = 1.0 - outline.link_share(node)
    if not classes.BODY.isdisjoint(node.names) or node.tag in ("article", "main"):
        trust *= 1.3
    if not classes.BESIDE.isdisjoint(node.names):
        trust *= 0.85
    return trust


# -- the choice


def _choose(outline: Outline, dropped: frozenset[int], title_at: int | None) -> Region | None:
    weights = _weights(outline, _alive(outline, dropped), title_at)
    scores = _scores(outline, weights)
    if not scores:
        return None
    best = max(scores, key=lambda index: (scores[index], index))
    best = _ascend(outline, best, weights, dropped)
    return Region(
        nodes=_with_siblings(outline, best, weights, dropped), dropped=dropped | _lists(outline, best)
    )


def _sum(weights: Sequence[float], node: Node) -> float:
    return sum(weights[node.first : node.last])


def _ascend(outline: Outline, index: int, weights: Sequence[float], dropped: frozenset[int]) -> int:
    """Up, while the element around says clearly more of the same without bringing links along."""
    while True:
        parent = outline.nodes[index].parent
        if parent < 0 or outline.nodes[parent].tag in ("html", "body"):
            return index
        here, there = _sum(weights, outline.nodes[index]), _sum(weights, outline.nodes[parent])
        if there < 1.35 * here or outline.link_share(outline.nodes[parent]) > 0.3:
            return index
        index = parent


def _with_siblings(
    outline: Outline, index: int, weights: Sequence[float], dropped: frozenset[int]
) -> tuple[int, ...]:
    return (index,)


def _lists(outline: Outline, top: int) -> frozenset[int]:
    """Lists of links within the chosen element, and all below them."""
    found: set[int] = set()
    node = outline.nodes[top]
    index = top + 1
    while index < len(outline.nodes) and outline.nodes[index].first < node.last:
        inner = outline.nodes[index]
        if inner.parent in found or _is_link_list(outline, inner):
            found.add(index)
        index += 1
    return frozenset(found)


def _is_link_list(outline: Outline, node: Node) -> bool:
    return node.last - node.first >= 2 and outline.link_share(node) > 0.6


def _said(outline: Outline, region: Region) -> float:
    return sum(
        block.mass
        for index in region.nodes
        for block in outline.blocks[outline.nodes[index].first : outline.nodes[index].last]
        if block.owner not in region.dropped
    )
