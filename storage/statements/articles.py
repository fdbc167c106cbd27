"""Articles: one, many, those that share an identity, and what people list and search."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
    tuple_,
)

from storage import search
from storage.columns import Key, Moment
from storage.dialect import Backend
from storage.model import ArticleQuery
from storage.rows import ARTICLE_COLUMNS
from storage.statements.common import chunks
from storage.tables import article, placement
from storage.transactions import CROWD

_OLDEST_FIRST = (article.c.first_seen, article.c.uid)
ONE_ARTICLE = select(*ARTICLE_COLUMNS).where(article.c.uid == bindparam("uid"))

EVERYTHING = (
    select(*ARTICLE_COLUMNS)
    .where(article.c.uid > bindparam("after"))
    .order_by(article.c.uid)
    .limit(bindparam("limit", type_=Integer))
)
ARRIVED = (
    select(*ARTICLE_COLUMNS)
    .join(placement, placement.c.uid == article.c.uid)
    .where(
        placement.c.section == bindparam("section"),
        article.c.copy_of.is_(None),
        article.c.expired.is_(False),
        article.c.first_seen < bindparam("before", type_=Moment),
        tuple_(article.c.first_seen, article.c.uid)
        > tuple_(bindparam("after", type_=Moment), bindparam("after_uid", type_=Key)),
    )
    .order_by(*_OLDEST_FIRST)
    .limit(bindparam("limit", type_=Integer))
)

_LATEST = (
    select(article.c.uid, article.c.first_seen)
    .where(article.c.expired.is_(False), article.c.copy_of.is_(None))
    .order_by(article.c.first_seen.desc(), article.c.uid.desc())
    .limit(bindparam("limit", type_=Integer))
    .subquery()
)
LATEST = (
    select(placement.c.section, _LATEST.c.uid)
    .join(_LATEST, _LATEST.c.uid == placement.c.uid)
    .order_by(_LATEST.c.first_seen.desc(), _LATEST.c.uid.desc(), placement.c.section)
)

KNOWN_URLS = select(article.c.canonical_url).where(
    article.c.canonical_url.in_(bindparam("urls", expanding=True)), article.c.source == bindparam("source")
)


def among(uids: Sequence[Any]) -> Select[Any]:
    return select(*ARTICLE_COLUMNS).where(article.c.uid.in_(uids))


def sharing(
    sources: Sequence[Any], guids: Sequence[Any], canonical_urls: Sequence[Any], text_hashes: Sequence[Any]
) -> Select[Any]:
    """Articles that share an identity: a guid within these sources, an address or a text anywhere."""
    shared: list[ColumnElement[bool]] = []
    if guids:
        shared.append(article.c.source.in_(sources) & article.c.guid.in_(guids))
    if canonical_urls:
        shared.append(article.c.canonical_url.in_(canonical_urls))
    if text_hashes:
        shared.append(article.c.text_hash.in_(text_hashes))
    return select(*ARTICLE_COLUMNS).where(or_(*shared))


def sharing_one_more_than_a_crowd(*lists: Sequence[Any]) -> Select[Any]:
    return sharing(*lists).limit(CROWD + 1)


def identities(*lists: Collection[str]) -> Iterator[tuple[list[str], ...]]:
    """As few portions as the chunks allow: one, mostly. An article may be found by several."""
    given = [chunks(sorted({value for value in values if value})) for values in lists]
    for portion in zip_longest(*given):
        yield tuple(some or [] for some in portion)


def crowded(column: ColumnElement[str], values: Collection[str]) -> Iterator[Select[Any]]:
    """The values that more articles than a crowd has share."""
    for chunk in chunks(sorted({value for value in values if value})):
        yield select(column).where(column.in_(chunk)).group_by(column).having(func.count() > CROWD)


def of_crowd(of_source: str, column: ColumnElement[str], value: str) -> tuple[Select[Any], Select[Any]]:
    """What stands for a crowd: its articles of this source, and the earliest of all."""
    sharing = select(*ARTICLE_COLUMNS).where(column == value)
    earliest = sharing.where(article.c.expired.is_(False)).order_by(*_OLDEST_FIRST).limit(CROWD)
    return sharing.where(article.c.source == of_source), earliest


def at_address(url: str, canonical_url: str) -> Select[Any] | None:
    named = [column == value for column, value in _addresses(url, canonical_url) if value]
    if not named:
        return None
    printed_first = case((article.c.copy_of.is_(None), 0), else_=1)
    return select(*ARTICLE_COLUMNS).where(or_(*named)).order_by(printed_first, *_OLDEST_FIRST)


def _addresses(url: str, canonical_url: str) -> Sequence[tuple[ColumnElement[str], str]]:
    return ((article.c.url, url), (article.c.canonical_url, canonical_url))


def listing(query: ArticleQuery, backend: Backend) -> Select[Any]:
    """Newest first, along the index of what is asked for."""
    statement = select(*ARTICLE_COLUMNS).where(article.c.expired.is_(False))
    date: ColumnElement[Any] = article.c.date
    uid: ColumnElement[str] = article.c.uid
    if query.section is not None:
        date, uid = placement.c.date, placement.c.uid
        statement = statement.join_from(placement, article, placement.c.uid == article.c.uid)
        statement = statement.where(placement.c.section == query.section)
    for clause in _filters(query, backend, date):
        statement = statement.where(clause)
    return statement.order_by(date.desc(), uid).limit(query.limit).offset(query.offset or None)


def _of_story(story: str) -> ColumnElement[bool]:
    """Its first article, which the index of stories leaves out, or the others."""
    same = article.c.story == story
    return or_(same & (article.c.uid == story), same & (article.c.story != article.c.uid))


def _filters(
    query: ArticleQuery, backend: Backend, date: ColumnElement[Any]
) -> Iterator[ColumnElement[bool]]:
    if query.source is not None:
        yield article.c.source == query.source
    if query.story is not None:
        yield _of_story(query.story)
    if query.since is not None:
        yield date >= query.since
    if not query.copies:
        yield article.c.copy_of.is_(None)
    for word in search.words(query.search):
        yield or_(backend.occurs(article.c.search_head, word), backend.occurs(article.c.search_body, word))
