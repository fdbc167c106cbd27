"""Which part of the page is the article: the element that most prose speaks for, and what around it speaks alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from aggregator.extract import classes
from aggregator.extract.foreign import ENOUGH, foreign, prose
from aggregator.extract.outline import Node, Outline
from aggregator.extract.tree import Page

#: What a paragraph gives to the elements around it, by their distance in block-level elements.
_DECAY = (1.0, 0.75, 0.45, 0.25, 0.12)

#: Elements that are a paragraph themselves: what they say counts for the element around them.
_PARAGRAPHS = frozenset(
    ("p", "li", "blockquote", "pre", "dd", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6")
)

_LEVELS = 3  # of elements around the body whose other parts are looked at
_GAIN = 1.35  # prose of an element around, in terms of that within, from which it is the better choice
_BEFORE_TITLE = 0.35  # prose that stands before the title is rarely the body
_SHORT = 150.0  # prose up to which the page's own word for its body says more than what little prose there is
_SAID = 10.0  # mass that an element must have to be a short item
_ROWS = 4  # of a table that is data


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The elements that hold the body, in document order, and those within that do not belong to it."""

    nodes: tuple[int, ...] = ()
    dropped: frozenset[int] = frozenset()


class _Field:
    """The page without what was dropped: sums over any node in one subtraction."""

    def __init__(self, outline: Outline, dropped: frozenset[int], title_at: int | None) -> None:
        self.outline, self.dropped, self.title_at = outline, dropped, title_at
        silent = dropped | _link_lists(outline, 0, silent=True)
        living = [(block, block.owner not in silent) for block in outline.blocks]
        self.weights = [
            prose(block) * (_BEFORE_TITLE if title_at is not None and at < title_at else 1.0)
            if alive
            else 0.0
            for at, (block, alive) in enumerate(living)
        ]
        self._prose = _sums(self.weights)
        self._mass = _sums(block.mass * alive for block, alive in living)
        self._chars = _sums(block.chars * alive for block, alive in living)
        self._linked = _sums(block.linked * alive for block, alive in living)
        self._links = _sums(block.linked > 0.8 * block.chars and block.chars > 5 for block in outline.blocks)
        self._paragraphs = _sums(prose(block) > 0 for block in outline.blocks)

    def prose(self, node: Node) -> float:
        return self._prose[node.last] - self._prose[node.first]

    def mass(self, node: Node) -> float:
        return self._mass[node.last] - self._mass[node.first]

    def linked(self, node: Node) -> float:
        return self._linked[node.last] - self._linked[node.first]

    def chars(self, node: Node) -> float:
        return self._chars[node.last] - self._chars[node.first]

    def link_share(self, node: Node) -> float:
        chars = self.chars(node)
        return self.linked(node) / chars if chars else 0.0

    def is_teasers(self, node: Node) -> bool:
        """Nearly every paragraph comes with a line that is a link: a list of articles, each with its summary."""
        links = self._links[node.last] - self._links[node.first]
        paragraphs = self._paragraphs[node.last] - self._paragraphs[node.first]
        return links >= 3 and links > 0.6 * paragraphs


def _sums(values: Iterable[float]) -> list[float]:
    return list(accumulate(values, initial=0))


def find_body(page: Page, outline: Outline, title_at: int | None) -> Region:
    """Strict first: hidden and foreign parts do not count. Where that leaves next to nothing, they do."""
    region: Region | None = None
    for strictness in (2, 1, 0):
        field = _Field(outline, foreign(page, outline, title_at, strictness), title_at)
        region = _choose(field) or region
        if region and _said(outline, region) >= ENOUGH:
            return region
    return region or Region()


def _said(outline: Outline, region: Region) -> float:
    return sum(
        block.mass
        for index in region.nodes
        for block in outline.blocks[outline.nodes[index].first : outline.nodes[index].last]
        if block.owner not in region.dropped
    )


def _choose(field: _Field) -> Region | None:
    scores = _scores(field)
    if not scores:
        return None
    best = _ascend(field, max(scores, key=lambda index: (scores[index], index)))
    landmark = _landmark(field)
    if landmark is not None and _is_surer(field, landmark, best):
        best = landmark
    best = _named(field, best)
    return _widened(field, best, field.dropped | _link_lists(field.outline, best))


def _landmark(field: _Field) -> int | None:
    """The page's only ``<article>``, or what microdata calls its body: right where links in the text hide the prose."""
    nodes = field.outline.nodes
    bodies = [at for at, node in enumerate(nodes) if node.element.get("itemprop") == "articleBody"]
    articles = [at for at, node in enumerate(nodes) if node.tag == "article"]
    for found in (bodies, articles):
        if len(found) == 1 and found[0] not in field.dropped:
            return found[0]
    return None


def _is_surer(field: _Field, landmark: int, best: int) -> bool:
    """It says clearly more; or so little is said at all that a hint or a dialog may well be most of it."""
    marked, chosen = field.outline.nodes[landmark], field.outline.nodes[best]
    if field.prose(marked) > 2 * field.prose(chosen):
        return True
    apart = chosen.last <= marked.first or marked.last <= chosen.first
    below = field.title_at is None or marked.first > field.title_at
    little = field.prose(chosen) < _SHORT and field.mass(marked) >= _SAID
    return apart and below and little and field.link_share(marked) < 0.3


