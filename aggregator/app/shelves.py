"""What readers search (the ``Shelves`` and ``FeedShelves`` of aggregator.serve): the daemon's, or the store alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aggregator.daemon.desk import Desk
from aggregator.pipeline.catalogue import Catalogue
from aggregator.publish import FeedForm, FeedQuery, Hits, Paper
from aggregator.serve.queryfeeds import FoundFeed
from storage import open_store
from storage.errors import NothingPolled
from storage.interface import ArticleStore


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonShelves:
    """What the daemon's readers search (the ``Shelves`` of aggregator.serve)."""

    desk: Desk
    catalogue: Catalogue

    def paper(self) -> Paper:
        return self.catalogue.paper()

    def find(self, query: FeedQuery, *, offset: int, limit: int) -> Hits:
        return self.catalogue.find(self.desk.store, query, offset=offset, limit=limit)

    def revision(self) -> object:
        return self.desk.present(), self.desk.store.section_revisions()

    def feed(self, form: FeedForm, query: FeedQuery) -> FoundFeed:
        return FoundFeed(*self.catalogue.feed(self.desk.store, form, query))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredShelves:
    """What is searched where nothing polls: the store as it is at each question."""

    storage_url: str
    catalogue: Catalogue

    def paper(self) -> Paper:
        return self.catalogue.paper()

    def find(self, query: FeedQuery, *, offset: int, limit: int) -> Hits:
        with self._store() as store:
            return self.catalogue.find(store, query, offset=offset, limit=limit)

    def revision(self) -> object:
        with self._store() as store:
            return store.section_revisions()

    def feed(self, form: FeedForm, query: FeedQuery) -> FoundFeed:
        with self._store() as store:
            return FoundFeed(*self.catalogue.feed(store, form, query))

    @contextmanager
    def _store(self) -> Iterator[ArticleStore]:
        """An empty one where nothing was polled yet."""
        try:
            store = open_store(self.storage_url, read_only=True)
        except NothingPolled:
            store = open_store("memory://")
        try:
            yield store
        finally:
            store.close()
