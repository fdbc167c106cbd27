"""Selectors for the article pages of one source, where several of them, read without, do not agree.

What a template names alike on every page, and fills differently on each, is a part of the article. Pages that agree
need no selectors: whoever has written none has none to mend when the site is rebuilt.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from zoneinfo import ZoneInfo

from aggregator.extract.body import find_body
from aggregator.extract.dateline import Clock
from aggregator.extract.foreign import prose
from aggregator.extract.metadata import declared
from aggregator.extract.model import Extracted
from aggregator.extract.outline import Node, Outline, survey
from aggregator.extract.title import bare, find_title
from aggregator.extract.tree import Element, Page, parse

#: A name that a person gave, not one that a program numbers anew for each page.
_NAME = re.compile(r"[A-Za-z][A-Za-z_-]*\d{0,2}[A-Za-z_-]*")
_CLASSES = 4  # of an element, that are looked at
_AROUND = 3  # elements around the body, one of which may have the name
_SAME = 1.05  # what an element says, in terms of the body within, up to which it is the body
_LINKED = 0.3  # share of linked characters from which an element is no body
_LEAST = 40  # characters of a body
_DATE_LINE = 120  # characters of an element that is a date line


_Step = tuple[str, frozenset[str]]  # tag, and words of class and id, numbers aside


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """An article page, and the title under which a listing names it."""

    html: bytes
    url: str
    headline: str = ""
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Selectors by their keys under ``article:``; empty where reading without is sound."""

    selectors: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()  #: what the pages do not agree about, a sentence each


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    sampled: Sampled
    found: Extracted
    outline: Outline
    body: frozenset[int]  #: nodes that are the body, or hold it and next to nothing else
    path: tuple[_Step, ...]  #: from the body to the root
    named: Mapping[str, int]  #: nodes by names that only they bear on the page


def propose(samples: Sequence[tuple[Sampled, Extracted]], zone: ZoneInfo) -> Proposal:
    """``samples``: pages, and what was read on them without selectors. One page alone raises no doubt."""
    read = [_sample(sampled, found) for sampled, found in samples]
    if len(read) < 2:
        return Proposal()
    selectors: dict[str, str] = {}
    doubts: list[str] = []
    clock = Clock(zone=zone)
    inferred: tuple[tuple[str, str, Callable[[], str | None]], ...] = (
        ("body", _doubt_of_body(read), lambda: _body(read)),
        ("title", _doubt_of_title(read), lambda: _title(read)),
        ("date", _doubt_of_date(read), lambda: _date(read, clock)),
    )
    for key, doubt, infer in inferred:
        if doubt:
            doubts.append(doubt)
            if select := infer():
                selectors[key] = select
    return Proposal(selectors=selectors, doubts=tuple(doubts))


def _sample(sampled: Sampled, found: Extracted) -> _Sample:
    page = parse(sampled.html, sampled.url, content_type=sampled.content_type)
    outline = survey(page)
    body, path = _place_of_body(page, outline)
    return _Sample(sampled=sampled, found=found, outline=outline, body=body, path=path, named=_named(outline))


def _place_of_body(page: Page, outline: Outline) -> tuple[frozenset[int], tuple[_Step, ...]]:
    title = find_title(declared(page), outline)
    region = find_body(page, outline, title.at if title.sure else None)
    if not region.nodes:
        return frozenset(), ()
    top = max(region.nodes, key=lambda index: _said(outline, outline.nodes[index]))
    said = _said(outline, outline.nodes[top])
    around = [
        index
        for index in islice(outline.ancestors(top), 1 + _AROUND)
        if _said(outline, outline.nodes[index]) <= _SAME * said
    ]
    return frozenset(around), tuple(
        (outline.nodes[index].tag, outline.nodes[index].names) for index in outline.ancestors(top)
    )


def _said(outline: Outline, node: Node) -> float:
    return sum(prose(block) for block in outline.blocks[node.first : node.last])


def _named(outline: Outline) -> dict[str, int]:
    count: Counter[str] = Counter()
    where: dict[str, int] = {}
    for index, node in enumerate(outline.nodes):
        for name in _names(node.element):
            count[name] += 1
            where[name] = index
    return {name: index for name, index in where.items() if count[name] == 1}


