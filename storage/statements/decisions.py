"""What was decided about articles, in the order in which it was."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, insert, select

from storage.rows import DECISION_COLUMNS
from storage.tables import decision

DECISIONS = (
    select(*DECISION_COLUMNS).where(decision.c.uid == bindparam("uid")).order_by(decision.c.at, decision.c.id)
)
DECIDED = (
    select(*DECISION_COLUMNS)
    .where(decision.c.uid.in_(bindparam("uids", expanding=True)))
    .order_by(decision.c.at, decision.c.id)
)
INSERT_DECISION = insert(decision)


def _decided_after(condition: ColumnElement[bool]) -> Select[tuple[int, str]]:
    """Along the primary key: what was decided before costs nothing."""
    return (
        select(decision.c.id, decision.c.uid)
        .where(decision.c.id.between(bindparam("after") + 1, bindparam("upto")), condition)
        .order_by(decision.c.id)
        .limit(bindparam("limit", type_=Integer))
    )


ADDED = _decided_after(decision.c.verdict == "new")
UPDATED = _decided_after(decision.c.verdict != "new")
LAST_DECISION = select(func.coalesce(func.max(decision.c.id), 0))
