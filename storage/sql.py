"""The store in a SQL database. The SQL stands in statements.py, what databases differ in, in dialect.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select

from storage import meanings, seeding, sketches, statements, tables
from storage.clocks import TOLERANCE, ahead, carried_on
from storage.columns import EPOCH
from storage.dialect import Backend
from storage.fencing import check_ends, lost
from storage.model import (
    Article,
    ArticleQuery,
    Claim,
    Code,
    Decision,
    HubSubscription,
    Kin,
    RobotsRecord,
    SectionRevision,
    SourceRecord,
    SourceSeed,
    Subscription,
)
from storage.retention import Retention
from storage.rows import (
    Values,
    article_of,
    claim_of,
    decision_of,
    hold_of,
    hub_subscription_of,
    record_of,
    record_values,
    robots_of,
    subscription_of,
)
from storage.sites import ROBOTS_KEPT, Hold, finished, site_of
from storage.unit import SqlHand, SqlUnit, Writing

_MICROSECOND = timedelta(microseconds=1)
#: Under this setting stands the number of changes by hand.
EDITS = "edits"


class SqlStore:
    """Implements ``ArticleStore``."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._writing = Writing(backend)
        self._put_setting = statements.replace_row(backend, tables.setting)
        self._put_robots = statements.replace_row(backend, tables.robots)
        self._put_subscription = statements.replace_row(backend, tables.subscription)
        self._put_hub_subscription = statements.replace_row(backend, tables.hub_subscription)
        if backend.alone:
            with backend.write() as connection:
                connection.execute(statements.END_ALL_CLAIMS)

    # -- sources and their due-queue

    def sync_sources(self, seeds: Sequence[SourceSeed], now: datetime) -> None:
        configured = seeding.by_id(seeds)
        with self._backend.write() as connection:
            known = _renamed(connection, configured)
            retired = [
                {"of": row.id}
                for row in known.values()
                if row.id not in configured and row.position is not None
            ]
            if retired:
                connection.execute(statements.RETIRE_SOURCE, retired)
                connection.execute(statements.DROP_NOTES, retired)
            connection.execute(statements.FORGET_HOLDS, {"now": now})
            holds = _holds(connection, now)
            for position, seed in enumerate(configured.values()):
                hold = holds.get(site_of(seed.url))
                _seed(connection, known.get(seed.id), seed, position, now, hold)

    def sources(self) -> list[SourceRecord]:
        with self._backend.read() as connection:
            return [record_of(row) for row in connection.execute(statements.ACTIVE_SOURCES)]

    def source(self, source_id: str) -> SourceRecord | None:
        with self._backend.read() as connection:
            row = connection.execute(statements.ONE_SOURCE, {"id": source_id}).first()
        return record_of(row) if row else None

    def sources_at(self, url: str) -> list[SourceRecord]:
        with self._backend.read() as connection:
            return [record_of(row) for row in connection.execute(statements.SOURCES_AT, {"url": url})]

    def claim_due(
        self,
        *,
        now: datetime,
        limit: int,
        lease: timedelta,
        owner: str,
        early: bool = False,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
        crowded: Collection[str] = (),
    ) -> list[Claim]:
        if limit <= 0:
            return []
        with self._backend.write(serial=False) as connection:
            values = {"now": now, "limit": limit, "without": sorted(without), "crowded": sorted(crowded)}
            due = _due(connection, values, early=early, only=only)
            claims: list[Claim] = []
            for ids in statements.chunks(due):
                claimed = {"ids": ids, "owner_": owner, "until": now + lease}
                claims += [claim_of(row) for row in connection.execute(statements.CLAIM, claimed)]
        return sorted(claims, key=lambda claim: (claim.source.next_poll, claim.source.id))

    def claim(self, source_id: str, *, now: datetime, lease: timedelta, owner: str) -> Claim | None:
        values = {"of": source_id, "now": now, "until": now + lease, "owner_": owner}
        with self._backend.write(serial=False) as connection:
            row = connection.execute(statements.CLAIM_ONE, values).first()
        return claim_of(row) if row else None

    def renew(self, claim: Claim, *, now: datetime, lease: timedelta) -> Claim:
        renewed = replace(claim, lease_until=now + lease)
        with self._backend.write(serial=False) as connection:
            if not connection.execute(
                statements.RENEW, _fence(claim) | {"until": renewed.lease_until}
            ).rowcount:
                raise lost(claim)
        return renewed

    def set_back(self, now: datetime, *, by: timedelta | None = None) -> int:
        with self._backend.write() as connection:
            records = [record_of(row) for row in connection.execute(statements.ACTIVE_SOURCES)]
            leads = [(record.id, ahead(record, now, by)) for record in records]
            moved = [{"of": name, "by": lead // _MICROSECOND} for name, lead in leads if lead]
            if moved:
                connection.execute(statements.SET_BACK, moved)
            lead = by or max((lead for _, lead in leads), default=timedelta())
            connection.execute(statements.SHORTEN_HOLDS, {"now": now, "by": lead // _MICROSECOND})
            connection.execute(statements.FORGET_ROBOTS_OF_LATER, {"after": now + TOLERANCE})
        return len(moved)

    def set_forward(self, before: datetime, now: datetime) -> int:
        with self._backend.write() as connection:
            records = [record_of(row) for row in connection.execute(statements.ACTIVE_SOURCES)]
            moved = [
                {"of": record.id, "at": carried.next_poll, "until": carried.hold_until}
                for record in records
                if (carried := carried_on(record, before, now)) is not record
            ]
            if moved:
                connection.execute(statements.SET_FORWARD, moved)
        return len(moved)

    def release(self, claim: Claim) -> None:
        with self._backend.write(serial=False) as connection:
            connection.execute(statements.RELEASE, _fence(claim))

    @contextmanager
    def poll(self, claim: Claim) -> Iterator[SqlUnit]:
        with self._backend.write() as connection:
            held = connection.execute(statements.IS_HELD, _fence(claim)).first()
            if held is None:
                raise lost(claim)
            unit = SqlUnit(connection, self._writing, claim, {held.site: hold_of(held)})
            try:
                yield unit
            finally:
                unit.close()

    def finish(self, ended: Sequence[tuple[Claim, SourceRecord]]) -> set[str]:
        for claim, record in ended:
            check_ends(claim, record)
        with self._backend.write() as connection:
            held = _held(connection, [claim for claim, _ in ended])
            left = [
                (claim, finished(record, _hold_after(connection, claim, record, held[record.id])))
                for claim, record in ended
                if record.id in held
            ]
            self._writing.finish(connection, left)
        return {record.id for _, record in ended} - held.keys()

    def site_hold(self, site: str, now: datetime) -> Hold | None:
        with self._backend.read() as connection:
            hold = hold_of(connection.execute(statements.SITE_HOLD, {"site": site}).first())
        return hold if hold and hold[0] > now else None

    def site_holds(self, now: datetime) -> dict[str, Hold]:
        with self._backend.read() as connection:
            return _holds(connection, now)

    # -- what belongs to a source or its site

    def note(self, source_id: str, name: str) -> bytes | None:
        with self._backend.read() as connection:
            return connection.execute(statements.NOTE, {"source": source_id, "name": name}).scalar()

    def robots(self, site: str) -> RobotsRecord | None:
        with self._backend.read() as connection:
            row = connection.execute(statements.ROBOTS, {"site": site}).first()
        return robots_of(row) if row else None

    def keep_robots(self, record: RobotsRecord) -> None:
        with self._backend.write() as connection:
            connection.execute(statements.FORGET_ROBOTS, {"before": record.at - ROBOTS_KEPT})
            connection.execute(self._put_robots, asdict(record))

    def subscriptions(self) -> list[Subscription]:
        with self._backend.read() as connection:
            return [subscription_of(row) for row in connection.execute(statements.SUBSCRIPTIONS)]

    def subscription(self, token: str) -> Subscription | None:
        with self._backend.read() as connection:
            row = connection.execute(statements.SUBSCRIPTION, {"token": token}).first()
        return subscription_of(row) if row else None

    def keep_subscription(self, subscription: Subscription) -> None:
        with self._backend.write() as connection:
            connection.execute(self._put_subscription, asdict(subscription))

    def drop_subscription(self, token: str) -> None:
        with self._backend.write() as connection:
            connection.execute(statements.DROP_SUBSCRIPTION, {"of": token})

    def hub_subscriptions(self) -> list[HubSubscription]:
        with self._backend.read() as connection:
            return [hub_subscription_of(row) for row in connection.execute(statements.HUB_SUBSCRIPTIONS)]

    def keep_hub_subscriptions(self, subscriptions: Collection[HubSubscription]) -> None:
        if subscriptions:
            with self._backend.write() as connection:
                connection.execute(self._put_hub_subscription, [asdict(one) for one in subscriptions])

    def drop_hub_subscriptions(self, keys: Collection[tuple[str, str]]) -> None:
        if keys:
            values = [{"at": callback, "of": topic} for callback, topic in keys]
            with self._backend.write() as connection:
                connection.execute(statements.DROP_HUB_SUBSCRIPTION, values)

    # -- articles

    def article(self, uid: str) -> Article | None:
        with self._backend.read() as connection:
            row = connection.execute(statements.ONE_ARTICLE, {"uid": uid}).first()
        return article_of(row) if row else None

    def find(self, url: str, canonical_url: str = "") -> list[Article]:
        statement = statements.at_address(url, canonical_url)
        if statement is None:
            return []
        with self._backend.read() as connection:
            return [article_of(row) for row in connection.execute(statement)]

    def articles(self, query: ArticleQuery) -> list[Article]:
        with self._backend.read() as connection:
            return [article_of(row) for row in connection.execute(statements.listing(query, self._backend))]

    def copies(self, uids: Collection[str]) -> Mapping[str, list[Article]]:
        found: defaultdict[str, list[Article]] = defaultdict(list)
        with self._backend.read() as connection:
            for chunk in statements.chunks(dict.fromkeys(uids)):
                for row in connection.execute(statements.COPIES, {"uids": chunk}):
                    found[row.copy_of].append(article_of(row))
        return dict(found)

    def kin(self, uids: Collection[str]) -> Mapping[str, list[Kin]]:
        found: defaultdict[str, list[Kin]] = defaultdict(list)
        with self._backend.read() as connection:
            for chunk in statements.chunks(dict.fromkeys(uids)):
                for row in connection.execute(statements.KIN, {"uids": chunk}):
                    found[row.uid].append(Kin(**row._mapping))
        return dict(found)

    def copy_counts(self) -> Mapping[tuple[str, str], int]:
        with self._backend.read() as connection:
            return {
                (row.copying, row.copied): row.number for row in connection.execute(statements.COPY_COUNTS)
            }

    def decisions(self, uid: str) -> list[Decision]:
        with self._backend.read() as connection:
            return [decision_of(row) for row in connection.execute(statements.DECISIONS, {"uid": uid})]

    def decided(self, uids: Collection[str]) -> Mapping[str, list[Decision]]:
        found: defaultdict[str, list[Decision]] = defaultdict(list)
        with self._backend.read() as connection:
            for chunk in statements.chunks(dict.fromkeys(uids)):
                for row in connection.execute(statements.DECIDED, {"uids": chunk}):
                    found[row.uid].append(decision_of(row))
        return dict(found)

    @contextmanager
    def by_hand(self) -> Iterator[SqlHand]:
        with self._backend.write() as connection:
            hand = SqlHand(connection, self._writing)
            try:
                yield hand
                edits = int(connection.execute(statements.SETTING, {"key": EDITS}).scalar() or 0)
                connection.execute(self._put_setting, {"key": EDITS, "value": str(edits + 1)})
            finally:
                hand.close()

    def edits(self) -> int:
        return int(self.setting(EDITS) or 0)

    def known_urls(self, source: str, canonical_urls: Collection[str]) -> set[str]:
        known: set[str] = set()
        with self._backend.read() as connection:
            for chunk in statements.chunks({url for url in canonical_urls if url}):
                known.update(
                    connection.execute(statements.KNOWN_URLS, {"urls": chunk, "source": source}).scalars()
                )
        return known

    def updated(self, after: int, limit: int) -> tuple[list[str], int]:
        return self._decided_after(statements.UPDATED, after, limit)

    def added(self, after: int, limit: int) -> tuple[list[str], int]:
        return self._decided_after(statements.ADDED, after, limit)

    def _decided_after(
        self, decided: Select[tuple[int, str]], after: int, limit: int
    ) -> tuple[list[str], int]:
        with self._backend.read() as connection:
            last = connection.execute(statements.LAST_DECISION).scalar_one()
            values = {"after": after, "upto": last, "limit": limit}
            rows = connection.execute(decided, values).all() if limit else []
        mark = rows[-1].id if rows and len(rows) == limit else last
        return list(dict.fromkeys(row.uid for row in rows)), mark

    def placed(self, uids: Collection[str]) -> set[str]:
        with self._backend.read() as connection:
            return {
                uid
                for chunk in statements.chunks(uids)
                for uid in connection.execute(statements.PLACED_AMONG, {"uids": chunk}).scalars()
            }

    def arrived(
        self, section: str, after: tuple[datetime, str] | None, before: datetime, limit: int
    ) -> list[Article]:
        moment, uid = after or (EPOCH.replace(year=1), "")
        values = {"section": section, "after": moment, "after_uid": uid, "before": before, "limit": limit}
        with self._backend.read() as connection:
            return [article_of(row) for row in connection.execute(statements.ARRIVED, values)]

    def everything(self, after: str, limit: int) -> list[Article]:
        values = {"after": after, "limit": limit}
        with self._backend.read() as connection:
            return [article_of(row) for row in connection.execute(statements.EVERYTHING, values)]

    # -- sections

    def section_revisions(self) -> dict[str, SectionRevision]:
        with self._backend.read() as connection:
            return {
                row.id: SectionRevision(**row._mapping) for row in connection.execute(statements.REVISIONS)
            }

    def mark_published(self, revisions: Mapping[str, int]) -> None:
        if not revisions:
            return
        values = [{"of": section, "upto": revision} for section, revision in sorted(revisions.items())]
        with self._backend.write() as connection:
            connection.execute(statements.MARK_PUBLISHED, values)

    def reroute(self, placements: Mapping[str, tuple[str, ...]]) -> int:
        with self._backend.write() as connection:
            moved = [
                row
                for chunk in statements.chunks(placements)
                for row in connection.execute(statements.PLACED, {"uids": chunk})
                if row.sections != placements[row.uid]
            ]
            if moved:
                self._move(connection, moved, placements)
        return len(moved)

    def _move(
        self,
        connection: Connection,
        moved: Sequence[Row[*tuple[Any, ...]]],
        placements: Mapping[str, tuple[str, ...]],
    ) -> None:
        connection.execute(
            statements.SET_SECTIONS, [{"of": row.uid, "to": placements[row.uid]} for row in moved]
        )
        connection.execute(statements.UNPLACE, [{"of": row.uid} for row in moved])
        self._writing.place(
            connection,
            ((row.uid, section, row.date) for row in moved for section in dict.fromkeys(placements[row.uid])),
        )
        self._writing.bump(
            connection, {section for row in moved for section in (*row.sections, *placements[row.uid])}
        )

    # -- settings and upkeep

    def setting(self, key: str) -> str | None:
        with self._backend.read() as connection:
            return connection.execute(statements.SETTING, {"key": key}).scalar()

    def set_setting(self, key: str, value: str) -> None:
        with self._backend.write() as connection:
            connection.execute(self._put_setting, {"key": key, "value": value})

    def expire(
        self,
        *,
        articles_before: datetime | None,
        bodies_before: datetime | None,
        keep: Collection[str] = (),
    ) -> int:
        retention = Retention(self._backend, self._writing, frozenset(keep))
        return retention.reduce(articles_before) + retention.empty(bodies_before)

    def expire_sketches(self, before: datetime) -> int:
        return sketches.expire(self._backend, before)

    def codes(self, encoder: str, after: int) -> Sequence[Code]:
        return meanings.codes(self._backend, encoder, after)

    def expire_meanings(self, before: datetime) -> int:
        return meanings.expire(self._backend, before)

    def check(self) -> list[str]:
        faults = self._backend.faults()
        if faults:
            return faults  # a count over damaged pages says nothing more
        with self._backend.read() as connection:
            return [
                f"source {source}: counts {counted} articles, has {present}"
                for source, counted, present in connection.execute(statements.MISCOUNTED)
            ]

    def close(self) -> None:
        self._backend.close()


def _holds(connection: Connection, now: datetime) -> dict[str, Hold]:
    return {
        row.site: (row.until, row.reason) for row in connection.execute(statements.SITE_HOLDS, {"now": now})
    }


def _held(connection: Connection, claims: Sequence[Claim]) -> dict[str, Row[*tuple[Any, ...]]]:
    """Those of these claims that may be written by, with what their sites ask for; by source."""
    tokens = {claim.source.id: claim.token for claim in claims}
    return {
        row.id: row
        for ids in statements.chunks(tokens)
        for row in connection.execute(statements.ARE_HELD, {"ids": ids})
        if row.token == tokens[row.id]
    }


def _hold_after(
    connection: Connection, claim: Claim, record: SourceRecord, held: Row[*tuple[Any, ...]]
) -> Hold | None:
    """What the site asks for at which the poll leaves its source."""
    if record.url == claim.source.url:
        return hold_of(held)
    return hold_of(connection.execute(statements.SITE_HOLD, {"site": site_of(record.url)}).first())


def _fence(claim: Claim) -> Values:
    return {"of": claim.source.id, "fence": claim.token}


def _renamed(
    connection: Connection, configured: Mapping[str, SourceSeed]
) -> dict[str, Row[*tuple[Any, ...]]]:
    """All sources on record, those that were given another name under it."""
    known: dict[str, Row[*tuple[Any, ...]]] = {
        row.id: row for row in connection.execute(statements.ALL_SOURCES)
    }
    active = {row.id for row in known.values() if row.position is not None}
    names = seeding.renamed([record_of(row) for row in known.values()], active, configured)
    for new, old in names.items():
        values = {"old": old, "new": new}
        row = connection.execute(statements.WHOLE_SOURCE, values).one()
        fresh = {"id": new, "owner": None, "lease_until": None}
        connection.execute(statements.INSERT_SOURCE, dict(row._mapping) | fresh)
        for statement in statements.RENAMED:
            connection.execute(statement, values)
        connection.execute(statements.DROP_SOURCE, values)
    return {row.id: row for row in connection.execute(statements.ALL_SOURCES)} if names else known


def _seed(
    connection: Connection,
    row: Row[*tuple[Any, ...]] | None,
    seed: SourceSeed,
    position: int,
    now: datetime,
    hold: Hold | None,
) -> None:
    known = record_of(row) if row else None
    record = seeding.seeded(known, seed, now, hold)
    values = record_values(record) | {"position": position}
    if known is None:
        # Articles may be older than the source's entry, as when a deleted database part was restored.
        articles = connection.execute(statements.COUNT_ARTICLES, {"source": seed.id}).scalar_one()
        connection.execute(statements.INSERT_SOURCE, values | {"articles": articles, "token": 0})
    elif row is not None and (record != known or row.position != position):
        connection.execute(statements.REWRITE_SOURCE, values | {"of": seed.id})
        if seeding.ends_claim(known, record):
            connection.execute(statements.END_CLAIM, {"of": seed.id})
        if seeding.moves(known, record):
            connection.execute(statements.DROP_NOTES, {"of": seed.id})


def _due(connection: Connection, values: Values, *, early: bool, only: Collection[str] | None) -> list[str]:
    """Ids of the due and free sources, the longest overdue first."""
    if only is None:
        return [row.id for row in connection.execute(statements.DUE[early, False], values)]
    rows = [
        row
        for chunk in statements.chunks(dict.fromkeys(only))
        for row in connection.execute(statements.DUE[early, True], values | {"ids": chunk})
    ]
    return [row.id for row in sorted(rows, key=lambda row: (row.next_poll, row.id))[: values["limit"]]]
