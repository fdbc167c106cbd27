"""One job of a reading process: the bytes of a document to its entries, normalised.

What an item held before that stays in the process: it is as large again, and nobody else needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aggregator.item import Item, ParsedFeed
from aggregator.normalise import Dropped, SourceContext, normalise_all
from aggregator.sources import parse_feed
from storage.model import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one item of a document became, and what of the item matters afterwards."""

    became: Article | Dropped
    url: str  #: of the item, as it was given
    digest: bytes = b""  #: of the piece of a feed it was read from
    published: datetime | None = None  #: as the document says


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRead:
    """A feed document, read and normalised."""

    feed: ParsedFeed  #: without its items
    entries: tuple[Entry, ...]  #: in the order of the document


def read_feed(body: bytes, context: SourceContext, *, now: datetime, **how: Any) -> FeedRead:
    """As ``parse_feed`` is told ``how``. Raises NotAFeed."""
    feed = parse_feed(body, now=now, **how)
    return FeedRead(feed=replace(feed, items=()), entries=entries_of(feed.items, context, now=now))


def entries_of(items: Sequence[Item], context: SourceContext, *, now: datetime) -> tuple[Entry, ...]:
    articles = normalise_all(items, context, now=now)
    return tuple(_entry(item, article) for item, article in zip(items, articles, strict=True))


def _entry(item: Item, article: Article | Dropped) -> Entry:
    return Entry(became=article, url=item.url, digest=item.digest, published=item.published)
