"""Stories: copies, kin, what was taken out by hand; and what all articles tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, select

from storage.dialect import Backend
from storage.rows import ARTICLE_COLUMNS
from storage.tables import apart, article, kin, learnt

if TYPE_CHECKING:
    from storage.dialect import Insert

COPIES = (
    select(*ARTICLE_COLUMNS)
    .where(article.c.copy_of.in_(bindparam("uids", expanding=True)))
    .order_by(article.c.date, article.c.uid)
)
KIN = (
    select(kin.c.uid, kin.c.other, kin.c.similarity)
    .where(kin.c.uid.in_(bindparam("uids", expanding=True)))
    .order_by(kin.c.similarity.desc(), kin.c.other)
)
_OWN_KIN = kin.alias()
#: Both ways round: what others are to these is found by what these are to others.
FORGET_KIN: Final = (
    delete(kin).where(
        kin.c.uid.in_(select(_OWN_KIN.c.other).where(_OWN_KIN.c.uid.in_(bindparam("uids", expanding=True)))),
        kin.c.other.in_(bindparam("uids", expanding=True)),
    ),
    delete(kin).where(kin.c.uid.in_(bindparam("uids", expanding=True))),
)
LEARNT = select(learnt.c.value).where(learnt.c.name == bindparam("name"))

_FIRST = article.alias("first")
COPY_COUNTS = (
    select(article.c.source.label("copying"), _FIRST.c.source.label("copied"), func.count().label("number"))
    .join(_FIRST, _FIRST.c.uid == article.c.copy_of)
    .where(article.c.copy_of.is_not(None), article.c.expired.is_(False))
    .group_by(article.c.source, _FIRST.c.source)
)

APART = (
    select(apart.c.at, apart.c.source, apart.c.story, apart.c.uid)
    .where(apart.c.story.in_(bindparam("stories", expanding=True)))
    .order_by(apart.c.story, apart.c.uid)
)
ANY_APART = select(select(apart.c.story).exists())
LET_JOIN = delete(apart).where(apart.c.source == bindparam("of"), apart.c.story == bindparam("in"))


def keep_apart(backend: Backend) -> Insert:
    return backend.insert(apart).on_conflict_do_nothing()
