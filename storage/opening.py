"""Which database an address means."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.dialect import Backend
from storage.errors import StorageError
from storage.sqlite import Sqlite

_FORMS = "write memory://, sqlite:///path/of.db or postgresql://user@host/name"


def open_backend(url: str, *, read_only: bool, beside: bool = False) -> Backend:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError(f"storage.url is no database URL: {_FORMS}") from error
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return Sqlite(_database_file(parsed), read_only=read_only, beside=beside)
    if parsed.drivername in ("postgresql", "postgres"):  # as psql and hosting services write it
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername.startswith("postgresql+"):
        from storage.postgresql import Postgres  # takes a while and some memory: only where it is used

        return Postgres(parsed, read_only=read_only, beside=beside)
    raise StorageError(f"storage.url: {parsed.drivername} is not supported: {_FORMS}")


def _database_file(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise StorageError(
            "storage.url: sqlite needs a file, as sqlite:///var/aggregator.db; without one write memory://"
        )
    return Path(url.database)
