"""The page as a sequence of blocks: one walk over the tree, and every later question is arithmetic on its result.

A *block* is a run of text that stands on its own (a paragraph, a line ended by ``<br>``, a cell). A *node* is a
block-level element; the blocks below it are a range, so that the sums over any element cost one subtraction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from lxml import etree

from aggregator.extract import classes
from aggregator.extract.lexicon import lexicon
from aggregator.extract.smallprint import is_smallprint
from aggregator.extract.tree import Element, Page, squeeze

#: Elements whose text nobody reads on the page.
UNREAD = lexicon(
    """
    script style template title rt rp meta link base noscript select option datalist textarea button svg math
    iframe object embed applet canvas audio video map frameset noframes dialog progress meter
    """
)

_UNCLOSED = lexicon("button select option svg object canvas video audio textarea map iframe")

#: Elements that do not break a line.
INLINE = lexicon(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd label mark nobr
    output picture q ruby s samp small source span strike strong sub sup time tt u var wbr
    """
)

_MARK = re.compile('[，。、；：？！“”「」『』《》…,;:?!"]')
_STOP = re.compile(r"[。？！…]|[.?!](?=\s|[\"'”’)]|$)")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]")
_SAYING = 12.0  # mass from which a block may speak for its surroundings
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_HEADING = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))

#: Landmarks of HTML that are never the body.
_FOREIGN_TAGS = frozenset(("nav", "aside", "footer"))
_FOREIGN_ROLES = frozenset(
    ("navigation", "complementary", "contentinfo", "search", "banner", "dialog", "menu")
)


@dataclass(slots=True)
class Node:
    """A block-level element and the range of what is below it."""

    element: Element
    tag: str
    parent: int  #: index of the enclosing node, -1 at the root
    names: frozenset[str]  #: words of its class and id
    first: int  #: index of the first block below it
    last: int = 0  #: one past the index of the last
    foreign: bool = False  #: by its tag, role or name it is not of the article
    hidden: bool = False


@dataclass(slots=True)
class Block:
    """A run of text that stands on its own."""

    owner: int  #: index of the node it stands in
    text: str
    chars: int  #: without white space
    linked: int  #: of them, inside links
    marks: int  #: punctuation
    stops: int  #: ends of sentences
    mass: float  #: how much is said: a CJK character counts 1, any other a third; links do not count
    heading: bool
    smallprint: bool


@dataclass(slots=True)
class Outline:
    """Nodes and blocks in document order."""

    nodes: list[Node] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    by_element: dict[Element, int] = field(default_factory=dict)
    _mass: list[float] = field(default_factory=list)
    _chars: list[int] = field(default_factory=list)
    _linked: list[int] = field(default_factory=list)

    def mass(self, node: Node) -> float:
        return self._mass[node.last] - self._mass[node.first]

    def chars(self, node: Node) -> int:
        return self._chars[node.last] - self._chars[node.first]

    def link_share(self, node: Node) -> float:
        chars = self.chars(node)
        return (self._linked[node.last] - self._linked[node.first]) / chars if chars else 0.0

    def ancestors(self, index: int) -> Iterator[int]:
        """The node itself and those around it, innermost first."""
        while index >= 0:
            yield index
            index = self.nodes[index].parent

    def close(self) -> Outline:
        self._mass = list(accumulate((block.mass for block in self.blocks), initial=0.0))
        self._chars = list(accumulate((block.chars for block in self.blocks), initial=0))
        self._linked = list(accumulate((block.linked for block in self.blocks), initial=0))
        return self


class _Walk:
    """The state of the walk: open nodes, the run of text that is being read, whether it is inside a link."""

    def __init__(self) -> None:
        self.outline = Outline()
        self.open: list[int] = []
        self.run: list[str] = []
        self.linked = 0
        self.links = 0
        self.headings = 0

    def text(self, text: str | None) -> None:
        if text:
            self.run.append(text)
            if self.links:
                self.linked += len(text) - text.count(" ") - text.count("\n") - text.count("\t")

    def flush(self) -> None:
        if not self.run:
            return
        text = squeeze("".join(self.run))
        if text and self.open:
            self.outline.blocks.append(_block(self.open[-1], text, self.linked, self.headings > 0))
        self.run, self.linked = [], 0

    def start(self, element: Element, tag: str) -> None:
        self.flush()
        outline = self.outline
        index = len(outline.nodes)
        outline.nodes.append(_node(element, tag, self.open[-1] if self.open else -1, len(outline.blocks)))
        outline.by_element[element] = index
        self.open.append(index)
        self.headings += tag in _HEADING

    def end(self, tag: str) -> None:
        self.flush()
        self.outline.nodes[self.open.pop()].last = len(self.outline.blocks)
        self.headings -= tag in _HEADING


def _block(owner: int, text: str, linked: int, heading: bool) -> Block:
    chars = len(text) - text.count(" ")
    linked = min(linked, chars)
    cjk = len(_CJK.findall(text))
    mass = (cjk + (chars - cjk) / 3) * (chars - linked) / chars
    marks = len(_MARK.findall(text))
    small = mass >= _SAYING and is_smallprint(text)
    return Block(owner, text, chars, linked, marks, len(_STOP.findall(text)), mass, heading, small)


def _node(element: Element, tag: str, parent: int, first: int) -> Node:
    name = f"{element.get('class') or ''} {element.get('id') or ''}"
    names = classes.words(name) if len(name) > 1 else frozenset()
    # The id of a heading is made of its text: "h-navigation-equipment".
    said = element.get("class") or "" if tag in _HEADING else name
    foreign = tag in _FOREIGN_TAGS or element.get("role") in _FOREIGN_ROLES or classes.is_foreign(said)
    if tag == "form":
        foreign = foreign or next(element.iter("textarea"), None) is not None
    hidden = element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))
    # React streams late parts as <div hidden id="S:1"> and moves them to their place.
    hidden = hidden and not (element.get("id") or "").startswith("S:")
    return Node(element, tag, parent, names, first, foreign=foreign, hidden=hidden)


def is_unread(element: Element, tag: str) -> bool:
    """A button that somebody forgot to close holds the rest of the page."""
    return tag in UNREAD and (
        tag not in _UNCLOSED or next(element.iter("h1", "article", "main"), None) is None
    )


def _breaks(tag: str) -> bool:
    return tag not in INLINE and ":" not in tag


def survey(page: Page) -> Outline:
    """Reads the page once; linear in its size."""
    walk = _Walk()
    walker = etree.iterwalk(page.root, events=("start", "end"))
    for event, element in walker:
        tag = element.tag if isinstance(element.tag, str) else "script"
        if event == "start":
            _enter(walk, walker, element, tag)
        else:
            _leave(walk, element, tag)
    return walk.outline.close()


def _enter(walk: _Walk, walker: etree.iterwalk, element: Element, tag: str) -> None:
    if is_unread(element, tag):
        walker.skip_subtree()
        return
    if tag == "br" or tag == "hr":
        walk.flush()
    elif _breaks(tag):
        walk.start(element, tag)
    if tag == "a" and element.get("href"):
        walk.links += 1
    walk.text(element.text)


def _leave(walk: _Walk, element: Element, tag: str) -> None:
    if not is_unread(element, tag):
        if tag == "a" and element.get("href"):
            walk.links -= 1
        if tag not in ("br", "hr") and _breaks(tag):
            walk.end(tag)
    walk.text(element.tail)
