"""Clocks that were set back: how far a source's record is ahead of now. Decided here, for every store alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.model import SourceRecord

#: Workers' clocks differ by less.
TOLERANCE = timedelta(minutes=1)


def ahead(record: SourceRecord, now: datetime) -> timedelta:
    """By how much the clock that wrote the record was later than ``now``; zero when nothing tells of such a clock."""
    if record.last_poll is None:  # a first poll is put off by a hold of its site alone
        return timedelta() if record.hold_until else max(record.next_poll - now, timedelta())
    lead = record.last_poll - now
    return lead if lead > TOLERANCE else timedelta()
