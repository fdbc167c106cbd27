"""What articles mean, in SQL: the vectors of their sentences, and the codes by which the like of them are found."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select

from storage.columns import Moment
from storage.dialect import Backend
from storage.model import Code, Meaning
from storage.tables import meaning

#: So many are forgotten in one transaction.
_BATCH: Final = 500

_COLUMNS = (
    meaning.c.uid,
    meaning.c.encoder,
    meaning.c.date,
    meaning.c.check,
    meaning.c.code,
    meaning.c.packed,
)
_INSERT = insert(meaning)
FORGET_THESE = delete(meaning).where(meaning.c.uid.in_(bindparam("uids", expanding=True)))
_THESE = select(*_COLUMNS).where(meaning.c.uid.in_(bindparam("uids", expanding=True)))
_CODES = (
    select(meaning.c.number, meaning.c.uid, meaning.c.date, meaning.c.code)
    .where(meaning.c.number > bindparam("after", type_=BigInteger), meaning.c.encoder == bindparam("by"))
    .order_by(meaning.c.number)
)
_OLD = (
    select(meaning.c.number)
    .where(meaning.c.date < bindparam("before", type_=Moment))
    .order_by(meaning.c.date)
    .limit(_BATCH)
)
_FORGET_OLD = delete(meaning).where(meaning.c.number.in_(bindparam("numbers", expanding=True)))


class SqlMeanings:
    """Implements ``Meanings`` on a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, kept: Meaning) -> None:
        # Under a new number, so that whoever follows the codes sees the new one.
        self._connection.execute(FORGET_THESE, {"uids": [kept.uid]})
        self._connection.execute(
            _INSERT,
            {
                "uid": kept.uid,
                "encoder": kept.encoder,
                "date": kept.date,
                "check": kept.check,
                "code": kept.code,
                "packed": kept.packed,
            },
        )

    def get(self, uids: Collection[str]) -> dict[str, Meaning]:
        if not uids:
            return {}
        rows = self._connection.execute(_THESE, {"uids": list(uids)})
        return {row.uid: Meaning(**row._mapping) for row in rows}


def codes(backend: Backend, encoder: str, after: int) -> Sequence[Code]:
    with backend.read() as connection:
        rows = connection.execute(_CODES, {"by": encoder, "after": after}).all()
    return [Code(number=row.number, uid=row.uid, date=row.date, code=row.code) for row in rows]


def expire(backend: Backend, before: datetime) -> int:
    """Batch by batch."""
    forgotten = 0
    while True:
        with backend.write() as connection:
            numbers = connection.execute(_OLD, {"before": before}).scalars().all()
            if numbers:
                connection.execute(_FORGET_OLD, {"numbers": numbers})
        forgotten += len(numbers)
        if len(numbers) < _BATCH:
            return forgotten
