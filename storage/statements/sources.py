"""Sources on record: how they are read, configured anew and given another name."""

from __future__ import annotations

from sqlalchemy import Delete, Update, bindparam, delete, func, insert, null, select, update

from storage.rows import RECORD_COLUMNS
from storage.tables import apart, article, decision, note, source, subscription

ALL_SOURCES = select(*RECORD_COLUMNS, source.c.position).order_by(source.c.position, source.c.id)
ACTIVE_SOURCES = select(*RECORD_COLUMNS).where(source.c.position.is_not(None)).order_by(source.c.position)
ONE_SOURCE = select(*RECORD_COLUMNS).where(source.c.id == bindparam("id"))
SOURCES_AT = ACTIVE_SOURCES.where(source.c.url == bindparam("url"))
COUNT_ARTICLES = (
    select(func.count())
    .select_from(article)
    .where(article.c.source == bindparam("source"), article.c.expired.is_(False))
)
ADD_TO_COUNT = (
    update(source)
    .where(source.c.id == bindparam("of"))
    .values(articles=source.c.articles + bindparam("more"))
)
INSERT_SOURCE = insert(source)
#: For execution with record_values plus ``of`` and ``position``: everything but the claim and the count.
REWRITE_SOURCE = update(source).where(source.c.id == bindparam("of"))
#: The same of a source that stays where it is, with ``rows.record_finished``; its claim ends.
FINISH_SOURCE = REWRITE_SOURCE.values(owner=null(), lease_until=null())
RETIRE_SOURCE = (
    update(source).where(source.c.id == bindparam("of")).values(position=None, owner=None, lease_until=None)
)
#: A source under another id: a new row, then all that names the old one, then the old row goes.
RENAMED: tuple[Update, ...] = tuple(
    update(table).where(table.c.source == bindparam("old")).values(source=bindparam("new"))
    for table in (note, subscription, article, decision, apart)
)
WHOLE_SOURCE = select(source).where(source.c.id == bindparam("old"))
DROP_SOURCE: Delete = delete(source).where(source.c.id == bindparam("old"))
#: Of processes that are no more; the tokens stay, and fence them off should one be wrong about that.
END_ALL_CLAIMS = update(source).where(source.c.lease_until.is_not(None)).values(owner=None, lease_until=None)
END_CLAIM = update(source).where(source.c.id == bindparam("of")).values(owner=None, lease_until=None)
