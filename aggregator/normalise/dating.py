"""The dates of an article, by what its source says and what the configuration makes of the future."""

from __future__ import annotations

from datetime import UTC, datetime

from aggregator.normalise.context import SourceContext


def aware(date: datetime | None, source: SourceContext) -> datetime | None:
    """In UTC; None for dates that mean "none": the epoch, and what a calendar cannot shift."""
    if date is None:
        return None
    try:
        utc = (date if date.tzinfo else date.replace(tzinfo=source.zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return utc if utc.year >= 1900 and utc.timestamp() != 0 else None


def published_of(published: datetime | None, source: SourceContext, now: datetime) -> datetime | None:
    if published is not None and published > now and source.future_dates == "clamp":
        return now
    return published


def updated_of(
    updated: datetime | None, published: datetime | None, source: SourceContext, now: datetime
) -> datetime | None:
    """Only a date after publication says anything."""
    if updated is None or published is None or updated <= published:
        return None
    clamped = min(updated, now) if source.future_dates != "keep" else updated
    return clamped if clamped > published else None