def _names(element: Element) -> list[str]:
    """Selectors that an element answers to, the surest first."""
    tag, own = str(element.tag), element.get("id") or ""
    words = (element.get("class") or "").split()[:_CLASSES]
    named = [f"#{own}"] if _NAME.fullmatch(own) else []
    return [
        *named,
        *(f"{tag}.{word}" for word in words if _NAME.fullmatch(word)),
        *([tag] if tag == "h1" else []),
    ]


# -- doubts


def _doubt_of_body(read: Sequence[_Sample]) -> str:
    texts = [sample.found.text for sample in read]
    if any(len(text) < _LEAST for text in texts):
        return "a text was found on some of the pages only"
    if len(set(texts)) < len(texts):
        return "the same text was found on several pages"
    alike = len({sample.path for sample in read}) == 1
    shared = any(_votes(read, name) == len(read) for name in _everywhere(read))
    return "" if alike or shared else "the text stands at different places on different pages"


def _doubt_of_title(read: Sequence[_Sample]) -> str:
    titles = [sample.found.title for sample in read]
    if not all(titles) or len(set(titles)) < len(titles):
        return "a title of its own was not found on every page"
    if all(map(_is_announced, read)):
        return ""
    shown = [sample for sample in read if _headings(sample)]
    return "the titles are not those of the list" if len(shown) == len(read) else ""


def _is_announced(sample: _Sample) -> bool:
    """One of both titles begins, or holds, the other; lists cut them short."""
    listed, found = bare(sample.sampled.headline).rstrip("…."), bare(sample.found.title)
    return not listed or listed in found or found in listed


def _doubt_of_date(read: Sequence[_Sample]) -> str:
    dated = [sample for sample in read if sample.found.published]
    return "a date was found on some of the pages only" if 0 < len(dated) < len(read) else ""


# -- selectors


def _everywhere(read: Sequence[_Sample]) -> list[str]:
    """Names that one element bears on every page."""
    return [name for name in read[0].named if all(name in sample.named for sample in read[1:])]


def _votes(read: Sequence[_Sample], name: str) -> int:
    return sum(sample.named[name] in sample.body for sample in read)


def _text(sample: _Sample, name: str) -> str:
    node = sample.outline.nodes[sample.named[name]]
    return " ".join(block.text for block in sample.outline.blocks[node.first : node.last])


def _chosen(
    read: Sequence[_Sample], fits: Callable[[_Sample, str], bool], worth: Callable[[str], float]
) -> str | None:
    """The best of the names that fit on every page and stand for another text on each."""
    fitting = [
        name
        for name in _everywhere(read)
        if all(fits(sample, name) for sample in read)
        and len({_text(sample, name) for sample in read}) == len(read)
    ]
    return max(fitting, key=worth, default=None)


def _body(read: Sequence[_Sample]) -> str | None:
    """What most pages agree upon and the others have as well; of several the one that says the least beside."""

    def fits(sample: _Sample, name: str) -> bool:
        node = sample.outline.nodes[sample.named[name]]
        enough = sample.outline.chars(node) >= _LEAST / 2 and _said(sample.outline, node) > 0
        return enough and sample.outline.link_share(node) < _LINKED and 2 * _votes(read, name) > len(read)

    def worth(name: str) -> float:
        beside = sum(sample.outline.chars(sample.outline.nodes[sample.named[name]]) for sample in read)
        return _votes(read, name) - beside / 1e7

    return _chosen(read, fits, worth)


def _headings(sample: _Sample) -> frozenset[str]:
    """Names whose element shows the title of the list."""
    listed = bare(sample.sampled.headline).rstrip("….")
    return frozenset(
        name
        for name in sample.named
        if listed and bare(_text(sample, name)).startswith(listed) and len(_text(sample, name)) < 200
    )


def _title(read: Sequence[_Sample]) -> str | None:
    known = {id(sample): _headings(sample) for sample in read}
    return _chosen(
        read,
        lambda sample, name: name in known[id(sample)],
        lambda name: (name.startswith("h")) - len(_text(read[0], name)) / 1000,
    )


def _date(read: Sequence[_Sample], clock: Clock) -> str | None:
    """A short line with a date on every page: on those where one was found, with this one."""

    def fits(sample: _Sample, name: str) -> bool:
        text = _text(sample, name)
        found = clock.find(text) if len(text) <= _DATE_LINE else None
        known = sample.found.published
        return found is not None and (known is None or found.date() == known.date())

    fitting = [name for name in _everywhere(read) if all(fits(sample, name) for sample in read)]
    return min(fitting, key=lambda name: len(_text(read[0], name)), default=None)
