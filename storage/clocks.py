"""Clocks that were set: where a source's record belongs by the present one. Decided here, for every store alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from storage.model import SourceRecord

#: Workers' clocks differ by less.
TOLERANCE = timedelta(minutes=1)


def ahead(record: SourceRecord, now: datetime, by: timedelta | None = None) -> timedelta:
    """By how much the clock that wrote the record was later than ``now``; zero when nothing tells of such a clock.

    The record itself only tells that it was not less than since its last poll; ``by`` is what is known better.
    """
    if by is not None and record.last_poll is not None:
        return by
    lead = _first_wait(record, now) if record.last_poll is None else record.last_poll - now
    return lead if lead > TOLERANCE else timedelta()


def _first_wait(record: SourceRecord, now: datetime) -> timedelta:
    """A first poll waits for the end of a hold, and for seconds at most where many sources begin together."""
    return record.next_poll - max(now, record.hold_until or now)


def carried_on(record: SourceRecord, before: datetime, now: datetime) -> SourceRecord:
    """The record of a source that is due only because the clock went from ``before`` to ``now`` at once.

    All such sources are due together: they are polled in the order and at twice the pace in which they would have been,
    unless one was asked to wait, which it does.
    """
    left = record.next_poll - before
    if not timedelta() < left <= now - before:
        return record
    if record.hold_until is not None and record.hold_until > before:
        return replace(record, next_poll=now + left, hold_until=now + (record.hold_until - before))
    return replace(record, next_poll=now + left / 2)
