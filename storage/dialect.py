"""What the statements take from a database, whichever it is: ``sqlite.py`` and ``postgresql.py`` differ in the rest."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import ColumnElement, Connection, Dialect, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    #: Both dialects' INSERT knows ``on_conflict_do_update`` and ``excluded``, spelt alike.
    Insert = sqlite.Insert | postgresql.Insert

NO_TEXT = "text with half a character in it (a lone surrogate) cannot be stored: clean it where it comes in"


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
