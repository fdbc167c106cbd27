"""Sources on record and in the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from storage import seeding
from storage.model import SourceRecord, SourceSeed
from storage.rows import record_of, record_values
from storage.sites import Hold, site_of
from storage.sql.part import SqlPart
from storage.sql.sites import holds_at
from storage.statements.sites import DROP_NOTES, FORGET_HOLDS
from storage.statements.sources import (
    ACTIVE_SOURCES,
    ALL_SOURCES,
    COUNT_ARTICLES,
    DROP_SOURCE,
    END_CLAIM,
    INSERT_SOURCE,
    ONE_SOURCE,
    RENAMED,
    RETIRE_SOURCE,
    REWRITE_SOURCE,
    SOURCES_AT,
    WHOLE_SOURCE,
)


class SqlSources(SqlPart):
    """The active sources, and how a new configuration makes them."""

    def sync_sources(self, seeds: Sequence[SourceSeed], now: datetime) -> None:
        configured = seeding.by_id(seeds)
        with self._backend.write() as connection:
            known = _renamed(connection, configured)
            retired = [
                {"of": row.id}
                for row in known.values()
                if row.id not in configured and row.position is not None
            ]
            if retired:
                connection.execute(RETIRE_SOURCE, retired)
                connection.execute(DROP_NOTES, retired)
            connection.execute(FORGET_HOLDS, {"now": now})
            holds = holds_at(connection, now)
            for position, seed in enumerate(configured.values()):
                hold = holds.get(site_of(seed.url))
                _seed(connection, known.get(seed.id), seed, position, now, hold)

    def sources(self) -> list[SourceRecord]:
        with self._backend.read() as connection:
            return [record_of(row) for row in connection.execute(ACTIVE_SOURCES)]

    def source(self, source_id: str) -> SourceRecord | None:
        with self._backend.read() as connection:
            row = connection.execute(ONE_SOURCE, {"id": source_id}).first()
        return record_of(row) if row else None

    def sources_at(self, url: str) -> list[SourceRecord]:
        with self._backend.read() as connection:
            return [record_of(row) for row in connection.execute(SOURCES_AT, {"url": url})]


def _renamed(
    connection: Connection, configured: Mapping[str, SourceSeed]
) -> dict[str, Row[*tuple[Any, ...]]]:
    """All sources on record, those that were given another name under it."""
    known: dict[str, Row[*tuple[Any, ...]]] = {row.id: row for row in connection.execute(ALL_SOURCES)}
    active = {row.id for row in known.values() if row.position is not None}
    names = seeding.renamed([record_of(row) for row in known.values()], active, configured)
    for new, old in names.items():
        values = {"old": old, "new": new}
        row = connection.execute(WHOLE_SOURCE, values).one()
        fresh = {"id": new, "owner": None, "lease_until": None}
        connection.execute(INSERT_SOURCE, dict(row._mapping) | fresh)
        for statement in RENAMED:
            connection.execute(statement, values)
        connection.execute(DROP_SOURCE, values)
    return {row.id: row for row in connection.execute(ALL_SOURCES)} if names else known


def _seed(
    connection: Connection,
    row: Row[*tuple[Any, ...]] | None,
    seed: SourceSeed,
    position: int,
    now: datetime,
    hold: Hold | None,
) -> None:
    known = record_of(row) if row else None
    record = seeding.seeded(known, seed, now, hold)
    values = record_values(record) | {"position": position}
    if known is None:
        # Articles may be older than the source's entry, as when a deleted database part was restored.
        articles = connection.execute(COUNT_ARTICLES, {"source": seed.id}).scalar_one()
        connection.execute(INSERT_SOURCE, values | {"articles": articles, "token": 0})
    elif row is not None and (record != known or row.position != position):
        connection.execute(REWRITE_SOURCE, values | {"of": seed.id})
        if seeding.ends_claim(known, record):
            connection.execute(END_CLAIM, {"of": seed.id})
        if seeding.moves(known, record):
            connection.execute(DROP_NOTES, {"of": seed.id})