def _named(field: _Field, index: int) -> int:
    """Out to the element around that the system names its body, where it adds verses and lines and hardly a link."""
    nodes = field.outline.nodes
    chosen = nodes[index]
    if chosen.tag in ("article", "main") or field.prose(chosen) >= _SHORT:
        return index
    for around in list(field.outline.ancestors(index))[1 : _LEVELS + 1]:
        node = nodes[around]
        if not classes.BODY.isdisjoint(node.names) and _adds_text(field, chosen, node):
            return around
    return index


def _adds_text(field: _Field, chosen: Node, around: Node) -> bool:
    added = field.chars(around) - field.chars(chosen)
    links = field.linked(around) - field.linked(chosen)
    below = field.title_at is None or around.first > field.title_at
    return below and links <= 0.1 * max(added, 1) and added < field.chars(chosen)


# -- scores


def _scores(field: _Field) -> dict[int, float]:
    outline = field.outline
    scores: dict[int, float] = {}
    for block, weight in zip(outline.blocks, field.weights, strict=True):
        if weight:
            for level, index in enumerate(_around(outline, block.owner)):
                scores[index] = scores.get(index, 0.0) + weight * _DECAY[level]
    return {index: score * _trust(field, outline.nodes[index]) for index, score in scores.items()}


def _around(outline: Outline, owner: int) -> list[int]:
    """The elements that a paragraph speaks for, innermost first."""
    found: list[int] = []
    for index in outline.ancestors(owner):
        if found or outline.nodes[index].tag not in _PARAGRAPHS:
            found.append(index)
            if len(found) == len(_DECAY):
                break
    return found


def _trust(field: _Field, node: Node) -> float:
    trust = 1.0 - field.link_share(node)
    if not classes.BODY.isdisjoint(node.names) or node.tag in ("article", "main"):
        trust *= 1.3
    if not classes.BESIDE.isdisjoint(node.names):
        trust *= 0.85
    return trust * (0.3 if field.is_teasers(node) else 1.0)


# -- from the best element to the whole body


def _ascend(field: _Field, index: int) -> int:
    """Up to the outermost element that says clearly more, most of it prose too; wrappers in between do not matter."""
    nodes = field.outline.nodes
    for around in list(field.outline.ancestors(index))[1:]:
        if nodes[around].tag != "html" and _is_better(field, nodes[index], nodes[around]):
            index = around
    return index


def _is_better(field: _Field, here: Node, around: Node) -> bool:
    gain = field.prose(around) - field.prose(here)
    if gain < (_GAIN - 1) * field.prose(here):
        return False
    added = max(field.mass(around) - field.mass(here), 1.0)
    links = field.linked(around) - field.linked(here)
    chars = max(field.chars(around) - field.chars(here), 1)
    return gain > 0.5 * added and links < 0.3 * chars and not field.is_teasers(around)


def _widened(field: _Field, top: int, dropped: frozenset[int]) -> Region:
    """With what stands beside the chosen element and speaks like it: a lead in a box of its own, a second part."""
    outline, nodes = field.outline, [top]
    for _ in range(_LEVELS):
        parent = outline.nodes[top].parent
        if parent < 0:
            break
        for index in _children(outline, parent):
            if index != top and index not in dropped and _belongs(field, index, top):
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


def _belongs(field: _Field, index: int, top: int) -> bool:
    node, chosen = field.outline.nodes[index], field.outline.nodes[top]
    if node.first == node.last or field.link_share(node) > 0.15 or field.is_teasers(node):
        return False
    said, mass = field.prose(node), field.mass(node)
    if node.last <= chosen.first:  # before the body: only below the title
        return (
            field.title_at is not None and node.first > field.title_at and said >= 12 and said >= 0.6 * mass
        )
    if node.tag == "table" and node.first == chosen.last and _is_data(field.outline, index):
        return True
    alike = node.tag == chosen.tag and node.names == chosen.names and bool(node.names)
    return (alike or node.tag in ("p", "blockquote")) and said >= 20 and said >= 0.7 * mass


def _is_data(outline: Outline, index: int) -> bool:
    """Most of its rows have several cells; directly after a text that is its appendix."""
    rows = [row for row in outline.nodes[index].element.iter("tr") if len(row) >= 2]
    return len(rows) >= _ROWS and outline.link_share(outline.nodes[index]) < 0.05


def _link_lists(outline: Outline, top: int, *, silent: bool = False) -> frozenset[int]:
    """Lists of links within an element, and all below them; ``silent``: those only in which nothing is said."""
    found: set[int] = set()
    for index in range(top + 1, len(outline.nodes)):
        node = outline.nodes[index]
        if node.first >= outline.nodes[top].last:
            break
        listed = node.last - node.first >= 2 and outline.link_share(node) > 0.6
        if node.parent in found or (listed and not (silent and _speaks(outline, node))):
            found.add(index)
    return frozenset(found)


def _speaks(outline: Outline, node: Node) -> bool:
    return any(prose(block) for block in outline.blocks[node.first : node.last])
