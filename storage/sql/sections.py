"""Sections, as they are read and placed anew outside polls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from storage.model import SectionRevision
from storage.sql.part import SqlPart
from storage.statements.common import chunks
from storage.statements.sections import MARK_PUBLISHED, PLACED, REVISIONS, SET_SECTIONS


class SqlSections(SqlPart):
    """How often sections changed, and what is placed by other rules."""

    def section_revisions(self) -> dict[str, SectionRevision]:
        with self._backend.read() as connection:
            return {row.id: SectionRevision(**row._mapping) for row in connection.execute(REVISIONS)}

    def mark_published(self, revisions: Mapping[str, int]) -> None:
        if not revisions:
            return
        values = [{"of": section, "upto": revision} for section, revision in sorted(revisions.items())]
        with self._backend.write() as connection:
            connection.execute(MARK_PUBLISHED, values)

    def reroute(self, placements: Mapping[str, tuple[str, ...]]) -> int:
        with self._backend.write() as connection:
            moved = [
                row
                for chunk in chunks(placements)
                for row in connection.execute(PLACED, {"uids": chunk})
                if row.sections != placements[row.uid]
            ]
            if moved:
                self._move(connection, moved, placements)
        return len(moved)

    def _move(
        self,
        connection: Connection,
        moved: Sequence[Row[*tuple[Any, ...]]],
        placements: Mapping[str, tuple[str, ...]],
    ) -> None:
        connection.execute(SET_SECTIONS, [{"of": row.uid, "to": placements[row.uid]} for row in moved])
        self._writing.unplace(connection, (row.uid for row in moved))
        self._writing.place(
            connection,
            ((row.uid, section, row.date) for row in moved for section in dict.fromkeys(placements[row.uid])),
        )
        self._writing.bump(
            connection, {section for row in moved for section in (*row.sections, *placements[row.uid])}
        )
