"""Articles, read outside polls."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from storage.columns import EPOCH
from storage.model import Article, ArticleQuery
from storage.rows import article_of
from storage.sql.part import SqlPart
from storage.statements.articles import (
    ARRIVED,
    EVERYTHING,
    KNOWN_URLS,
    LATEST,
    ONE_ARTICLE,
    at_address,
    listing,
)
from storage.statements.common import chunks
from storage.statements.sections import PLACED_AMONG


class SqlArticles(SqlPart):
    """One, many, and what people list and search."""

    def article(self, uid: str) -> Article | None:
        with self._backend.read() as connection:
            row = connection.execute(ONE_ARTICLE, {"uid": uid}).first()
        return article_of(row) if row else None

    def find(self, url: str, canonical_url: str = "") -> list[Article]:
        statement = at_address(url, canonical_url)
        if statement is None:
            return []
        with self._backend.read() as connection:
            return [article_of(row) for row in connection.execute(statement)]

    def articles(self, query: ArticleQuery) -> list[Article]:
        with self._backend.read() as connection:
            return [article_of(row) for row in connection.execute(listing(query, self._backend))]

    def known_urls(self, source: str, canonical_urls: Collection[str]) -> set[str]:
        known: set[str] = set()
        with self._backend.read() as connection:
            for chunk in chunks({url for url in canonical_urls if url}):
                known.update(connection.execute(KNOWN_URLS, {"urls": chunk, "source": source}).scalars())
        return known

    def placed(self, uids: Collection[str]) -> set[str]:
        with self._backend.read() as connection:
            return {
                uid
                for chunk in chunks(uids)
                for uid in connection.execute(PLACED_AMONG, {"uids": chunk}).scalars()
            }

    def latest(self, limit: int) -> list[tuple[str, str]]:
        with self._backend.read() as connection:
            return [(section, uid) for section, uid in connection.execute(LATEST, {"limit": limit})]

    def arrived(
        self, section: str, after: tuple[datetime, str] | None, before: datetime, limit: int
    ) -> list[Article]:
        moment, uid = after or (EPOCH.replace(year=1), "")
        values = {"section": section, "after": moment, "after_uid": uid, "before": before, "limit": limit}
        with self._backend.read() as connection:
            return [article_of(row) for row in connection.execute(ARRIVED, values)]

    def everything(self, after: str, limit: int) -> list[Article]:
        values = {"after": after, "limit": limit}
        with self._backend.read() as connection:
            return [article_of(row) for row in connection.execute(EVERYTHING, values)]
