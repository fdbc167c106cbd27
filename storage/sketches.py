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

from storage.bulk import Bulk
from storage.columns import Moment
from storage.dialect import Backend
from storage.postings import MOST_BEARERS, MOST_FOUND, bearers_of, likeliest
from storage.tables import posting, sketch

#: Hashes asked for in one statement: most texts have fewer, and no more shapes of it than these are prepared.
_SHAPES: Final = (8, 16, 24, 32, 40, 64)
#: The whole table is gone through in so many transactions.
_PASSES: Final = 256

_INSERT_POSTING = insert(posting)
_INSERT_SKETCH = insert(sketch).returning(sketch.c.number)
_FORGET = delete(sketch).where(sketch.c.uid == bindparam("of"))
FORGET_THESE = delete(sketch).where(sketch.c.uid.in_(bindparam("uids", expanding=True)))
_FILLED = select(sketch.c.uid, sketch.c.filled).where(sketch.c.uid.in_(bindparam("uids", expanding=True)))
_NAMED = select(sketch.c.number, sketch.c.uid, sketch.c.filled).where(
    sketch.c.number.in_(bindparam("numbers", expanding=True))
)
_FORGET_OLD = delete(sketch).where(sketch.c.at < bindparam("before", type_=Moment))
_FIRST_LEFT = select(func.min(sketch.c.number))
_SWEEP = delete(posting).where(
    posting.c.hash.between(bindparam("low", type_=Integer), bindparam("high", type_=Integer)),
    posting.c.sketch < bindparam("first", type_=BigInteger),
)


class SketchWriting:
    """What reads and writes postings in a database's own words, built once."""

    def __init__(self, dialect: Dialect) -> None:
        self.post = Bulk(_INSERT_POSTING, ("hash", "sketch"), dialect)
        mark = "?" if dialect.paramstyle == "qmark" else "%s"
        self.sharing = {shape: _statement(shape, mark) for shape in _SHAPES}


class SqlSketches:
    """Implements ``Sketches`` on a connection."""

    def __init__(self, connection: Connection, writing: SketchWriting) -> None:
        self._connection = connection
        self._writing = writing

    def add(self, uid: str, hashes: Collection[int], *, at: datetime, filled: int = 0) -> None:
        # Under a new number: the postings of the old one find nothing from now on, and go by their age.
        self._connection.execute(_FORGET, {"of": uid})
        number = self._connection.execute(
            _INSERT_SKETCH, {"uid": uid, "at": at, "filled": filled}
        ).scalar_one()
        self._writing.post.run(self._connection, [(_signed(one), number) for one in sorted(set(hashes))])

    def sharing(self, hashes: Collection[int]) -> dict[str, int]:
        rows: list[Sequence[int]] = []
        for shape, values in _asked(sorted(set(hashes))):
            rows += self._connection.exec_driver_sql(self._writing.sharing[shape], values).all()
        # Twice as many as are wanted: some may be forgotten.
        numbers = likeliest(bearers_of(rows).values(), 2 * MOST_FOUND)
        if not numbers:
            return {}
        named = {row.number: row for row in self._connection.execute(_NAMED, {"numbers": numbers})}
        found = [named[number] for number in numbers if number in named]
        return {row.uid: row.filled for row in found[:MOST_FOUND]}

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


def _asked(hashes: Sequence[int]) -> Iterator[tuple[int, tuple[int | None, ...]]]:
    """Shapes of statements, and their values: each hash twice."""
    for start in range(0, len(hashes), _SHAPES[-1]):
        part = hashes[start : start + _SHAPES[-1]]
        shape = next(size for size in _SHAPES if size >= len(part))
        filled = (*map(_signed, part), *(None for _ in range(shape - len(part))))  # nothing has no hash
        yield shape, tuple(value for one in filled for value in (one, one))


def _statement(shape: int, mark: str) -> str:
    """The bearers of each hash that has not too many of them; in one statement, along the key.

    They are counted in the database: the bearers of a hash that all reports of a source share would be four hundred
    rows for nothing, and there may be thirty such hashes in a text.
    """
    some = f"SELECT 1 FROM posting WHERE hash = {mark} LIMIT {MOST_BEARERS + 1}"
    return " UNION ALL ".join(
        f"SELECT hash, sketch FROM posting WHERE hash = {mark}"
        f" AND (SELECT count(*) FROM ({some}) AS s{at}) <= {MOST_BEARERS}"
        for at in range(shape)
    )


def _signed(hash_: int) -> int:
    """As 32 bits are kept in every database: in four bytes."""
    return hash_ - 2**32 if hash_ >= 2**31 else hash_
