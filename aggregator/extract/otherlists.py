"""What else on a page may be its list of articles, and the selectors that find it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from aggregator.extract import selectors
from aggregator.extract.addressforms import is_front
from aggregator.extract.anchors import LEVELS, Anchor, grouped, score
from aggregator.extract.linktitles import unique
from aggregator.extract.model import Link
from aggregator.extract.tree import Page, parse

_OTHERS = 6  # groups that are looked at as lists of their own
_FEWEST = 3  # links of such a list
_CLASS = re.compile(r"[A-Za-z_][A-Za-z_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherList:
    """A list of links that was not chosen, and the selector that finds it."""

    select: str
    links: tuple[Link, ...]


def other_lists(
    html: bytes, url: str, *, content_type: str | None = None, beside: Collection[str] = ()
) -> list[OtherList]:
    """What else on a page may be its list, the likeliest first; ``beside``: addresses that were tried."""
    page = parse(html, url, content_type=content_type)
    ranked = sorted(grouped(page).values(), key=lambda group: -score(group, front=is_front(url)))
    found: list[OtherList] = []
    for group in ranked[:_OTHERS]:
        select = _selector_of(page, group)
        links = tuple(unique(Link(url=anchor.url, title=anchor.title) for anchor in group if anchor.title))
        if select and len(links) >= _FEWEST and not any(link.url in beside for link in links):
            found.append(OtherList(select=f"{select}@href", links=links))
    return found


def _selector_of(page: Page, group: Sequence[Anchor]) -> str | None:
    """The shortest path of tags and classes that finds these links and no others."""
    steps: list[str] = []
    for element in islice((group[0].element, *group[0].element.iterancestors()), LEVELS + 1):
        name = next(filter(_CLASS.fullmatch, (element.get("class") or "").split()), None)
        steps.insert(0, f"{element.tag}.{name}" if name else str(element.tag))
        try:
            found = selectors.elements(" > ".join(steps), page.root)
        except selectors.BadSelector:
            return None
        if name and {id(each) for each in found} == {id(anchor.element) for anchor in group}:
            return " > ".join(steps)
    return None
