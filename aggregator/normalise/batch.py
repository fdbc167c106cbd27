"""All items of one document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.item import Item
from aggregator.normalise.article import article_of, bodies_of
from aggregator.normalise.context import Dropped, SourceContext
from storage.model import Article


def normalise_all(items: Sequence[Item], source: SourceContext, *, now: datetime) -> list[Article | Dropped]:
    """Each item as an article, or why it is none; as many as there are items, in their order.

    Undated items keep the order of their document: the first is seen a moment later than the second.
    """
    moment = timedelta(microseconds=1)
    return [
        article_of(item, body, source, now=now - place * moment)
        for place, (item, body) in enumerate(zip(items, bodies_of(items, source), strict=True))
    ]
