"""What statements of every subject are made with."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import Table

from storage.dialect import Backend

if TYPE_CHECKING:
    from storage.dialect import Insert

_T = TypeVar("_T")

#: Values in one IN list: far below every database's limit, and few enough sizes for the statement cache.
CHUNK: Final = 500


def chunks(values: Collection[_T]) -> Iterator[list[_T]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def replace_row(backend: Backend, table: Table) -> Insert:
    """Insert a row, or replace the one with its key."""
    statement = backend.insert(table)
    replaced = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=replaced)
