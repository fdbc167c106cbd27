"""Statements that every poll executes: compiled once, their values handed to the driver as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Delete, Dialect, Insert

#: The values of one row, in the order of the columns.
Row = Sequence[Any]


class Prepared:
    """A statement in one database's own words. What it gives back comes as the database has it.

    SQLAlchemy looks at every parameter of every row anew; for articles, which have thirty, that takes longer than
    writing them.
    """

    def __init__(self, statement: Insert | Delete, names: Sequence[str], dialect: Dialect) -> None:
        in_order: Callable[..., Dialect] = type(dialect)
        positional = in_order(paramstyle="qmark" if dialect.paramstyle == "qmark" else "format")
        given = list(names) if isinstance(statement, Insert) else None
        compiled = statement.compile(dialect=positional, column_keys=given)
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
