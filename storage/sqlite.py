"""The store in a file of SQLite: opening, transactions, substring, damage, errors."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    QueuePool,
    StaticPool,
    Table,
    create_engine,
    event,
    func,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from storage import schema
from storage.backup import back_up
from storage.dialect import NO_TEXT
from storage.errors import NothingPolled, StorageError, StoreBusy, StoreDamaged, StoreReadOnly
from storage.lockfile import LockFile
from storage.turns import Turns

if TYPE_CHECKING:
    from storage.dialect import Insert

#: A commit survives a killed process; in a power cut the last ones may go, but the file stays sound.
_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 8000",  # pages, 32 MB: a checkpoint syncs to the disk
    "PRAGMA journal_size_limit = 67108864",  # bytes that stay in the log after a checkpoint
)
#: SQLite's own 2 MB of cache are enough for readers, of whom there may be many.
_READING = ("PRAGMA query_only = ON",)
_WRITING = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA cache_size = -4000",  # KiB at most
)
_BUSY_TIMEOUT_S = 5.0


class Sqlite:
    """One writing connection, behind a lock for threads and a lock file for processes; a pool for readers."""

    def __init__(self, path: Path, *, read_only: bool, beside: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._guest = read_only or beside
        self.alone = not self._guest  # by the lock file
        self._turns = Turns()
        self._lock = None if self._guest else self._take_lock()
        self._readers = self._engine(_reading(path, read_only), _READING, QueuePool)
        self._writers = self._engine("mode=rwc", _WRITING, StaticPool)
        event.listen(self._writers, "begin", _begin_immediate)
        self._writer: Connection | None = None
        self._closed = False
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _take_lock(self) -> LockFile:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreReadOnly(
                f"{self._path.parent}: cannot be made ({error.strerror}): make it, or set another storage.url"
            ) from error
        return LockFile(self._path)

    def _open(self) -> None:
        if self._guest:
            if not self._path.exists():
                raise NothingPolled(
                    f"{self._path}: no database yet, nothing was polled: start `aggregator run` first"
                )
            with self.read() as connection:
                schema.require(connection, str(self._path))
        if not self._read_only:
            with self._translated():
                self._writer = self._writers.connect()
        if not self._guest:
            with self.write() as connection:
                schema.bring_up(connection, str(self._path), lambda revision: back_up(self._path, revision))

    def _engine(self, access: str, pragmas: tuple[str, ...], pool: type[QueuePool | StaticPool]) -> Engine:
        # What names a file with ? or # in it must not end the address there.
        address = f"file:{quote(str(self._path.absolute()))}?{access}"

        def connect() -> sqlite3.Connection:
            # Without an isolation level the driver begins nothing by itself; see _begin_immediate.
            made = sqlite3.connect(
                address, uri=True, isolation_level=None, check_same_thread=False, timeout=_BUSY_TIMEOUT_S
            )
            try:
                for pragma in (*_PRAGMAS, *pragmas):
                    made.execute(pragma)
            except sqlite3.Error:
                made.close()
                raise
            return made

        return create_engine("sqlite://", creator=connect, poolclass=pool)

    @property
    def dialect(self) -> Dialect:
        return self._writers.dialect

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._translated(), self._readers.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, serial: bool = True) -> Iterator[Connection]:
        if self._read_only:
            raise StoreReadOnly(f"{self._path}: opened for reading only")
        with self._turns.take(), self._translated():
            if self._writer is None:
                raise self._is_closed()
            with self._writer.begin():
                yield self._writer

    def insert(self, table: Table) -> Insert:
        return sqlite.insert(table)

    def occurs(self, column: ColumnElement[str], word: str) -> ColumnElement[bool]:
        return func.instr(column, word) > 0

    def faults(self) -> list[str]:
        try:
            with self.read() as connection:
                found = connection.execute(text("PRAGMA quick_check")).scalars().all()
                orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
        except StoreDamaged as error:
            return [str(error)]
        return [fault for fault in found if fault != "ok"] + [
            f"{table}: row {row} names a row of {parent} that does not exist"
            for table, row, parent, _ in orphans
        ]

    def close(self) -> None:
        self._closed = True
        if self._writer is not None:
            with self._turns.take():
                self._writer.close()
                self._writer = None
        self._readers.dispose()
        self._writers.dispose()
        if self._lock is not None:
            self._lock.release()

    def _is_closed(self) -> StorageError:
        return StorageError(f"{self._path}: the store is closed")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._closed:
            raise self._is_closed()
        try:
            yield
        except sqlite3.Error as error:
            raise _sqlite_error(self._path, error) from error
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.Error):
                raise _sqlite_error(self._path, error.orig) from error
            raise StorageError(f"{self._path}: {error.orig}") from error
        except SQLAlchemyError as error:
            raise StorageError(f"{self._path}: {error}") from error
        except UnicodeEncodeError as error:
            raise StorageError(f"{self._path}: {NO_TEXT} ({error})") from error


def _reading(path: Path, read_only: bool) -> str:
    """How SQLite is to open the file for readers."""
    if not read_only:
        return "mode=rw"
    # Even a reader needs the write-ahead log's index beside the file. On a read-only disk it cannot be made, but there
    # nobody writes either. Were a log left behind, the file alone would not be the whole truth.
    log = path.with_name(f"{path.name}-wal")
    if path.exists() and os.statvfs(path).f_flag & os.ST_RDONLY and not log.exists():
        return "mode=ro&immutable=1"
    return "mode=ro"


def _begin_immediate(connection: Connection) -> None:
    """A deferred transaction that has read cannot write once another one has (SQLITE_BUSY_SNAPSHOT)."""
    connection.connection.cursor().execute("BEGIN IMMEDIATE")


_SQLITE_ERRORS: tuple[tuple[str, type[StorageError], str], ...] = (
    (
        "SQLITE_NOTADB",
        StoreDamaged,
        "it is no SQLite database: move it aside, or restore the last backup, then start again",
    ),
    (
        "SQLITE_CORRUPT",
        StoreDamaged,
        "the database is damaged: move it aside, or restore the last backup, then start again",
    ),
    (
        "SQLITE_READONLY",
        StoreReadOnly,
        "it cannot be written: check the permissions of the file, its folder and its disk",
    ),
    (
        "SQLITE_PERM",
        StoreReadOnly,
        "access is refused: check the permissions of the file, its folder and its disk",
    ),
    ("SQLITE_FULL", StoreReadOnly, "the disk is full: free some space; nothing was written"),
    (
        "SQLITE_CANTOPEN",
        StoreReadOnly,
        "it cannot be opened: check that it is a file and that you may write to its folder",
    ),
    ("SQLITE_IOERR", StoreReadOnly, "the disk fails: check its space and its health; nothing was written"),
    ("SQLITE_BUSY", StoreBusy, "another process is writing to it: stop that one, or try again"),
    ("SQLITE_LOCKED", StoreBusy, "another process is writing to it: stop that one, or try again"),
)


def _sqlite_error(path: Path, error: sqlite3.Error) -> StorageError:
    name: str = getattr(error, "sqlite_errorname", "")
    for prefix, kind, remedy in _SQLITE_ERRORS:
        if name.startswith(prefix):
            return kind(f"{path}: {remedy} ({error})")
    return StorageError(f"{path}: {error}{f' [{name}]' if name else ''}")
