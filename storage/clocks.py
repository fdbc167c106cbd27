"""Clocks that were set back: how far a source's record is ahead of now. Decided here, for every store alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.model import SourceRecord

#: Workers' clocks differ by less.
TOLERANCE = timedelta(minutes=1)


def ahead(record: SourceRecord, now: datetime) -> timedelta:
    """By how much the clock that wrote the record was later than ``now``; zero when nothing tells of such a clock."""
    lead = _first_wait(record, now) if record.last_poll is None else record.last_poll - now
    return lead if lead > TOLERANCE else timedelta()


def _first_wait(record: SourceRecord, now: datetime) -> timedelta:
    """A first poll waits for the end of a hold, and for seconds at most where many sources begin together."""
    return record.next_poll - max(now, record.hold_until or now)
