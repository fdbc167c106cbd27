"""Which part of the page is the article: candidates from different evidence, and a vote between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aggregator.extract import classes
from aggregator.extract.outline import Block, Node, Outline
from aggregator.extract.threads import threads

#: What a paragraph gives to the elements around it, by their distance in block-level elements.
_DECAY = (1.0, 0.75, 0.45, 0.25, 0.12)

#: Elements that are a paragraph themselves: what they say counts for the element around them.
_PARAGRAPHS = frozenset(
    ("p", "li", "blockquote", "pre", "dd", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6")
)

_LEVELS = 3  # of elements around the body whose other parts are looked at
_ENOUGH = 25.0  # mass below which a body is doubted and the rules are relaxed
_LINKED = 0.45  # share of linked characters from which a block is navigation


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The elements that hold the body, in document order, and those within that do not belong to it."""

    nodes: tuple[int, ...] = ()
    dropped: frozenset[int] = frozenset()


def find_body(outline: Outline, title_at: int | None) -> Region:
    """Strict first: hidden and foreign parts do not count. Where that leaves next to nothing, they do."""
    region: Region | None = None
    for strictness in (2, 1, 0):
        dropped = _foreign(outline, title_at, strictness)
        if strictness:
            dropped = _with_threads(outline, dropped, title_at)
        region = _choose(outline, dropped, title_at) or region
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


def _with_threads(outline: Outline, dropped: frozenset[int], title_at: int | None) -> frozenset[int]:
    """Threads go as well, unless they are nearly all that is said."""
    wider = dropped | threads(outline, title_at or 0)
    alive = (block for block in outline.blocks if block.owner not in wider)
    return wider if sum(map(prose, alive)) >= _ENOUGH else dropped


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
    return trust * (0.3 if _is_teasers(outline, node) else 1.0)


def _is_teasers(outline: Outline, node: Node) -> bool:
    """Nearly every paragraph comes with a line that is a link: a list of articles, each with its summary."""
    blocks = outline.blocks[node.first : node.last]
    links = sum(block.linked > 0.8 * block.chars and block.chars > 5 for block in blocks)
    return links >= 3 and links > 0.6 * sum(prose(block) > 0 for block in blocks)


# -- the choice


def _choose(outline: Outline, dropped: frozenset[int], title_at: int | None) -> Region | None:
    weights = _weights(outline, _alive(outline, dropped), title_at)
    scores = _scores(outline, weights)
    if not scores:
        return None
    best = max(scores, key=lambda index: (scores[index], index))
    best = _ascend(outline, best, weights)
    return _widened(outline, best, dropped | _lists(outline, best), title_at)


def _sum(weights: Sequence[float], node: Node) -> float:
    return sum(weights[node.first : node.last])


def _ascend(outline: Outline, index: int, weights: Sequence[float]) -> int:
    """Up, while the element around says clearly more of the same without bringing links along."""
    while True:
        parent = outline.nodes[index].parent
        if parent < 0 or outline.nodes[parent].tag in ("html", "body"):
            return index
        here, there = _sum(weights, outline.nodes[index]), _sum(weights, outline.nodes[parent])
        if there < 1.35 * here or outline.link_share(outline.nodes[parent]) > 0.3:
            return index
        index = parent


def _widened(outline: Outline, top: int, dropped: frozenset[int], title_at: int | None) -> Region:
    """With what stands beside the chosen element and speaks like it: a lead in a box of its own, a second part."""
    nodes = [top]
    for _ in range(_LEVELS):
        parent = outline.nodes[top].parent
        if parent < 0:
            break
        for index in _children(outline, parent):
            if index != top and index not in dropped and _belongs(outline, index, top, title_at):
                nodes.append(index)
        top = parent
    return Region(nodes=tuple(sorted(nodes)), dropped=dropped)


def _children(outline: Outline, parent: int) -> Iterator[int]:
    node = outline.nodes[parent]
    for index in range(parent + 1, len(outline.nodes)):
        if outline.nodes[index].first >= node.last:
            break
        if outline.nodes[index].parent == parent:
            yield index


def _belongs(outline: Outline, index: int, top: int, title_at: int | None) -> bool:
    node, chosen = outline.nodes[index], outline.nodes[top]
    blocks = outline.blocks[node.first : node.last]
    if outline.link_share(node) > 0.15 or not blocks or len(blocks) > 12 and _is_teasers(outline, node):
        return False
    said = sum(map(prose, blocks))
    if node.last <= chosen.first:  # before the body: only below the title
        return title_at is not None and node.first > title_at and said >= 12 and said >= 0.6 * outline.mass(node)
    alike = node.tag == chosen.tag and node.names == chosen.names and bool(node.names)
    return (alike or node.tag in ("p", "blockquote")) and said >= 20 and said >= 0.7 * outline.mass(node)


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
