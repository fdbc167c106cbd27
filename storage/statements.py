"""The SQL, named. All values are bound; what only one database understands comes from the backend."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Delete,
    Integer,
    Select,
    Table,
    Update,
    bindparam,
    case,
    delete,
    func,
    insert,
    null,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    update,
)

from storage import search
from storage.columns import Key, Moment
from storage.dialect import Backend
from storage.interface import CROWD
from storage.model import ArticleQuery, Health
from storage.rows import (
    ARTICLE_COLUMNS,
    CLAIM_COLUMNS,
    DECISION_COLUMNS,
    HUB_SUBSCRIPTION_COLUMNS,
    RECORD_COLUMNS,
    ROBOTS_COLUMNS,
    SUBSCRIPTION_COLUMNS,
)
from storage.tables import (
    apart,
    article,
    decision,
    hub_subscription,
    kin,
    learnt,
    note,
    placement,
    robots,
    section,
    setting,
    site_hold,
    source,
    subscription,
)

if TYPE_CHECKING:
    from storage.dialect import Insert

_T = TypeVar("_T")

#: Values in one IN list: far below every database's limit, and few enough sizes for the statement cache.
CHUNK: Final = 500


def chunks(values: Collection[_T]) -> Iterator[list[_T]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


# -- sources

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
    select(source.c.site, site_hold.c.until, site_hold.c.reason)
    .join_from(source, site_hold, source.c.site == site_hold.c.site, isouter=True)
    .where(*_HELD)
    .with_for_update(of=source)
)
#: The same of many claims, whose tokens are for the caller to compare.
ARE_HELD = (
    select(source.c.id, source.c.token, site_hold.c.until, site_hold.c.reason)
    .join_from(source, site_hold, source.c.site == site_hold.c.site, isouter=True)
    .where(_AMONG, source.c.owner.is_not(None))
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

# -- sites and notes

_SITE: Final[BindParameter[str]] = bindparam("site", type_=Key)
SITE_HOLD = select(site_hold.c.until, site_hold.c.reason).where(site_hold.c.site == _SITE)
SITE_HOLDS = select(site_hold.c.site, site_hold.c.until, site_hold.c.reason).where(
    site_hold.c.until > bindparam("now", type_=Moment)
)
#: Of a clock that was set back; ``by`` is in microseconds.
SHORTEN_HOLDS = (
    update(site_hold)
    .where(site_hold.c.until > bindparam("now", type_=Moment))
    .values({"until": type_coerce(site_hold.c.until, BigInteger) - bindparam("by", type_=BigInteger)})
)
FORGET_HOLDS = delete(site_hold).where(site_hold.c.until <= bindparam("now", type_=Moment))
BUSY_SOURCES = select(func.count()).where(
    source.c.site == _SITE,
    source.c.position.is_not(None),
    source.c.id != bindparam("besides"),
    source.c.last_status == 503,
    source.c.hold_until > bindparam("now", type_=Moment),
)
_UNTIL = bindparam("until", type_=Moment)
#: What storage.sites.put_off says, for every active source at a site.
PUT_OFF = (
    update(source)
    .where(source.c.site == bindparam("at"), source.c.position.is_not(None))
    .values(
        hold_until=case((source.c.hold_until > _UNTIL, source.c.hold_until), else_=_UNTIL),
        next_poll=case((source.c.next_poll < _UNTIL, _UNTIL), else_=source.c.next_poll),
        next_poll_reason=case(
            (source.c.next_poll < _UNTIL, bindparam("why")), else_=source.c.next_poll_reason
        ),
    )
)
NOTE = select(note.c.value).where(note.c.source == bindparam("source"), note.c.name == bindparam("name"))
DROP_NOTE = delete(note).where(note.c.source == bindparam("of"), note.c.name == bindparam("called"))
DROP_NOTES = delete(note).where(note.c.source == bindparam("of"))
ROBOTS = select(*ROBOTS_COLUMNS).where(robots.c.site == _SITE)
FORGET_ROBOTS = delete(robots).where(robots.c.expires < bindparam("before", type_=Moment))
FORGET_ROBOTS_OF_LATER = delete(robots).where(robots.c.at > bindparam("after", type_=Moment))
SUBSCRIPTIONS = select(*SUBSCRIPTION_COLUMNS).order_by(subscription.c.source, subscription.c.token)
SUBSCRIPTION = select(*SUBSCRIPTION_COLUMNS).where(subscription.c.token == bindparam("token"))
HUB_SUBSCRIPTIONS = select(*HUB_SUBSCRIPTION_COLUMNS).order_by(
    hub_subscription.c.callback, hub_subscription.c.topic
)
DROP_HUB_SUBSCRIPTION = delete(hub_subscription).where(
    hub_subscription.c.callback == bindparam("at"), hub_subscription.c.topic == bindparam("of")
)
DROP_SUBSCRIPTION = delete(subscription).where(subscription.c.token == bindparam("of"))


def put_hold(backend: Backend) -> Insert:
    """Insert, or lengthen what is there."""
    statement = backend.insert(site_hold)
    return statement.on_conflict_do_update(
        index_elements=[site_hold.c.site],
        set_={"until": statement.excluded.until, "reason": statement.excluded.reason},
        where=site_hold.c.until < statement.excluded.until,
    )


def keep_apart(backend: Backend) -> Insert:
    return backend.insert(apart).on_conflict_do_nothing()


def replace_row(backend: Backend, table: Table) -> Insert:
    """Insert a row, or replace the one with its key."""
    statement = backend.insert(table)
    replaced = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=replaced)


# -- articles

_OLDEST_FIRST = (article.c.first_seen, article.c.uid)
ONE_ARTICLE = select(*ARTICLE_COLUMNS).where(article.c.uid == bindparam("uid"))
BY_UID = select(*ARTICLE_COLUMNS).where(article.c.uid.in_(bindparam("uids", expanding=True)))
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
_FIRST = article.alias("first")
COPY_COUNTS = (
    select(article.c.source.label("copying"), _FIRST.c.source.label("copied"), func.count().label("number"))
    .join(_FIRST, _FIRST.c.uid == article.c.copy_of)
    .where(article.c.copy_of.is_not(None), article.c.expired.is_(False))
    .group_by(article.c.source, _FIRST.c.source)
)
KNOWN_URLS = select(article.c.canonical_url).where(
    article.c.canonical_url.in_(bindparam("urls", expanding=True)), article.c.source == bindparam("source")
)
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
PLACED_AMONG = (
    select(placement.c.uid).distinct().where(placement.c.uid.in_(bindparam("uids", expanding=True)))
)
APART = (
    select(apart.c.at, apart.c.source, apart.c.story, apart.c.uid)
    .where(apart.c.story.in_(bindparam("stories", expanding=True)))
    .order_by(apart.c.story, apart.c.uid)
)
LET_JOIN = delete(apart).where(apart.c.source == bindparam("of"), apart.c.story == bindparam("in"))
UNPLACE = delete(placement).where(placement.c.uid == bindparam("of"))
PLACE = insert(placement)


def same_identity(
    of_source: str, guids: Collection[str], canonical_urls: Collection[str], text_hashes: Collection[str]
) -> Iterator[Select[Any]]:
    """As few statements as the chunks allow: one, mostly. An article may come out of several."""
    given = [sorted({value for value in values if value}) for values in (guids, canonical_urls, text_hashes)]
    for in_guids, in_urls, in_hashes in zip_longest(*(chunks(values) for values in given), fillvalue=()):
        shared: list[ColumnElement[bool]] = []
        if in_guids:
            shared.append((article.c.source == of_source) & article.c.guid.in_(in_guids))
        if in_urls:
            shared.append(article.c.canonical_url.in_(in_urls))
        if in_hashes:
            shared.append(article.c.text_hash.in_(in_hashes))
        yield select(*ARTICLE_COLUMNS).where(or_(*shared))


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


def _filters(
    query: ArticleQuery, backend: Backend, date: ColumnElement[Any]
) -> Iterator[ColumnElement[bool]]:
    if query.source is not None:
        yield article.c.source == query.source
    if query.story is not None:
        yield article.c.story == query.story
    if query.since is not None:
        yield date >= query.since
    if not query.copies:
        yield article.c.copy_of.is_(None)
    for word in search.words(query.search):
        yield or_(backend.occurs(article.c.search_head, word), backend.occurs(article.c.search_body, word))


# -- sections and settings

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


# -- upkeep; ``before`` is a moment, ``after`` (a moment and a uid) where the last batch ended

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
