"""What the statements take from a database, whichever it is: ``sqlite.py`` and ``postgresql.py`` differ in the rest."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import URL, ColumnElement, Connection, Dialect, Table, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    #: Both dialects' INSERT knows ``on_conflict_do_update`` and ``excluded``, spelt alike.
    Insert = sqlite.Insert | postgresql.Insert


class Backend(Protocol):
    """An open database with its schema in place."""

    alone: bool  #: no other process writes while this one is open: every claim found at the start is a dead one's

    @property
    def dialect(self) -> Dialect: ...

    def read(self) -> AbstractContextManager[Connection]:
        """A connection for statements that each see the last committed state."""
        ...

    def write(self, *, serial: bool = True) -> AbstractContextManager[Connection]:
        """One transaction, committed on leaving, taken back by an exception.

        ``serial``: no other serial one runs meanwhile, in any process. Without it, row locks must do.
        """
        ...

    def insert(self, table: Table) -> Insert: ...

    def occurs(self, column: ColumnElement[str], word: str) -> ColumnElement[bool]:
        """Whether the word is a substring, compared code point by code point."""
        ...

    def faults(self) -> list[str]:
        """What the database itself finds damaged."""
        ...

    def close(self) -> None: ...


def open_backend(url: str, *, read_only: bool, beside: bool = False) -> Backend:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError(f"storage.url is no database URL: {_FORMS}") from error
    # Only the one that is used is imported: each takes a while and some memory.
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        from storage.sqlite import Sqlite

        return Sqlite(_database_file(parsed), read_only=read_only, beside=beside)
    if parsed.drivername in ("postgresql", "postgres"):  # as psql and hosting services write it
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername.startswith("postgresql+"):
        from storage.postgresql import Postgres

        return Postgres(parsed, read_only=read_only, beside=beside)
    raise StorageError(f"storage.url: {parsed.drivername} is not supported: {_FORMS}")


NO_TEXT = "text with half a character in it (a lone surrogate) cannot be stored: clean it where it comes in"
_FORMS = "write memory://, sqlite:///path/of.db or postgresql://user@host/name"


def _database_file(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise StorageError(
            "storage.url: sqlite needs a file, as sqlite:///var/aggregator.db; without one write memory://"
        )
    return Path(url.database)
