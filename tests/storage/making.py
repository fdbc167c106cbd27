"""Small articles and sources to store, and the short way to store them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from storage import Article, ArticleQuery, ArticleStore, Claim, Decision, SourceSeed

NOW = datetime(2024, 10, 24, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def seed(source_id: str, **fields: Any) -> SourceSeed:
    values: dict[str, Any] = {"id": source_id, "url": f"https://{source_id}.example/feed"}
    return SourceSeed(**values | fields)


def article(uid: str, **fields: Any) -> Article:
    values: dict[str, Any] = {"uid": uid, "source": "desk", "first_seen": NOW, "story": uid}
    return Article(**values | fields)


def decision(uid: str, **fields: Any) -> Decision:
    values: dict[str, Any] = {"at": NOW, "uid": uid, "source": "desk", "verdict": "new"}
    return Decision(**values | fields)


def claim(store: ArticleStore, source_id: str, *, now: datetime = NOW, owner: str = "tester") -> Claim:
    """A claim of this source, which is added when it is missing."""
    if store.source(source_id) is None:
        known = [SourceSeed(id=one.id, url=one.configured_url) for one in store.sources()]
        store.sync_sources([*known, seed(source_id)], now)
    (claimed,) = store.claim_due(now=now, limit=1, lease=MINUTE, owner=owner, early=True, only=[source_id])
    return claimed


def put(store: ArticleStore, *articles: Article, decisions: Iterable[Decision] = ()) -> None:
    """Save the articles in a unit of their own."""
    claimed = claim(store, "desk")
    with store.poll(claimed) as unit:
        unit.save(articles, decisions)
    store.release(claimed)


def listed(store: ArticleStore, **query: Any) -> list[str]:
    return [article.uid for article in store.articles(ArticleQuery(**query))]


def uids(articles: Iterable[Article]) -> list[str]:
    return [article.uid for article in articles]


def revisions(store: ArticleStore) -> dict[str, int]:
    return {section.id: section.revision for section in store.section_revisions().values()}
