"""Which articles stand in which section, how often sections changed; and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from storage.dialect import Backend
from storage.tables import article, placement, section, setting

if TYPE_CHECKING:
    from storage.dialect import Insert

PLACED_AMONG = (
    select(placement.c.uid).distinct().where(placement.c.uid.in_(bindparam("uids", expanding=True)))
)
UNPLACE = delete(placement).where(placement.c.uid == bindparam("of"))
PLACE = insert(placement)
REVISIONS = select(section.c.id, section.c.revision, section.c.published)
MARK_PUBLISHED = (
    update(section)
    .where(section.c.id == bindparam("of"), section.c.published < bindparam("upto"))
    .values(published=bindparam("upto"))
)
PLACED = select(article.c.uid, article.c.date, article.c.sections).where(
    article.c.uid.in_(bindparam("uids", expanding=True)), article.c.expired.is_(False)
)
SET_SECTIONS = update(article).where(article.c.uid == bindparam("of")).values(sections=bindparam("to"))
SETTING = select(setting.c.value).where(setting.c.key == bindparam("key"))


def bump_section(backend: Backend) -> Insert:
    return backend.insert(section).on_conflict_do_update(
        index_elements=[section.c.id], set_={"revision": section.c.revision + 1}
    )
