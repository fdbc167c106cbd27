"""Articles, read outside polls."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from storage import search
from storage.memory.part import MemoryPart
from storage.model import Article, ArticleQuery


class MemoryArticles(MemoryPart):
    """One, many, and what people list and search."""

    def article(self, uid: str) -> Article | None:
        with self._lock:
            return self._shelf.articles.get(uid)

    def find(self, url: str, canonical_url: str = "") -> list[Article]:
        with self._lock:
            found = {article.uid: article for article in self._shelf.at(("url", url))}
            found |= {article.uid: article for article in self._shelf.at(("canonical", canonical_url))}
        return sorted(found.values(), key=lambda one: (one.copy_of is not None, one.first_seen, one.uid))

    def articles(self, query: ArticleQuery) -> list[Article]:
        with self._lock:
            stored = list(self._shelf.articles.values())
        wanted = search.words(query.search)
        kept = [article for article in stored if _answers(article, query) and search.matches(article, wanted)]
        kept.sort(key=lambda article: article.uid)
        kept.sort(key=lambda article: article.date, reverse=True)
        end = None if query.limit is None else query.offset + query.limit
        return kept[query.offset : end]

    def known_urls(self, source: str, canonical_urls: Collection[str]) -> set[str]:
        with self._lock:
            return {
                url
                for url in canonical_urls
                if any(article.source == source for article in self._shelf.at(("canonical", url)))
            }

    def placed(self, uids: Collection[str]) -> set[str]:
        with self._lock:
            found = (self._shelf.articles.get(uid) for uid in uids)
            return {one.uid for one in found if one is not None and one.sections and not one.expired}

    def latest(self, limit: int) -> list[tuple[str, str]]:
        with self._lock:
            printed = [
                one for one in self._shelf.articles.values() if one.copy_of is None and not one.expired
            ]
        printed.sort(key=lambda one: (one.first_seen, one.uid), reverse=True)
        return [(section, one.uid) for one in printed[:limit] for section in sorted(one.sections)]

    def arrived(
        self, section: str, after: tuple[datetime, str] | None, before: datetime, limit: int
    ) -> list[Article]:
        with self._lock:
            found = sorted(
                (
                    one
                    for one in self._shelf.articles.values()
                    if section in one.sections and one.copy_of is None and not one.expired
                    if one.first_seen < before and (after is None or (one.first_seen, one.uid) > after)
                ),
                key=lambda one: (one.first_seen, one.uid),
            )
        return found[:limit]

    def everything(self, after: str, limit: int) -> list[Article]:
        with self._lock:
            uids = sorted(uid for uid in self._shelf.articles if uid > after)
            return [self._shelf.articles[uid] for uid in uids[:limit]]


def _answers(article: Article, query: ArticleQuery) -> bool:
    return (
        not article.expired
        and (query.section is None or query.section in article.sections)
        and (query.source is None or article.source == query.source)
        and (query.story is None or article.story == query.story)
        and (query.since is None or article.date >= query.since)
        and (query.copies or article.copy_of is None)
    )
