"""Texts that stand for stories, in SQL: found by the hashes they share, forgotten by their age."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Connection,
    Dialect,
    Integer,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from storage.columns import Moment
from storage.dialect import Backend
from storage.postings import LEAST_SHARED, MOST_BEARERS, MOST_FOUND
from storage.prepared import Prepared
from storage.tables import posting, sketch

#: For so many hashes there is a statement each: no text has more, and most have fewer.
_SHAPES: Final = (8, 16, 24, 32, 40, 48)
#: The whole table is gone through in so many transactions.
_PASSES: Final = 256

_INSERT_POSTING = insert(posting)
_INSERT_SKETCH = insert(sketch).returning(sketch.c.number)
_FORGET = delete(sketch).where(sketch.c.uid == bindparam("of"))
FORGET_THESE = delete(sketch).where(sketch.c.uid.in_(bindparam("uids", expanding=True)))
_FILLED = select(sketch.c.uid, sketch.c.filled).where(sketch.c.uid.in_(bindparam("uids", expanding=True)))
_FORGET_OLD = delete(sketch).where(sketch.c.at < bindparam("before", type_=Moment))
_FIRST_LEFT = select(func.min(sketch.c.number))
_SWEEP = delete(posting).where(
    posting.c.hash.between(bindparam("low", type_=Integer), bindparam("high", type_=Integer)),
    posting.c.sketch < bindparam("first", type_=BigInteger),
)


class SketchWriting:
    """What reads and writes postings in a database's own words, built once."""

    def __init__(self, dialect: Dialect) -> None:
        self.forget = Prepared(_FORGET, ("of",), dialect)
        self.insert = Prepared(_INSERT_SKETCH, ("uid", "at", "filled"), dialect)
        self.post = Prepared(_INSERT_POSTING, ("hash", "sketch"), dialect)
        self._mark = "?" if dialect.paramstyle == "qmark" else "%s"
        self._sharing: dict[int, str] = {}

    def sharing(self, hashes: Sequence[int]) -> tuple[str, tuple[int | None, ...]]:
        """A statement for so many hashes, and its values."""
        shape = next((size for size in _SHAPES if size >= len(hashes)), len(hashes))
        if shape not in self._sharing:
            self._sharing[shape] = _statement(shape, self._mark)
        nothing = [None] * (shape - len(hashes))  # which no text has
        return self._sharing[shape], (*map(_signed, hashes), *nothing)


class SqlSketches:
    """Implements ``Sketches`` on a connection."""

    def __init__(self, connection: Connection, writing: SketchWriting) -> None:
        self._connection = connection
        self._writing = writing

    def add(self, uid: str, hashes: Collection[int], *, at: datetime, filled: int = 0) -> None:
        # Under a new number: the postings of the old one find nothing from now on, and go by their age.
        self._writing.forget.once(self._connection, (uid,))
        given = self._writing.insert.first(self._connection, (uid, at, filled))
        assert given is not None
        (number,) = given
        self._writing.post.each(self._connection, ((_signed(one), number) for one in sorted(set(hashes))))

    def sharing(self, hashes: Collection[int]) -> dict[str, int]:
        if not hashes:
            return {}
        statement, values = self._writing.sharing(sorted(set(hashes)))
        rows = self._connection.exec_driver_sql(statement, values)
        return {row.uid: row.filled for row in rows}

    def filled(self, uids: Collection[str]) -> dict[str, int]:
        if not uids:
            return {}
        rows = self._connection.execute(_FILLED, {"uids": list(uids)})
        return {row.uid: row.filled for row in rows}


def expire(backend: Backend, before: datetime) -> int:
    """Forget what was added before then, and sweep up the postings of what is forgotten."""
    with backend.write() as connection:
        forgotten = connection.execute(_FORGET_OLD, {"before": before}).rowcount
        first = connection.execute(_FIRST_LEFT).scalar()
    if forgotten:
        for low, high in _ranges():
            with backend.write() as connection:
                connection.execute(_SWEEP, {"low": low, "high": high, "first": first or 2**62})
    return forgotten


def _ranges() -> Iterator[tuple[int, int]]:
    step = 2**32 // _PASSES
    for low in range(-(2**31), 2**31, step):
        yield low, low + step - 1


def _statement(shape: int, mark: str) -> str:
    """The articles whose texts share hashes: their bearers along the key, of hashes that have not too many of them.

    These are counted in the database: the bearers of a hash that all reports of a source share would be four hundred
    rows for nothing, and there may be thirty such hashes in a text. Twice as many texts as are wanted are looked up:
    some may be forgotten.
    """
    asked = f"SELECT column1 AS hash FROM (VALUES {', '.join([f'({mark})'] * shape)}) AS hashes"
    bearers = f"SELECT 1 FROM posting AS other WHERE other.hash = asked.hash LIMIT {MOST_BEARERS + 1}"
    likeliest = (
        f"SELECT posting.sketch, count(*) AS shared FROM ({asked}) AS asked"
        " JOIN posting ON posting.hash = asked.hash"
        f" WHERE (SELECT count(*) FROM ({bearers}) AS bearers) <= {MOST_BEARERS} GROUP BY posting.sketch"
        f" HAVING count(*) >= {LEAST_SHARED} ORDER BY shared DESC, posting.sketch DESC LIMIT {2 * MOST_FOUND}"
    )
    return (
        f"SELECT sketch.uid, sketch.filled FROM ({likeliest}) AS likeliest"
        " JOIN sketch ON sketch.number = likeliest.sketch"
        f" ORDER BY likeliest.shared DESC, sketch.number DESC LIMIT {MOST_FOUND}"
    )


def _signed(hash_: int) -> int:
    """As 32 bits are kept in every database: in four bytes."""
    return hash_ - 2**32 if hash_ >= 2**31 else hash_
