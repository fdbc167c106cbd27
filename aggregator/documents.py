"""One job of a reading process: the bytes of a document to its entries, normalised.

What an item held before that stays in the process: it is as large again, and nobody else needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aggregator.entry import Entry, FeedRead
from aggregator.item import Item
from aggregator.normalise import Normalised, SourceContext, normalise_all
from aggregator.sources import parse_feed


def read_feed(body: bytes, context: SourceContext, *, now: datetime, **how: Any) -> FeedRead:
    """As ``parse_feed`` is told ``how``. Raises NotAFeed."""
    feed = parse_feed(body, now=now, **how)
    return FeedRead(feed=replace(feed, items=()), entries=entries_of(feed.items, context, now=now))


def entries_of(items: Sequence[Item], context: SourceContext, *, now: datetime) -> tuple[Entry, ...]:
    normalised = normalise_all(items, context, now=now)
    return tuple(_entry(item, one) for item, one in zip(items, normalised, strict=True))


def _entry(item: Item, one: Normalised) -> Entry:
    return Entry(became=one.became, url=item.url, digest=item.digest, published=item.published, cut=one.cut)
