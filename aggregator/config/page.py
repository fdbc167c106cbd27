"""Where things stand on a page: the parts of feeds.yaml about page sources."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from aggregator.config.base import Model
from aggregator.config.forms import Day, Elements, ElementText, Pattern, Patterns, SelectorText, Short


class Selector(Model):
    """Where a value stands on a page."""

    select: SelectorText
    """CSS selector, with `@name` at its end for an attribute; XPath when it begins with `/`, `./` or `(`."""
    regex: Pattern | None = None
    """RE2 pattern: only what it finds (its first group, if it has one) is taken."""


def _selector(value: object) -> object:
    return {"select": value} if isinstance(value, str) else value


Select = Annotated[Selector, BeforeValidator(_selector), Short("selector", (("type", "string"),))]


class ListingPage(Model):
    """Selectors for the listing page of a page source. What is left out is found without."""

    item: ElementText | None = None
    """Selector of the element of one entry; `link`, `title` and `date` are searched within it."""
    link: Select | None = None
    """The link to the article, as `a@href`."""
    title: Select | None = None
    """The title in the list."""
    date: Select | None = None
    """The date in the list."""
    url_pattern: Pattern | None = None
    """RE2 pattern that the address of an article matches."""
    next_page: Select | None = None
    """The link to the next page of the list."""
    max_pages: int = Field(default=1, ge=1, le=50)
    """Pages of the list that are read on the first poll."""


class ArticlePage(Model):
    """Selectors for the article pages of a page source. What is left out is found without."""

    title: Select | None = None
    """The title."""
    body: ElementText | None = None
    """Selector of the element that holds the body."""
    date: Select | None = None
    """The date of publication."""
    author: Select | None = None
    """The author."""
    section: Select | None = None
    """The section, usually the last name of the breadcrumb."""
    strip: Elements = ()
    """Selectors of elements in the body to drop."""
    strip_text: Patterns = ()
    """RE2 patterns; a paragraph that one of them matches is dropped."""
    next_page: Select | None = None
    """The link to the next page of the same article."""


class PageTest(Model):
    """A saved page and what must come out of it; `check` runs it."""

    url: str
    """`file:` and a path beside this file, or the address of a live page."""
    title: str | None = None
    """The exact title."""
    date: Day | None = None
    """The date, as 2024-10-24."""
    section: str | None = None
    """The section."""
    contains: str | None = None
    """A text that the body contains."""
