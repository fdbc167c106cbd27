"""The due-queue: which sources are due and free, and who has claimed them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Integer, Select, bindparam, or_, select, true, type_coerce, update

from storage.columns import Moment
from storage.model import Health
from storage.rows import CLAIM_COLUMNS, HELD_COLUMNS
from storage.tables import site_hold, source

_POLLABLE = (source.c.position.is_not(None), source.c.health.not_in((Health.GONE.value, Health.PAUSED.value)))
_FREE = or_(source.c.lease_until.is_(None), source.c.lease_until <= bindparam("now", type_=Moment))


def _due(*, early: bool) -> Select[Any]:
    now = bindparam("now", type_=Moment)
    due = true() if early else source.c.next_poll <= now
    return (
        select(source.c.id, source.c.next_poll)
        .where(
            *_POLLABLE,
            due,
            or_(source.c.hold_until.is_(None), source.c.hold_until <= now),
            _FREE,
            source.c.id.not_in(bindparam("without", expanding=True)),
            source.c.site.not_in(bindparam("crowded", expanding=True)),
        )
        .order_by(source.c.next_poll, source.c.id)
        .limit(bindparam("limit", type_=Integer))
        # SQLite leaves this out: there, the transaction is the only writer.
        .with_for_update(skip_locked=True)
    )


_AMONG = source.c.id.in_(bindparam("ids", expanding=True))
#: Due and free sources, the longest overdue first; by (early, only these ids).
DUE: Final = {
    (early, named): _due(early=early).where(_AMONG) if named else _due(early=early)
    for early in (False, True)
    for named in (False, True)
}
_TAKEN = update(source).values(
    token=source.c.token + 1, owner=bindparam("owner_"), lease_until=bindparam("until", type_=Moment)
)
CLAIM = _TAKEN.where(_AMONG).returning(*CLAIM_COLUMNS)

#: One source, whatever its due time and its hold.
CLAIM_ONE = _TAKEN.where(
    source.c.id == bindparam("of"),
    *_POLLABLE,
    _FREE,
).returning(*CLAIM_COLUMNS)

_HELD = (source.c.id == bindparam("of"), source.c.token == bindparam("fence"), source.c.owner.is_not(None))
#: The fence before a poll is written: with what its site asked for, which costs less than asking apart.
IS_HELD = (
    select(*HELD_COLUMNS)
    .join_from(source, site_hold, source.c.site == site_hold.c.site, isouter=True)
    .where(*_HELD)
    .with_for_update(of=source)
)
RENEW = update(source).where(*_HELD).values(lease_until=bindparam("until", type_=Moment))
RELEASE = update(source).where(*_HELD).values(owner=None, lease_until=None)
#: ``by`` is in microseconds; what is not set stays so.
SET_BACK = (
    update(source)
    .where(source.c.id == bindparam("of"))
    .values(
        {
            name: type_coerce(source.c[name], BigInteger) - bindparam("by", type_=BigInteger)
            for name in ("next_poll", "last_poll", "hold_until", "lease_until")
        }
    )
)

SET_FORWARD = (
    update(source)
    .where(source.c.id == bindparam("of"))
    .values(next_poll=bindparam("at", type_=Moment), hold_until=bindparam("until", type_=Moment))
)


def are_held(ids: Sequence[Any]) -> Select[Any]:
    """The same of many claims, whose tokens are for the caller to compare."""
    return (
        select(*HELD_COLUMNS)
        .join_from(source, site_hold, source.c.site == site_hold.c.site, isouter=True)
        .where(source.c.id.in_(ids), source.c.owner.is_not(None))
        .with_for_update(of=source)
    )
