"""What is written, in one database's own words: made once for each store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Final

from sqlalchemy import Connection

from storage.changes import Change
from storage.dialect import Backend
from storage.model import Claim, Decision, Separation, SourceRecord
from storage.prepared import Lookup, Prepared, Row
from storage.rows import (
    ARTICLE_COLUMNS,
    ARTICLE_WRITTEN,
    DECISION_WRITTEN,
    HELD_COLUMNS,
    PLACEMENT_WRITTEN,
    RECORD_FINISHED,
    Values,
    article_values,
    decision_values,
    placement_values,
    record_finished,
    record_values,
)
from storage.sites import Hold
from storage.sketches import SketchWriting
from storage.statements.articles import among, sharing_one_more_than_a_crowd
from storage.statements.claims import IS_HELD, are_held
from storage.statements.common import replace_row
from storage.statements.decisions import INSERT_DECISION
from storage.statements.sections import PLACE, UNPLACE, bump_section
from storage.statements.sites import DROP_NOTE, NOTE, PUT_OFF, put_hold
from storage.statements.sources import ADD_TO_COUNT, FINISH_SOURCE, REWRITE_SOURCE
from storage.statements.stories import keep_apart
from storage.tables import article, kin, learnt, note

_FREE: Final = {"owner": None, "lease_until": None}


class Writing:
    """The statements that one backend needs in its own dialect, built once."""

    def __init__(self, backend: Backend) -> None:
        dialect = backend.dialect
        self._put_articles = Prepared(replace_row(backend, article), ARTICLE_WRITTEN, dialect)
        self._place = Prepared(PLACE, PLACEMENT_WRITTEN, dialect)
        self._unplace = Prepared(UNPLACE, ("of",), dialect)
        self._count = Prepared(ADD_TO_COUNT, ("of", "more"), dialect)
        self._put_decisions = Prepared(INSERT_DECISION, DECISION_WRITTEN, dialect)
        self._finish = Prepared(FINISH_SOURCE, RECORD_FINISHED, dialect)
        self.among = Lookup(among, ARTICLE_COLUMNS, dialect)
        self.sharing = Lookup(sharing_one_more_than_a_crowd, ARTICLE_COLUMNS, dialect)
        self._bump_section = Prepared(bump_section(backend), ("id", "revision", "published"), dialect)
        self._put_hold = put_hold(backend)
        self._keep_apart = keep_apart(backend)
        self._put_note = Prepared(replace_row(backend, note), ("source", "name", "value"), dialect)
        self._noted = Prepared(NOTE, ("source", "name"), dialect)
        self.is_held = Prepared(IS_HELD, ("of", "fence"), dialect)
        self.are_held = Lookup(are_held, HELD_COLUMNS, dialect)
        self.sketches = SketchWriting(dialect)
        self._put_kin = replace_row(backend, kin)
        self._put_learnt = replace_row(backend, learnt)

    def put(self, connection: Connection, change: Change) -> None:
        """Write the changed articles, their placements and their number."""
        self._put_articles.each(connection, map(article_values, change.articles))
        self.unplace(connection, change.left)
        self.place(connection, (values for one in change.moved for values in placement_values(one)))
        self.count(connection, change.counts)

    def place(self, connection: Connection, placements: Iterable[Row]) -> None:
        """Let articles stand in sections; what is given are ``placement_values``."""
        self._place.each(connection, placements)

    def unplace(self, connection: Connection, uids: Iterable[str]) -> None:
        self._unplace.each(connection, ((uid,) for uid in uids))

    def count(self, connection: Connection, more: Mapping[str, int]) -> None:
        """Add to the sources' numbers of articles."""
        self._count.each(connection, sorted(more.items()))

    def decided(self, connection: Connection, decisions: Iterable[Decision]) -> None:
        self._put_decisions.each(connection, map(decision_values, decisions))

    def bump(self, connection: Connection, sections: Iterable[str]) -> None:
        """Let the revision of each section grow by one. Sorted: two transactions never wait crosswise."""
        self._bump_section.each(connection, ((section, 1, 0) for section in sorted(sections)))

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

    def noted_of(self, connection: Connection, source_id: str, name: str) -> bytes | None:
        row = self._noted.first(connection, (source_id, name))
        return row[0] if row else None

    def note(self, connection: Connection, source_id: str, name: str, value: bytes | None) -> None:
        """Remember something about a source, or forget it."""
        if value is None:
            connection.execute(DROP_NOTE, {"of": source_id, "called": name})
        else:
            self._put_note.once(connection, (source_id, name, value))
