"""Values to rows and back. A column is named like the field it holds; what differs is said here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Row, literal_column

from storage import model, prepared, search
from storage.model import (
    ARTICLE_FIELDS,
    Article,
    Claim,
    Decision,
    Health,
    HubSubscription,
    RobotsRecord,
    SourceRecord,
    Subscription,
    Validators,
)
from storage.sites import Hold, site_of
from storage.tables import article, decision, hub_subscription, robots, site_hold, source, subscription

_DECISION_FIELDS = tuple(field.name for field in fields(Decision))
_PLAIN_RECORD_FIELDS = tuple(
    field.name for field in fields(SourceRecord) if field.name not in ("health", "validators", "articles")
)

#: What the end of a poll writes where the source stays at its address: what stands in an index and is what it was is
#: left out, for it would be written anew.
RECORD_FINISHED = (
    *(name for name in _PLAIN_RECORD_FIELDS if name not in ("id", "url")),
    "health",
    "etag",
    "last_modified",
    "of",
)
ARTICLE_WRITTEN = (*ARTICLE_FIELDS, "date", "search_head", "search_body")
PLACEMENT_WRITTEN = ("uid", "section", "date")
DECISION_WRITTEN = _DECISION_FIELDS
#: A record's values, in the order of ``RECORD_FINISHED``.
record_finished: Callable[[SourceRecord], prepared.Row] = attrgetter(
    *RECORD_FINISHED[:-4], "health.value", "validators.etag", "validators.last_modified", "id"
)
#: A decision's values, in the order of ``DECISION_WRITTEN``.
decision_values: Callable[[Decision], prepared.Row] = attrgetter(*_DECISION_FIELDS)

ARTICLE_COLUMNS = tuple(article.c[name] for name in ARTICLE_FIELDS)
DECISION_COLUMNS = tuple(decision.c[name] for name in _DECISION_FIELDS)
RECORD_COLUMNS = (
    *(source.c[name] for name in _PLAIN_RECORD_FIELDS),
    source.c.health,
    source.c.articles,
    source.c.etag,
    source.c.last_modified,
)
ROBOTS_COLUMNS = tuple(robots.c[field.name] for field in fields(RobotsRecord))
SUBSCRIPTION_COLUMNS = tuple(subscription.c[field.name] for field in fields(Subscription))
HUB_SUBSCRIPTION_COLUMNS = tuple(hub_subscription.c[field.name] for field in fields(HubSubscription))
# In words of its own: SQLAlchemy leaves the table's name out of RETURNING, where "url" would be the other's.
_SHARED: ColumnElement[bool] = literal_column(
    "EXISTS (SELECT 1 FROM source AS other"
    " WHERE other.url = source.url AND other.id <> source.id AND other.position IS NOT NULL)",
    Boolean,
)
#: What is looked at before a poll is written.
HELD_COLUMNS = (source.c.id, source.c.token, source.c.site, site_hold.c.until, site_hold.c.reason)
CLAIM_COLUMNS = (
    *RECORD_COLUMNS,
    source.c.token,
    source.c.owner,
    source.c.lease_until,
    _SHARED.label("shared"),
)

Values = dict[str, Any]


def article_values(one: Article) -> prepared.Row:
    """In the order of ``ARTICLE_WRITTEN``."""
    return (*model.article_values(one), one.date, search.head(one), search.body(one))


article_of: Callable[[Sequence[Any]], Article] = model.article_from


def placement_values(one: Article) -> list[prepared.Row]:
    """An expired article stands in no section. In the order of ``PLACEMENT_WRITTEN``."""
    if one.expired:
        return []
    return [(one.uid, section, one.date) for section in dict.fromkeys(one.sections)]


def decision_of(row: Row[Any]) -> Decision:
    return Decision(**row._mapping)


def record_values(record: SourceRecord) -> Values:
    """Without the number of articles: the store counts them."""
    values: Values = {name: getattr(record, name) for name in _PLAIN_RECORD_FIELDS}
    values["site"] = site_of(record.url)
    values["health"] = record.health.value
    values["etag"] = record.validators.etag
    values["last_modified"] = record.validators.last_modified
    return values


def record_of(row: Row[Any]) -> SourceRecord:
    values = row._mapping
    return SourceRecord(
        **{name: values[name] for name in _PLAIN_RECORD_FIELDS},
        health=Health(values["health"]),
        validators=Validators(etag=values["etag"], last_modified=values["last_modified"]),
        articles=values["articles"],
    )


def hold_of(row: Sequence[Any] | None) -> Hold | None:
    """Of a row that ends in until when and why."""
    return None if row is None or row[-2] is None else (row[-2], row[-1])


def robots_of(row: Row[Any]) -> RobotsRecord:
    return RobotsRecord(**row._mapping)


def subscription_of(row: Row[Any]) -> Subscription:
    return Subscription(**row._mapping)


def hub_subscription_of(row: Row[Any]) -> HubSubscription:
    return HubSubscription(**row._mapping)


def claim_of(row: Row[Any]) -> Claim:
    values = row._mapping
    return Claim(
        source=record_of(row),
        token=values["token"],
        owner=values["owner"],
        lease_until=values["lease_until"],
        shared=bool(values["shared"]),
    )
