"""The due-queue: claims, their leases, and the transaction that a claim admits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from storage.clocks import TOLERANCE, ahead, carried_on
from storage.dialect import Backend
from storage.fencing import check_ends, lost
from storage.model import Claim, SourceRecord
from storage.prepared import Row
from storage.rows import Values, claim_of, hold_of, record_of
from storage.sites import Hold, finished, site_of
from storage.sql.part import SqlPart
from storage.sql.unit import SqlUnit
from storage.sql.writing import Writing
from storage.statements.claims import (
    CLAIM,
    CLAIM_ONE,
    DUE,
    RELEASE,
    RENEW,
    SET_BACK,
    SET_FORWARD,
)
from storage.statements.common import chunks
from storage.statements.sites import FORGET_ROBOTS_OF_LATER, SHORTEN_HOLDS, SITE_HOLD
from storage.statements.sources import ACTIVE_SOURCES, END_ALL_CLAIMS

_MICROSECOND = timedelta(microseconds=1)


class SqlPolls:
    """Implements ``Polls`` on a connection whose transaction its maker began and will end."""

    def __init__(self, connection: Connection, writing: Writing) -> None:
        self._connection = connection
        self._writing = writing

    @contextmanager
    def poll(self, claim: Claim) -> Iterator[SqlUnit]:
        held = self._writing.is_held.first(self._connection, (claim.source.id, claim.token))
        if held is None:
            raise lost(claim)
        _, _, site, *_ = held
        unit = SqlUnit(self._connection, self._writing, claim, {site: hold_of(held)})
        try:
            yield unit
        finally:
            unit.close()


class SqlClaims(SqlPart):
    """Who polls what."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        if backend.alone:
            with backend.write() as connection:
                connection.execute(END_ALL_CLAIMS)

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
            for ids in chunks(due):
                claimed = {"ids": ids, "owner_": owner, "until": now + lease}
                claims += [claim_of(row) for row in connection.execute(CLAIM, claimed)]
        return sorted(claims, key=lambda claim: (claim.source.next_poll, claim.source.id))

    def claim(self, source_id: str, *, now: datetime, lease: timedelta, owner: str) -> Claim | None:
        values = {"of": source_id, "now": now, "until": now + lease, "owner_": owner}
        with self._backend.write(serial=False) as connection:
            row = connection.execute(CLAIM_ONE, values).first()
        return claim_of(row) if row else None

    def renew(self, claim: Claim, *, now: datetime, lease: timedelta) -> Claim:
        renewed = replace(claim, lease_until=now + lease)
        with self._backend.write(serial=False) as connection:
            if not connection.execute(RENEW, _fence(claim) | {"until": renewed.lease_until}).rowcount:
                raise lost(claim)
        return renewed

    def set_back(self, now: datetime, *, by: timedelta | None = None) -> int:
        with self._backend.write() as connection:
            records = [record_of(row) for row in connection.execute(ACTIVE_SOURCES)]
            leads = [(record.id, ahead(record, now, by)) for record in records]
            moved = [{"of": name, "by": lead // _MICROSECOND} for name, lead in leads if lead]
            if moved:
                connection.execute(SET_BACK, moved)
            lead = by or max((lead for _, lead in leads), default=timedelta())
            connection.execute(SHORTEN_HOLDS, {"now": now, "by": lead // _MICROSECOND})
            connection.execute(FORGET_ROBOTS_OF_LATER, {"after": now + TOLERANCE})
        return len(moved)

    def set_forward(self, before: datetime, now: datetime) -> int:
        with self._backend.write() as connection:
            records = [record_of(row) for row in connection.execute(ACTIVE_SOURCES)]
            moved = [
                {"of": record.id, "at": carried.next_poll, "until": carried.hold_until}
                for record in records
                if (carried := carried_on(record, before, now)) is not record
            ]
            if moved:
                connection.execute(SET_FORWARD, moved)
        return len(moved)

    def release(self, claim: Claim) -> None:
        with self._backend.write(serial=False) as connection:
            connection.execute(RELEASE, _fence(claim))

    @contextmanager
    def poll(self, claim: Claim) -> Iterator[SqlUnit]:
        with self.polls() as polls, polls.poll(claim) as unit:
            yield unit

    @contextmanager
    def polls(self) -> Iterator[SqlPolls]:
        with self._backend.write() as connection:
            yield SqlPolls(connection, self._writing)

    def finish(self, ended: Sequence[tuple[Claim, SourceRecord]]) -> set[str]:
        for claim, record in ended:
            check_ends(claim, record)
        with self._backend.write() as connection:
            held = self._held(connection, [claim for claim, _ in ended])
            left = [
                (claim, finished(record, _hold_after(connection, claim, record, held[record.id])))
                for claim, record in ended
                if record.id in held
            ]
            self._writing.finish(connection, left)
        return {record.id for _, record in ended} - held.keys()

    def _held(self, connection: Connection, claims: Sequence[Claim]) -> dict[str, Row]:
        """Those of these claims that may be written by, with what their sites ask for; by source."""
        tokens = {claim.source.id: claim.token for claim in claims}
        rows = (row for ids in chunks(tokens) for row in self._writing.are_held.rows(connection, ids))
        return {of: row for row in rows for of, token, *_ in [row] if token == tokens[of]}


def _fence(claim: Claim) -> Values:
    return {"of": claim.source.id, "fence": claim.token}


def _hold_after(connection: Connection, claim: Claim, record: SourceRecord, held: Row) -> Hold | None:
    """What the site asks for at which the poll leaves its source."""
    if record.url == claim.source.url:
        return hold_of(held)
    return hold_of(connection.execute(SITE_HOLD, {"site": site_of(record.url)}).first())


def _due(connection: Connection, values: Values, *, early: bool, only: Collection[str] | None) -> list[str]:
    """Ids of the due and free sources, the longest overdue first."""
    if only is None:
        return [row.id for row in connection.execute(DUE[early, False], values)]
    rows = [
        row
        for chunk in chunks(dict.fromkeys(only))
        for row in connection.execute(DUE[early, True], values | {"ids": chunk})
    ]
    return [row.id for row in sorted(rows, key=lambda row: (row.next_poll, row.id))[: values["limit"]]]
