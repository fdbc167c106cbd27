"""The date that stands beside a link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from aggregator.extract.anchors import DEEPEST, Anchor
from aggregator.extract.dateline import Clock
from aggregator.extract.tree import Element, text_in

_DATED = re.compile(
    r"\d{1,4}\s*[-/.年月]\s*\d{1,2}|\d\s*(?:分钟|小时|天|分鐘|小時)前|昨天|前天|今天|\b\d{1,2}:\d\d\b|\bago\b|"
    r"(?:19|20)\d\d",
    re.IGNORECASE,
)


def dates_beside(anchors: Sequence[Anchor], clock: Clock) -> Iterator[datetime | None]:
    """The date of each, in their order."""
    shared = _shared(anchors)
    return (_beside(anchor.element, shared, clock) for anchor in anchors)


def _shared(anchors: Sequence[Anchor]) -> set[Element]:
    """The elements around more than one article."""
    only: dict[Element, str] = {}
    shared: set[Element] = set()
    for anchor in anchors:
        for up in islice(anchor.element.iterancestors(), DEEPEST):
            if only.setdefault(up, anchor.url) != anchor.url:
                shared.add(up)
    return shared


def _beside(anchor: Element, shared: set[Element], clock: Clock) -> datetime | None:
    """The date in the smallest element around the link that has one and holds no other article."""
    title = text_in(anchor)
    for up in islice(anchor.iterancestors(), DEEPEST):
        if up in shared or up.tag == "body":
            return None
        found = date_in(up, clock, title)
        if found:
            return found
    return None


def date_in(item: Element, clock: Clock, title: str = "") -> datetime | None:
    """The date that an element tells, what the title says left out."""
    for stamp in item.iter("time"):
        found = clock.read(stamp.get("datetime") or "")
        if found:
            return found
    text = text_in(item).replace(title, " ", 1) if title else text_in(item)
    return clock.find(text[:400]) if _DATED.search(text[:400]) else None
