"""What belongs to a source or its site, and is not needed at every poll."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection

from storage import tables
from storage.dialect import Backend
from storage.model import RobotsRecord
from storage.rows import hold_of, robots_of
from storage.sites import ROBOTS_KEPT, Hold
from storage.sql.part import SqlPart
from storage.statements.common import replace_row
from storage.statements.sites import FORGET_ROBOTS, ROBOTS, SITE_HOLD, SITE_HOLDS


class SqlSites(SqlPart):
    """Holds, notes and what sites ask of robots."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._put_robots = replace_row(backend, tables.robots)

    def site_hold(self, site: str, now: datetime) -> Hold | None:
        with self._backend.read() as connection:
            hold = hold_of(connection.execute(SITE_HOLD, {"site": site}).first())
        return hold if hold and hold[0] > now else None

    def site_holds(self, now: datetime) -> dict[str, Hold]:
        with self._backend.read() as connection:
            return holds_at(connection, now)

    def note(self, source_id: str, name: str) -> bytes | None:
        with self._backend.read() as connection:
            return self._writing.noted_of(connection, source_id, name)

    def robots(self, site: str) -> RobotsRecord | None:
        with self._backend.read() as connection:
            row = connection.execute(ROBOTS, {"site": site}).first()
        return robots_of(row) if row else None

    def keep_robots(self, record: RobotsRecord) -> None:
        with self._backend.write() as connection:
            connection.execute(FORGET_ROBOTS, {"before": record.at - ROBOTS_KEPT})
            connection.execute(self._put_robots, asdict(record))


def holds_at(connection: Connection, now: datetime) -> dict[str, Hold]:
    return {row.site: (row.until, row.reason) for row in connection.execute(SITE_HOLDS, {"now": now})}
