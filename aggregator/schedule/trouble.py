"""Whether somebody should look after a source, as webhooks and ``status`` tell it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from aggregator.schedule import rhythm
from storage.model import Health, SourceRecord

Trouble = Literal["ok", "broken", "stale"]

#: Failures in a row after which a source is called broken: one alone says little.
FAILURES = 3


def stale_since(
    record: SourceRecord, after: timedelta | None, last_push: datetime | None, now: datetime
) -> datetime | None:
    """Since when a source has had nothing new for longer than it should; None where that is not so.

    Of a source that was never read, and without a bound, nothing can be said.
    """
    newest = rhythm.from_memory(record.memory).newest
    if after is None or newest is None or record.health in (Health.GONE, Health.PAUSED):
        return None
    since = max(newest, last_push or newest) + after
    return since if since <= now else None


def trouble_of(
    record: SourceRecord, after: timedelta | None, last_push: datetime | None, now: datetime
) -> Trouble:
    """A broken source is not called stale as well."""
    lasting = record.health is Health.FAILING and record.failures >= FAILURES
    if lasting or record.health in (Health.DEAD, Health.GONE):
        return "broken"
    return "stale" if stale_since(record, after, last_push, now) else "ok"
