"""Selectors of feeds.yaml for one article page: what they find goes before what is found without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from aggregator.config.model import ArticlePage, Selector
from aggregator.extract import selectors
from aggregator.extract.body import Region
from aggregator.extract.clean import Piece
from aggregator.extract.outline import Outline
from aggregator.extract.tree import Element, Page

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Values that selectors found; empty where there is no selector or it found nothing."""

    title: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    next_page: str | None = None
    body: tuple[Element, ...] = ()
    strip: frozenset[Element] = frozenset()
    strip_text: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def region_found(self) -> bool:
        return bool(self.body)

    def region(self, outline: Outline) -> Region | None:
        """The elements of the body as nodes; an inline one stands for the block-level element around it."""
        if not self.body:
            return None
        nodes = [index for element in self.body if (index := _node(outline, element)) is not None]
        gone = {outline.by_element[element] for element in self.strip if element in outline.by_element}
        dropped = (
            {index for index in range(len(outline.nodes)) if not gone.isdisjoint(outline.ancestors(index))}
            if gone
            else set()
        )
        return Region(nodes=tuple(dict.fromkeys(nodes)), dropped=frozenset(dropped))

    def clear(self, found: list[Piece]) -> list[Piece]:
        return [
            piece
            for piece in found
            if not any(selectors.matches(pattern, piece.text) for pattern in self.strip_text if piece.text)
        ]


def _node(outline: Outline, element: Element) -> int | None:
    around = (element, *element.iterancestors())
    return next((outline.by_element[each] for each in around if each in outline.by_element), None)


@dataclass(slots=True)
class _Reader:
    """Evaluates selectors and remembers which of them were of no use."""

    page: Page
    notes: list[str] = field(default_factory=list)

    def values(self, name: str, selector: Selector | None) -> list[str]:
        if selector is None:
            return []
        return self._noted(name, selector.select, lambda: selectors.values(selector, self.page.root))

    def elements(self, name: str, select: str | None) -> list[Element]:
        if select is None:
            return []
        return self._noted(name, select, lambda: selectors.elements(select, self.page.root))

    def _noted(self, name: str, select: str, find: Callable[[], list[_Found]]) -> list[_Found]:
        try:
            found = find()
        except selectors.BadSelector as error:
            self.notes.append(f"article.{name}: {error}; found without it")
            return []
        if not found:
            self.notes.append(
                f"article.{name}: {select!r} finds nothing on {self.page.url}; found without it"
            )
        return found


def overrides(page: Page, chosen: ArticlePage) -> Overrides:
    reader = _Reader(page)
    title, date = reader.values("title", chosen.title), reader.values("date", chosen.date)
    authors, section = reader.values("author", chosen.author), reader.values("section", chosen.section)
    next_page = reader.values("next_page", chosen.next_page)
    body = reader.elements("body", chosen.body)
    stripped = [element for select in chosen.strip for element in _quietly(page, select)]
    return replace(
        Overrides(
            title=title[0] if title else "",
            date=date[0] if date else "",
            authors=tuple(dict.fromkeys(authors)),
            section=section[-1] if section else "",
            next_page=page.resolve(next_page[0]) if next_page else None,
            body=tuple(body),
            strip=frozenset(stripped),
            strip_text=chosen.strip_text,
        ),
        notes=tuple(reader.notes),
    )


def _quietly(page: Page, select: str) -> list[Element]:
    """What is to be stripped need not be on every page."""
    try:
        return selectors.elements(select, page.root)
    except selectors.BadSelector:
        return []
