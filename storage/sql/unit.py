"""The transaction of one poll, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cached_property
from typing import Final

from sqlalchemy import ColumnElement, Connection

from storage.changes import Change, compare
from storage.dialect import Backend
from storage.errors import StorageError
from storage.fencing import check_ends
from storage.interface import CROWD
from storage.meanings import SqlMeanings
from storage.model import Article, Claim, Decision, Kin, Separation, SourceRecord
from storage.prepared import Lookup, Prepared, Row
from storage.rows import (
    ARTICLE_COLUMNS,
    ARTICLE_WRITTEN,
    DECISION_WRITTEN,
    PLACEMENT_WRITTEN,
    RECORD_FINISHED,
    Values,
    article_of,
    article_values,
    decision_values,
    hold_of,
    placement_values,
    record_finished,
    record_values,
)
from storage.sites import Hold, finished, later, site_of
from storage.sketches import SketchWriting, SqlSketches
from storage.statements.articles import (
    ONE_ARTICLE,
    among,
    crowded,
    identities,
    of_crowd,
    sharing,
    sharing_one_more_than_a_crowd,
)
from storage.statements.common import chunks, replace_row
from storage.statements.decisions import INSERT_DECISION
from storage.statements.sections import PLACE, UNPLACE, bump_section
from storage.statements.sites import BUSY_SOURCES, DROP_NOTE, NOTE, PUT_OFF, SITE_HOLD, put_hold
from storage.statements.sources import ADD_TO_COUNT, FINISH_SOURCE, REWRITE_SOURCE
from storage.statements.stories import ANY_APART, APART, COPIES, LEARNT, LET_JOIN, keep_apart
from storage.tables import article, kin, learnt, note

_FREE: Final = {"owner": None, "lease_until": None}


class Writing:
    """The statements that one backend needs in its own dialect, built once."""

    def __init__(self, backend: Backend) -> None:
        dialect = backend.dialect
        self._put_articles = Prepared(replace_row(backend, article), ARTICLE_WRITTEN, dialect)
        self._place = Prepared(PLACE, PLACEMENT_WRITTEN, dialect)
        self._put_decisions = Prepared(INSERT_DECISION, DECISION_WRITTEN, dialect)
        self._finish = Prepared(FINISH_SOURCE, RECORD_FINISHED, dialect)
        self.among = Lookup(among, ARTICLE_COLUMNS, dialect)
        self.sharing = Lookup(sharing_one_more_than_a_crowd, ARTICLE_COLUMNS, dialect)
        self._bump_section = bump_section(backend)
        self._put_hold = put_hold(backend)
        self._keep_apart = keep_apart(backend)
        self._put_note = replace_row(backend, note)
        self.sketches = SketchWriting(dialect)
        self._put_kin = replace_row(backend, kin)
        self._put_learnt = replace_row(backend, learnt)

    def put(self, connection: Connection, change: Change) -> None:
        """Write the changed articles, their placements and their number."""
        self._put_articles.each(connection, map(article_values, change.articles))
        if change.moved:
            connection.execute(UNPLACE, [{"of": one.uid} for one in change.moved])
        self.place(connection, (values for one in change.moved for values in placement_values(one)))
        count(connection, change.counts)

    def place(self, connection: Connection, placements: Iterable[Row]) -> None:
        """Let articles stand in sections; what is given are ``placement_values``."""
        self._place.each(connection, placements)

    def decided(self, connection: Connection, decisions: Iterable[Decision]) -> None:
        self._put_decisions.each(connection, map(decision_values, decisions))

    def bump(self, connection: Connection, sections: Iterable[str]) -> None:
        """Let the revision of each section grow by one. Sorted: two transactions never wait crosswise."""
        values = [{"id": section, "revision": 1, "published": 0} for section in sorted(sections)]
        if values:
            connection.execute(self._bump_section, values)

    def hold(self, connection: Connection, site: str, hold: Hold) -> None:
        """Leave a site alone: its sources are put off."""
        until, reason = hold
        connection.execute(self._put_hold, {"site": site, "until": until, "reason": reason})
        connection.execute(PUT_OFF, {"at": site, "until": until, "why": reason})

    def relate(self, connection: Connection, rows: list[Values]) -> None:
        connection.execute(self._put_kin, rows)

    def learn(self, connection: Connection, name: str, value: bytes) -> None:
        connection.execute(self._put_learnt, {"name": name, "value": value})

    def finish(self, connection: Connection, ended: Collection[tuple[Claim, SourceRecord]]) -> None:
        """Write the records that polls have left, and end the claims."""
        stayed = [record for claim, record in ended if record.url == claim.source.url]
        self._finish.each(connection, map(record_finished, stayed))
        for claim, record in ended:
            if record.url != claim.source.url:
                values = record_values(record) | {"of": record.id} | _FREE
                del values["id"]
                connection.execute(REWRITE_SOURCE, values)

    def keep_apart(self, connection: Connection, separations: Iterable[Separation]) -> None:
        values = [asdict(one) for one in separations]
        if values:
            connection.execute(self._keep_apart, values)

    def note(self, connection: Connection, source_id: str, name: str, value: bytes | None) -> None:
        """Remember something about a source, or forget it."""
        if value is None:
            connection.execute(DROP_NOTE, {"of": source_id, "called": name})
        else:
            connection.execute(self._put_note, {"source": source_id, "name": name, "value": value})


def count(connection: Connection, more: Mapping[str, int]) -> None:
    """Add to the sources' numbers of articles."""
    if more:
        connection.execute(ADD_TO_COUNT, [{"of": of, "more": number} for of, number in sorted(more.items())])


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
        return self._connection.execute(NOTE, {"source": source_id, "name": name}).scalar()

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
