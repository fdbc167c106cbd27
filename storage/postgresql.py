"""The store on a server of PostgreSQL: opening, transactions, substring, errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Dialect,
    Table,
    create_engine,
    func,
    literal,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from storage import schema
from storage.dialect import NO_TEXT
from storage.errors import StorageError, StoreReadOnly
from storage.tables import of_postgresql
from storage.turns import Turns

if TYPE_CHECKING:
    from storage.dialect import Insert

#: Numbers of our own for pg_advisory_xact_lock: one orders the serial transactions.
_SERIAL_LOCK = 0x6665_6564
_TAKE_TURN = text("SELECT pg_advisory_xact_lock(:key)")


class Postgres:
    """A pool of connections; serial transactions queue at an advisory lock: several workers may share it."""

    def __init__(self, url: URL, *, read_only: bool, beside: bool = False) -> None:
        self._name = url.render_as_string(hide_password=True)
        self._read_only = read_only
        self._guest = read_only or beside
        self.alone = False
        self._turns = Turns()
        self._closed = False
        of_postgresql()
        try:
            self._engine = create_engine(url, pool_pre_ping=True)
        except ModuleNotFoundError as error:
            raise StorageError(
                f"{self._name}: the driver {error.name} is missing: pip install 'feed-aggregator[postgresql]'"
            ) from error
        except SQLAlchemyError as error:
            raise StorageError(f"{self._name}: {error}") from error
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        if self._guest:
            with self.read() as connection:
                schema.require(connection, self._name)
        else:
            with self.write() as connection:
                schema.bring_up(connection, self._name)

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, serial: bool = True) -> Iterator[Connection]:
        if self._read_only:
            raise StoreReadOnly(f"{self._name}: opened for reading only")
        turn = self._turns.take() if serial else nullcontext()
        with turn, self._translated(), self._engine.begin() as connection:
            if serial:
                connection.execute(_TAKE_TURN, {"key": _SERIAL_LOCK})
            yield connection

    def insert(self, table: Table) -> Insert:
        return postgresql.insert(table)

    def occurs(self, column: ColumnElement[str], word: str) -> ColumnElement[bool]:
        return func.strpos(column, literal(word)) > 0

    def faults(self) -> list[str]:
        """The server checks its own pages."""
        return []

    def close(self) -> None:
        self._closed = True
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._closed:
            raise StorageError(f"{self._name}: the store is closed")
        try:
            yield
        except DBAPIError as error:
            raise StorageError(f"{self._name}: {error.orig}") from error
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            raise StorageError(f"{self._name}: {error}") from error
        except UnicodeEncodeError as error:
            raise StorageError(f"{self._name}: {NO_TEXT} ({error})") from error
