"""Statements for rows of many values: compiled once, the values handed to the driver as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Update

#: The values of one row, in the order of the columns (or other names of values in the statement).
Row = Sequence[Any]


class Bulk:
    """An INSERT or UPDATE in one database's own words.

    SQLAlchemy looks at every parameter of every row anew; for articles, which have thirty, that takes longer than
    writing them.
    """

    def __init__(self, statement: Insert | Update, columns: Sequence[str], dialect: Dialect) -> None:
        in_order: Callable[..., Dialect] = type(dialect)
        positional = in_order(paramstyle="qmark" if dialect.paramstyle == "qmark" else "format")
        compiled = statement.compile(dialect=positional, column_keys=list(columns))
        self._sql = str(compiled)
        places = [(name, list(columns).index(name)) for name in compiled.positiontup or ()]
        types = ((at, compiled.binds[name].type.dialect_impl(dialect)) for name, at in places)
        self._order = [at for _, at in places]
        self._written = [(at, write) for at, kind in types if (write := kind.bind_processor(dialect))]

    def run(self, connection: Connection, rows: Iterable[Row]) -> None:
        if given := [self._values(row) for row in rows]:
            connection.exec_driver_sql(self._sql, given)

    def _values(self, row: Row) -> tuple[Any, ...]:
        values = list(row)
        for at, write in self._written:
            values[at] = write(values[at])
        return tuple([values[at] for at in self._order])
