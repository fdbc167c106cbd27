"""Which articles: the parts of feeds.yaml that filter and route."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from aggregator.config.base import Model
from aggregator.config.forms import Names, Patterns


class Condition(Model):
    """Holds for an article when every key given holds. Patterns are RE2, letter case folded."""

    source: Names = ()
    """Source ids, whole."""
    breadcrumb: Names = ()
    """Names in the breadcrumb of the page, whole."""
    tag: Names = ()
    """Categories of the article, whole."""
    category: Names = ()
    """Another word for `tag`."""
    title: Patterns = ()
    """Patterns, one of which is found in the title."""
    text: Patterns = ()
    """Patterns, one of which is found in title, summary or body."""
    author: Patterns = ()
    """Patterns, one of which is found in an author's name."""
    url: Patterns = ()
    """Patterns, one of which is found in the address."""
    language: Names = ()
    """Language codes; `zh` holds for zh-CN and zh-TW."""
    keyword: Names = ()
    """Words, one of which occurs in title or summary, as they stand (no pattern)."""
    any: Condition | None = None
    """Holds when one of the keys in it holds."""
    none: Condition | None = None
    """Holds when no key in it holds."""


class Route(Condition):
    """A condition and the section that articles go to for which it holds."""

    to: str
    """Id, title or label of a section."""


class Routing(Model):
    """Sections of a source by rule: the first match wins."""

    match: tuple[Route, ...] = ()
    """Rules, tried in order."""
    else_: str | None = Field(default=None, alias="else")
    """Where the others go; left out: where their breadcrumb and categories lead."""


def _is_routing(value: object) -> str:
    return "rules" if isinstance(value, dict | Routing) else "name"


#: One name, or rules. Told apart by what is written, so that a fault in a rule is not two faults.
Routed = Annotated[Annotated[str, Tag("name")] | Annotated[Routing, Tag("rules")], Discriminator(_is_routing)]
