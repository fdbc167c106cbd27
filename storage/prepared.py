"""Statements that every poll executes: compiled once, their values handed to the driver as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    CursorResult,
    Delete,
    Dialect,
    Insert,
    Select,
    Update,
    bindparam,
)

from storage.statements.common import CHUNK

#: Lists of values have one of these lengths: the rest is filled with what stands in them already.
_LENGTHS: Final = (1, 8, 40, 200, CHUNK)
#: The values of one row, in the order of the columns.
Row = Sequence[Any]


class Prepared:
    """A statement in one database's own words. What it gives back comes as the database has it.

    SQLAlchemy looks at every parameter of every row anew; for articles, which have thirty, that takes longer than
    writing them.
    """

    def __init__(self, statement: Insert | Update | Delete, names: Sequence[str], dialect: Dialect) -> None:
        given = None if isinstance(statement, Delete) else list(names)
        compiled = statement.compile(dialect=_in_order(dialect), column_keys=given)
        self._sql = str(compiled)
        places = [(name, list(names).index(name)) for name in compiled.positiontup or ()]
        types = ((at, compiled.binds[name].type.dialect_impl(dialect)) for name, at in places)
        self._order = [at for _, at in places]
        self._written = [(at, write) for at, kind in types if (write := kind.bind_processor(dialect))]

    def once(self, connection: Connection, row: Row) -> CursorResult[Any]:
        return connection.exec_driver_sql(self._sql, self._values(row))

    def each(self, connection: Connection, rows: Iterable[Row]) -> None:
        """For many rows at once."""
        if given := [self._values(row) for row in rows]:
            connection.exec_driver_sql(self._sql, given)

    def _values(self, row: Row) -> tuple[Any, ...]:
        values = list(row)
        for at, write in self._written:
            values[at] = write(values[at])
        return tuple([values[at] for at in self._order])


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    places: Sequence[tuple[int, int]]  #: in the order of the parameters: which list, and where in it
    fixed: Sequence[Any]  #: the statement's own values, as one more list


class Lookup:
    """A SELECT by lists of values, as ``select`` makes it of lists of parameters; no list longer than a chunk."""

    def __init__(
        self, select: Callable[..., Select[Any]], columns: Sequence[Column[Any]], dialect: Dialect
    ) -> None:
        self._dialect = _in_order(dialect)
        self._select = select
        self._compiled: dict[tuple[int, ...], _Compiled] = {}
        types = ((at, column.type.dialect_impl(dialect)) for at, column in enumerate(columns))
        self._read = [(at, read) for at, kind in types if (read := kind.result_processor(dialect, None))]

    def rows(self, connection: Connection, *lists: Sequence[Any]) -> list[list[Any]]:
        """An empty list matches nothing: it is left out, so that one of them at least must hold something."""
        shape = tuple(next(length for length in (0, *_LENGTHS) if length >= len(some)) for some in lists)
        if shape not in self._compiled:
            self._compiled[shape] = self._compile(shape)
        ready = self._compiled[shape]
        given = (*lists, ready.fixed)
        values = tuple([given[which][at % len(given[which])] for which, at in ready.places])
        return [self._row(row) for row in connection.exec_driver_sql(ready.sql, values)]

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

    def _row(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for at, read in self._read:
            values[at] = read(values[at])
        return values


def _in_order(dialect: Dialect) -> Dialect:
    """The same, with values that are given by their place."""
    made: Callable[..., Dialect] = type(dialect)
    return made(paramstyle="qmark" if dialect.paramstyle == "qmark" else "format")
