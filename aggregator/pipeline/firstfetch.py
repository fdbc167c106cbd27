"""A new source's past: how much of it is printed, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.config.model import FirstFetch
from aggregator.dedup import Resolution
from storage.model import SourceRecord

#: Under this key a record remembers that its past has been taken in.
BEGUN = "begun"
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


def has_begun(record: SourceRecord) -> bool:
    """Whether the past of the source has been taken in; all that comes from then on is news."""
    return bool(record.memory.get(BEGUN))


def begins(record: SourceRecord, items: int, owed: int) -> bool:
    """Whether this poll ends the past: something came, and no page of it is still to come. An empty feed is no past."""
    return has_begun(record) or (items > 0 and owed == 0)


def within_first_fetch(
    resolutions: Sequence[Resolution], limits: FirstFetch, record: SourceRecord, now: datetime
) -> list[Resolution]:
    """Of the past all but the newest articles are remembered without being printed."""
    if has_begun(record):
        return list(resolutions)
    fresh = [r.article for r in resolutions if r.article is not None and r.kind in ("new", "copy")]
    fresh.sort(key=lambda article: article.date, reverse=True)
    oldest = oldest_taken(now, limits.max_age)
    kept = {
        uid
        for article in fresh[: limits.max_items]
        if article.date >= oldest
        # A copy needs the one that is printed for it.
        for uid in (article.uid, article.copy_of or article.uid)
    }
    return [_remembered(r) if _is_past(r, kept) else r for r in resolutions]


def oldest_taken(now: datetime, age: timedelta | None) -> datetime:
    """Nothing of an earlier date is taken in of a past."""
    if age is None or age >= now - _LONG_AGO:
        return _LONG_AGO
    return now - age


def _is_past(resolution: Resolution, kept: set[str]) -> bool:
    return (
        resolution.kind in ("new", "copy")
        and resolution.article is not None
        and resolution.article.uid not in kept
    )


def _remembered(resolution: Resolution) -> Resolution:
    """Only the identity is kept, as of an article past its retention."""
    assert resolution.article is not None
    bare = replace(
        resolution.article, title="", summary="", html="", text="", image=None, enclosures=(), expired=True
    )
    return replace(resolution, article=bare, decision=None, kind="seen")
