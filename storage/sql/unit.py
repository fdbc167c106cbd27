"""The transaction of one poll, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Connection

from storage.changes import compare
from storage.errors import StorageError
from storage.fencing import check_ends
from storage.meanings import SqlMeanings
from storage.model import Article, Claim, Decision, Kin, Separation, SourceRecord
from storage.rows import (
    article_of,
    hold_of,
)
from storage.sites import Hold, finished, later, site_of
from storage.sketches import SqlSketches
from storage.sql.writing import Writing
from storage.statements.articles import (
    ONE_ARTICLE,
    crowded,
    identities,
    of_crowd,
    sharing,
)
from storage.statements.common import chunks
from storage.statements.sites import BUSY_SOURCES, SITE_HOLD
from storage.statements.stories import ANY_APART, APART, COPIES, LEARNT, LET_JOIN
from storage.tables import article
from storage.transactions import CROWD


class SqlHand:
    """Implements ``Hand`` on a connection whose transaction its maker began and will end."""

    def __init__(self, connection: Connection, writing: Writing) -> None:
        self._open: Connection | None = connection
        self._writing = writing
        self._bumped: set[str] = set()
        self._sketches = SqlSketches(connection, writing.sketches)

    @property
    def sketches(self) -> SqlSketches:
        _ = self._connection
        return self._sketches

    @property
    def _connection(self) -> Connection:
        if self._open is None:
            raise StorageError("this unit is closed: open a new one")
        return self._open

    def close(self) -> None:
        self._open = None

    def article(self, uid: str) -> Article | None:
        row = self._connection.execute(ONE_ARTICLE, {"uid": uid}).first()
        return article_of(row) if row else None

    def save(self, articles: Iterable[Article], decisions: Iterable[Decision] = ()) -> None:
        incoming = list(articles)
        change = compare(self._stored(incoming), incoming)
        if change.articles:
            self._writing.put(self._connection, change)
            self._writing.bump(self._connection, change.sections - self._bumped)
            self._bumped |= change.sections
        self._writing.decided(self._connection, decisions)

    def _stored(self, articles: Iterable[Article]) -> dict[str, Article]:
        return self.articles({article.uid for article in articles})

    def articles(self, uids: Collection[str]) -> dict[str, Article]:
        rows = (row for chunk in chunks(uids) for row in self._writing.among.rows(self._connection, chunk))
        return {one.uid: one for one in map(article_of, rows)}

    def copies(self, uid: str) -> list[Article]:
        return [article_of(row) for row in self._connection.execute(COPIES, {"uids": [uid]})]

    def keep_apart(self, separations: Iterable[Separation]) -> None:
        self._writing.keep_apart(self._connection, separations)

    def let_join(self, source: str, story: str) -> None:
        self._connection.execute(LET_JOIN, {"of": source, "in": story})


class SqlUnit(SqlHand):
    """Implements ``Unit`` the same way."""

    def __init__(
        self, connection: Connection, writing: Writing, claim: Claim, holds: Mapping[str, Hold | None]
    ) -> None:
        super().__init__(connection, writing)
        self._meanings = SqlMeanings(connection)
        self._claim = claim
        self._holds = dict(holds)  # by site, as far as they were looked up

    def candidates(
        self,
        source: str,
        *,
        guids: Collection[str] = (),
        canonical_urls: Collection[str] = (),
        text_hashes: Collection[str] = (),
    ) -> list[Article]:
        found: dict[str, Article] = {}
        for names in identities(guids, canonical_urls, text_hashes):
            rows = self._writing.sharing.rows(self._connection, [source], *names)
            if len(rows) > CROWD:
                return self._among_crowds(source, guids, canonical_urls, text_hashes)
            found |= {one.uid: one for one in map(article_of, rows)}
        return sorted(found.values(), key=_age)

    def _among_crowds(
        self,
        source: str,
        guids: Collection[str],
        canonical_urls: Collection[str],
        text_hashes: Collection[str],
    ) -> list[Article]:
        """Candidates where there are many: what a crowd shares is asked for by itself."""
        urls = self._crowded(article.c.canonical_url, canonical_urls)
        hashes = self._crowded(article.c.text_hash, text_hashes)
        others = set(canonical_urls) - urls
        asked = [
            *(sharing([source], *names) for names in identities(guids, others, set(text_hashes) - hashes)),
            *(one for url in urls for one in of_crowd(source, article.c.canonical_url, url)),
            *(one for text in hashes for one in of_crowd(source, article.c.text_hash, text)),
        ]
        found = {
            row.uid: article_of(row) for statement in asked for row in self._connection.execute(statement)
        }
        return sorted(found.values(), key=_age)

    def _crowded(self, column: ColumnElement[str], values: Collection[str]) -> set[str]:
        return {
            value
            for statement in crowded(column, values)
            for value in self._connection.execute(statement).scalars()
        }

    @property
    def meanings(self) -> SqlMeanings:
        _ = self._connection
        return self._meanings

    def apart(self, stories: Collection[str]) -> list[Separation]:
        if not self._any_apart:
            return []
        return [
            Separation(**row._mapping)
            for chunk in chunks(sorted(set(stories)))
            for row in self._connection.execute(APART, {"stories": chunk})
        ]

    @cached_property
    def _any_apart(self) -> bool:
        """Asked once a unit, which changes none: most papers have none, and every candidate's story is asked for."""
        return bool(self._connection.execute(ANY_APART).scalar())

    def relate(self, pairs: Iterable[Kin]) -> None:
        values = [
            {"uid": uid, "other": other, "similarity": pair.similarity}
            for pair in pairs
            for uid, other in ((pair.uid, pair.other), (pair.other, pair.uid))
        ]
        if values:
            self._writing.relate(self._connection, values)

    def note(self, source_id: str, name: str) -> bytes | None:
        return self._writing.noted_of(self._connection, source_id, name)

    def learnt(self, name: str) -> bytes | None:
        return self._connection.execute(LEARNT, {"name": name}).scalar()

    def keep_learnt(self, name: str, value: bytes) -> None:
        self._writing.learn(self._connection, name, value)

    def keep_note(self, name: str, value: bytes | None) -> None:
        self._writing.note(self._connection, self._claim.source.id, name, value)

    def busy_sources(self, site: str, now: datetime) -> int:
        values = {"site": site, "besides": self._claim.source.id, "now": now}
        return int(self._connection.execute(BUSY_SOURCES, values).scalar_one())

    def hold_site(self, site: str, until: datetime, reason: str) -> None:
        hold = later(self._hold_of(site), (until, reason))
        self._writing.hold(self._connection, site, hold)
        self._holds[site] = hold

    def _hold_of(self, site: str) -> Hold | None:
        if site not in self._holds:
            row = self._connection.execute(SITE_HOLD, {"site": site}).first()
            self._holds[site] = hold_of(row)
        return self._holds[site]

    def finish(self, record: SourceRecord) -> None:
        check_ends(self._claim, record)
        left = finished(record, self._hold_of(site_of(record.url)))
        self._writing.finish(self._connection, [(self._claim, left)])


def _age(one: Article) -> tuple[datetime, str]:
    return one.first_seen, one.uid
