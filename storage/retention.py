"""Retention in SQL: batch by batch, so that no transaction holds the writers up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select

from storage import meanings, sketches
from storage.columns import EPOCH
from storage.dialect import Backend
from storage.sql.writing import Writing
from storage.statements.common import CHUNK
from storage.statements.stories import FORGET_KIN
from storage.statements.upkeep import (
    EMPTY_BODIES,
    FORGET_DECISIONS,
    LONG_READ,
    OUTLIVED,
    REDUCE,
    UNPLACE_THESE,
)

_Rows = Sequence[Row[*tuple[Any, ...]]]


class Retention:
    """Ages the articles of one store but for those in ``keep``."""

    def __init__(self, backend: Backend, writing: Writing, keep: frozenset[str]) -> None:
        self._backend = backend
        self._writing = writing
        self._keep = keep

    def reduce(self, before: datetime | None) -> int:
        """Leave only the identity of articles that were first seen before then."""
        return self._each_batch(OUTLIVED, before, self._reduce)

    def empty(self, before: datetime | None) -> int:
        """Empty the bodies of articles that were first seen before then."""
        return self._each_batch(LONG_READ, before, _empty)

    def _each_batch(
        self, wanted: Select[Any], before: datetime | None, change: Callable[[Connection, _Rows], None]
    ) -> int:
        changed = 0
        after = {"after": EPOCH.replace(year=1), "after_uid": ""}
        while before is not None:
            with self._backend.write() as connection:
                found = connection.execute(wanted, {"before": before, **after}).all()
                rows = [row for row in found if row.uid not in self._keep]
                if rows:
                    change(connection, rows)
                    self._writing.bump(connection, {section for row in rows for section in row.sections})
            changed += len(rows)
            if len(found) < CHUNK:
                break
            after = {"after": found[-1].first_seen, "after_uid": found[-1].uid}
        return changed

    def _reduce(self, connection: Connection, rows: _Rows) -> None:
        these = {"uids": [row.uid for row in rows]}
        connection.execute(UNPLACE_THESE, these)
        connection.execute(FORGET_DECISIONS, these)
        for forget in FORGET_KIN:
            connection.execute(forget, these)
        connection.execute(sketches.FORGET_THESE, these)
        connection.execute(meanings.FORGET_THESE, these)
        connection.execute(REDUCE, these)
        gone = Counter(row.source for row in rows)
        self._writing.count(connection, {source: -number for source, number in gone.items()})


def _empty(connection: Connection, rows: _Rows) -> None:
    connection.execute(EMPTY_BODIES, {"uids": [row.uid for row in rows]})
