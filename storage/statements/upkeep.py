"""Retention, and what is counted again.

``before`` is a moment, ``after`` (a moment and a uid) where the last batch ended.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Delete, Update, bindparam, delete, func, or_, select, tuple_, update

from storage.columns import Key, Moment
from storage.statements.common import CHUNK
from storage.tables import article, decision, placement, source

_AGE = (article.c.first_seen, article.c.uid)
_AGED = (
    select(article.c.uid, article.c.first_seen, article.c.source, article.c.sections)
    .where(
        article.c.expired.is_(False),
        article.c.first_seen < bindparam("before", type_=Moment),
        tuple_(*_AGE) > tuple_(bindparam("after", type_=Moment), bindparam("after_uid", type_=Key)),
    )
    .order_by(*_AGE)
    .limit(CHUNK)
)
#: Articles that have been here long, and those of them that have a body still; in batches.
OUTLIVED: Final = _AGED
LONG_READ: Final = _AGED.where(or_(article.c.text != "", article.c.html != ""))
_THESE = article.c.uid.in_(bindparam("uids", expanding=True))
UNPLACE_THESE: Delete = delete(placement).where(placement.c.uid.in_(bindparam("uids", expanding=True)))
FORGET_DECISIONS: Delete = delete(decision).where(decision.c.uid.in_(bindparam("uids", expanding=True)))
#: What storage.changes.identity_of says, for many at once.
REDUCE: Update = (
    update(article)
    .where(_THESE)
    .values(
        dict.fromkeys(("title", "summary", "html", "text", "search_head", "search_body"), "")
        | dict.fromkeys(("sections", "authors", "breadcrumb", "labels", "tags", "enclosures"), ())
        | dict.fromkeys(("updated", "language", "image", "site", "origin"))
        | {"expired": True}
    )
)
EMPTY_BODIES: Update = update(article).where(_THESE).values(html="", text="", search_body="")
MISCOUNTED = (
    select(source.c.id, source.c.articles, func.count(article.c.uid))
    .join_from(
        source, article, (article.c.source == source.c.id) & article.c.expired.is_(False), isouter=True
    )
    .group_by(source.c.id, source.c.articles)
    .having(source.c.articles != func.count(article.c.uid))
)
