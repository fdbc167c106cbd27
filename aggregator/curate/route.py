"""From an article's labels to our sections, with a reason for each.

A label is what something calls the place an article belongs: the source's configuration, else the page itself, its
breadcrumb, its categories. A section takes the articles whose label is its id, its title, or one it includes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

from aggregator.config.model import Condition, Routing, Section, Source
from aggregator.config.slugs import label_key
from aggregator.curate.rules import Rule, rule_of
from storage.model import Article

#: Changes when the code places articles differently under the same rules, so that stored ones are placed anew.
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where an article goes."""

    sections: tuple[str, ...]  #: ids, in the order of the configuration
    reasons: tuple[str, ...]  #: one line a section, why in or why out


#: In words, when they are asked for: most articles are placed without anybody asking why.
_Why = Callable[[], str]


@dataclass(frozen=True, slots=True)
class _Label:
    name: str
    why: _Why  #: as the end of "in, …"


@dataclass(frozen=True, slots=True)
class _Door:
    """A section, ready to take articles."""

    section: Section
    names: frozenset[str]  #: keys of the labels that lead here
    takes_all: bool
    match: Rule | None
    keep: Rule | None
    block: Rule | None


class Router:
    """The routing rules of one configuration. Immutable."""

    def __init__(self, sections: Sequence[Section], sources: Sequence[Source]) -> None:
        self.order = tuple(section.id for section in sections)
        self._doors = tuple(_door(section) for section in sections)
        self._sources = {source.id: source.section for source in sources}
        self._twins = {
            label_key(name): frozenset((label_key(section.id), label_key(section.title)))
            for section in sections
            for name in (section.title, section.id)
        }
        self._fingerprint = _fingerprint(sections, sources)

    def sections(self, article: Article) -> tuple[str, ...]:
        """Those that the article goes to, by its labels and by the sections' own rules; in the order configured."""
        return tuple([section.id for section, is_in, _ in self._judged(article) if is_in])

    def route(self, article: Article) -> Placement:
        """The same, with a reason for each section."""
        judged = self._judged(article)
        return Placement(
            sections=tuple(section.id for section, is_in, _ in judged if is_in),
            reasons=tuple(
                f"{section.title}: {'in' if is_in else 'out'}, {why()}" for section, is_in, why in judged
            ),
        )

    def fingerprint(self) -> str:
        """Another string whenever any rule by which articles are placed is another."""
        return self._fingerprint

    def _judged(self, article: Article) -> list[tuple[Section, bool, _Why]]:
        labels = self._labels(article)
        return [(door.section, *_judge(door, article, labels)) for door in self._doors]

    def _labels(self, article: Article) -> dict[str, _Label]:
        """Every name that leads somewhere, by its key; the likeliest reason first."""
        found: dict[str, _Label] = {}
        for label in self._named(article):
            key = label_key(label.name)
            # A section's id and its title are one label, whichever of them a rule or a page uses.
            for name in (key, *self._twins.get(key, ())):
                found.setdefault(name, label)
        return found

    def _named(self, article: Article) -> Iterator[_Label]:
        configured = self._sources.get(article.source)
        if isinstance(configured, str):
            yield _Label(configured, lambda: f"its source is configured for {configured!r}")
            return
        if isinstance(configured, Routing) and (label := _by_rule(configured, article)):
            yield label
            return
        for name in article.labels:
            yield _Label(name, partial(_said_by, name, article))


def _judge(door: _Door, article: Article, labels: dict[str, _Label]) -> tuple[bool, _Why]:
    why = _why_in(door, article, labels)
    if why is None:
        return (
            False,
            lambda: (
                "no label leads there" if door.match is None else "no label leads there, nor does its rule"
            ),
        )
    if door.keep is not None and (missed := door.keep.first_missed(article)):
        return False, lambda: f"it keeps only {missed.words}"
    if door.block is not None and (held := door.block.first_held(article)):
        return False, lambda: f"it blocks {held.words}"
    return True, why


def _why_in(door: _Door, article: Article, labels: dict[str, _Label]) -> _Why | None:
    if named := next((label for key, label in labels.items() if key in door.names), None):
        return named.why
    if door.takes_all:
        return lambda: "it takes every article"
    if (rule := door.match) is not None and rule.all_hold(article):
        return lambda: f"its rule holds: {', '.join(key.words for key in rule.keys)}"
    return None


def _said_by(name: str, article: Article) -> str:
    key = label_key(name)
    if key in map(label_key, article.breadcrumb):
        return f"the breadcrumb names {name!r}"
    if key in map(label_key, article.tags):
        return f"a category is {name!r}"
    return f"the page or its source calls it {name!r}"


def _ruled(number: int, to: str) -> str:
    return f"rule {number} of its source sends it to {to!r}"


def _by_rule(routing: Routing, article: Article) -> _Label | None:
    for number, route in enumerate(routing.match, 1):
        if rule_of(route).all_hold(article):
            return _Label(route.to, partial(_ruled, number, route.to))
    if (rest := routing.else_) is not None:
        return _Label(rest, lambda: f"no rule of its source holds, and the others go to {rest!r}")
    return None


def _door(section: Section) -> _Door:
    return _Door(
        section=section,
        names=frozenset(label_key(name) for name in (section.id, section.title, *section.include)),
        takes_all="*" in section.include,
        match=_rule(section.match),
        keep=_rule(section.keep),
        block=_rule(section.block),
    )


def _rule(condition: Condition | None) -> Rule | None:
    return None if condition is None else rule_of(condition)


def _fingerprint(sections: Sequence[Section], sources: Sequence[Source]) -> str:
    rules = {
        "version": VERSION,
        "sections": [
            section.model_dump(mode="json", include={"id", "title", "include", "match", "keep", "block"})
            for section in sections
        ],
        "sources": sorted(
            json.dumps(source.model_dump(mode="json", include={"id", "section"}), sort_keys=True)
            for source in sources
        ),
    }
    return blake2b(json.dumps(rules, sort_keys=True).encode(), digest_size=16).hexdigest()
