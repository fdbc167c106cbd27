"""Statements that every poll executes: compiled once, their values handed to the driver as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Delete,
    Dialect,
    Insert,
    Select,
    Update,
    bindparam,
)
from sqlalchemy.engine.interfaces import DBAPICursor

from storage.statements.common import CHUNK

#: Lists of values have one of these lengths: the rest is filled with what stands in them already.
_LENGTHS: Final = (1, 8, 40, 200, CHUNK)
#: The values of one row, in the order of the columns.
Row = Sequence[Any]
_Way: TypeAlias = Callable[[Any], Any]


class Prepared:
    """A statement in one database's own words, found when it is first executed.

    It goes past SQLAlchemy to the driver: there each execution costs 20 to 60 µs beyond the database's own work, and
    every parameter of every row is looked at anew, which takes longer for articles than writing them.
    """

    def __init__(
        self, statement: Insert | Update | Delete | Select[Any], names: Sequence[str], dialect: Dialect
    ) -> None:
        self._statement = statement
        self._names = names
        self._dialect = dialect

    def once(self, connection: Connection, row: Row) -> None:
        _cursor(connection).execute(self._ready.sql, self._ready.values(row))

    def each(self, connection: Connection, rows: Iterable[Row]) -> None:
        """For many rows at once."""
        if given := [self._ready.values(row) for row in rows]:
            _cursor(connection).executemany(self._ready.sql, given)

    def first(self, connection: Connection, row: Row) -> Row | None:
        """What it gives back first, if anything."""
        cursor = _cursor(connection)
        cursor.execute(self._ready.sql, self._ready.values(row))
        found = cursor.fetchone()
        cursor.close()
        return None if found is None else _read(found, self._ready.read)

    @cached_property
    def _ready(self) -> _Ready:
        names, statement, dialect = self._names, self._statement, self._dialect
        given = list(names) if isinstance(statement, Insert | Update) else None
        compiled = statement.compile(dialect=_in_order(dialect), column_keys=given)
        order = compiled.positiontup or []
        own = [name for name in order if name not in names]
        places = [[*names, *own].index(name) for name in order]
        types = ((at, compiled.binds[name].type) for name, at in zip(order, places, strict=True))
        return _Ready(
            sql=str(compiled),
            own=[compiled.params[name] for name in own],
            written=[
                (at, write)
                for at, kind in types
                if (write := kind.dialect_impl(dialect).bind_processor(dialect))
            ],
            ordered=_picking(places),
            read=_readers(list(statement.exported_columns), dialect),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    sql: str
    own: Sequence[Any]  #: the statement's own values, after those of a row
    written: Sequence[tuple[int, _Way]]  #: by its place, how each value is written that is not given as it is
    ordered: Callable[[Row], Row]  #: the values as the parameters stand
    read: Sequence[tuple[int, _Way]]

    def values(self, row: Row) -> Row:
        values = [*row, *self.own]
        for at, write in self.written:
            values[at] = write(values[at])
        return self.ordered(values)


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    places: Sequence[tuple[int, int]]  #: in the order of the parameters: which list, and where in it
    fixed: Sequence[Any]  #: the statement's own values, as one more list


class Lookup:
    """A SELECT by lists of values, as ``select`` makes it of lists of parameters; no list longer than a chunk."""

    def __init__(
        self, select: Callable[..., Select[Any]], columns: Sequence[ColumnElement[Any]], dialect: Dialect
    ) -> None:
        self._dialect = _in_order(dialect)
        self._select = select
        self._compiled: dict[tuple[int, ...], _Compiled] = {}
        self._read = _readers(columns, dialect)

    def rows(self, connection: Connection, *lists: Sequence[Any]) -> list[Row]:
        """An empty list matches nothing: it is left out, so that one of them at least must hold something."""
        shape = tuple(next(length for length in (0, *_LENGTHS) if length >= len(some)) for some in lists)
        if shape not in self._compiled:
            self._compiled[shape] = self._compile(shape)
        ready = self._compiled[shape]
        given = (*lists, ready.fixed)
        values = tuple([given[which][at % len(given[which])] for which, at in ready.places])
        cursor = _cursor(connection)
        cursor.execute(ready.sql, values)
        return [_read(row, self._read) for row in cursor.fetchall()]

    def _compile(self, shape: tuple[int, ...]) -> _Compiled:
        lists: list[list[BindParameter[Any]]] = [
            [bindparam(f"v{which}_{at}") for at in range(length)] for which, length in enumerate(shape)
        ]
        compiled = self._select(*lists).compile(dialect=self._dialect)
        places = {one.key: (which, at) for which, some in enumerate(lists) for at, one in enumerate(some)}
        own = {name: value for name, value in compiled.params.items() if name not in places}
        places |= {name: (len(shape), at) for at, name in enumerate(own)}
        names = compiled.positiontup or ()
        return _Compiled(str(compiled), [places[name] for name in names], tuple(own.values()))


def _cursor(connection: Connection) -> DBAPICursor:
    """The driver's own. Its errors are the backend's to translate."""
    return connection.connection.cursor()


def _readers(columns: Sequence[ColumnElement[Any]], dialect: Dialect) -> list[tuple[int, _Way]]:
    """By its place, how each column is read that is not taken as the driver gives it."""
    types = ((at, column.type.dialect_impl(dialect)) for at, column in enumerate(columns))
    return [(at, read) for at, kind in types if (read := kind.result_processor(dialect, None))]


def _read(row: Row, readers: Sequence[tuple[int, _Way]]) -> Row:
    values = list(row)
    for at, read in readers:
        values[at] = read(values[at])
    return values


def _picking(places: Sequence[int]) -> Callable[[Row], Row]:
    """What takes the values at these places out of a row."""
    if len(places) == 1:
        return itemgetter(slice(places[0], places[0] + 1))
    return itemgetter(*places)


def _in_order(dialect: Dialect) -> Dialect:
    """The same, with values that are given by their place."""
    made: Callable[..., Dialect] = type(dialect)
    return made(paramstyle="qmark" if dialect.paramstyle == "qmark" else "format")
