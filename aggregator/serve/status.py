"""The state of every source, as ``status --json`` prints it and /status shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeAlias

from aggregator.config.model import Config
from aggregator.schedule.history import history
from aggregator.schedule.trouble import stale_since
from aggregator.serve.charts import recent
from aggregator.serve.words import ENGLISH, Words
from aggregator.text.urls import shown_text, shown_url, without_credentials
from storage.model import Health, SourceRecord, Subscription

ELIDED = "?…"  #: in place of a query, which may be what opens a feed
_POLLED = (Health.OK, Health.FAILING, Health.DEAD)
_NOT_POLLED = {Health.PAUSED: "paused (enabled: no)", Health.GONE: "its publisher has taken it away"}
#: Copies by (copying, copied) source, as the store counts them.
Copies: TypeAlias = Mapping[tuple[str, str], int]


def status_rows(
    records: Sequence[SourceRecord],
    now: datetime,
    subscriptions: Sequence[Subscription] = (),
    *,
    copies: Copies = MappingProxyType({}),
    whole: bool = False,
    stale_after: Mapping[str, timedelta] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """One JSON object a source, in the order given; times are RFC 3339 in UTC.

    ``whole`` is for the operator at the command line: addresses with their query. Passwords are never shown.
    ``stale_after`` are the bounds of the sources that have one.
    """
    agreed = by_source(subscriptions)
    of_others, by_others = duplicates(copies)
    rows = [
        {
            **status_row(record, agreed.get(record.id), now, stale_after.get(record.id)),
            **_lately(record),
            "copies": of_others[record.id],
            "copied": by_others[record.id],
        }
        for record in records
    ]
    if whole:
        for row, record in zip(rows, records, strict=True):
            row["url"] = without_credentials(record.url)
            row["configured_url"] = without_credentials(record.configured_url)
    return rows


def stale_bounds(config: Config) -> Mapping[str, timedelta]:
    """``stale_after`` of those sources that have it."""
    return {source.id: source.stale_after for source in config.sources if source.stale_after}


def ago(moment: datetime | None, now: datetime, words: Words = ENGLISH) -> str:
    """A moment as people say it: "in 12 min", "3 h ago", "never"."""
    if moment is None:
        return words["never"]
    distance = abs(moment - now)
    if distance < timedelta(seconds=1):
        return words["now"]
    told = _told(distance, words)
    return words["in" if moment > now else "ago"].replace("{told}", told)


def by_source(subscriptions: Sequence[Subscription]) -> dict[str, Subscription]:
    """Those that stand or are asked for; one that is being ended is nobody's any more."""
    return {agreed.source: agreed for agreed in subscriptions if agreed.state != "ending"}


def duplicates(copies: Copies) -> tuple[Counter[str], Counter[str]]:
    """By source: copies it has of others' articles (or its own), and copies that there are of its articles."""
    of_others: Counter[str] = Counter()
    by_others: Counter[str] = Counter()
    for (copying, copied), number in copies.items():
        of_others[copying] += number
        by_others[copied] += number
    return of_others, by_others


def _lately(record: SourceRecord) -> dict[str, Any]:
    """What the last polls, 48 at most, came to."""
    lately = recent(history(record.memory))
    return {
        "recent_polls": lately.polls,
        "recent_failures": lately.failed,
        "recent_new": lately.new,
        "latency_ms": lately.ms,
    }


def _push(agreed: Subscription | None) -> dict[str, Any]:
    if agreed is None:
        return {"push": "none", "push_until": None, "last_push": None, "pushes": 0, "push_error": None}
    return {
        "push": agreed.state,
        "push_until": instant(agreed.lease_until),
        "last_push": instant(agreed.last_push),
        "pushes": agreed.pushes,
        "push_error": agreed.error and shown_text(agreed.error),
    }


def status_row(
    record: SourceRecord, agreed: Subscription | None, now: datetime, stale_after: timedelta | None = None
) -> dict[str, Any]:
    stale = stale_since(record, stale_after, agreed.last_push if agreed else None, now)
    pollable = record.health in _POLLED
    return {
        "source": record.id,
        "url": shown_url(record.url, elided=ELIDED),
        "configured_url": shown_url(record.configured_url, elided=ELIDED),
        "title": record.title,
        "kind": record.kind,
        "state": record.health.value,
        "last_poll": instant(record.last_poll),
        "last_success": instant(record.last_success),
        "last_status": record.last_status,
        "last_error": record.last_error and shown_text(record.last_error),
        "faults": [shown_text(fault) for fault in record.memory.get("faults", ())],
        "failures": record.failures,
        "failing_since": instant(record.failing_since),
        "next_poll": instant(record.next_poll) if pollable else None,
        "next_poll_reason": record.next_poll_reason if pollable else _NOT_POLLED[record.health],
        "hold_until": instant(record.hold_until),
        "overdue_seconds": max(round((now - record.next_poll).total_seconds(), 3), 0.0) if pollable else 0.0,
        "polls": record.polls,
        "not_modified": record.not_modified,
        "articles": record.articles,
        "stale_since": instant(stale),
        **_push(agreed),
    }


def instant(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _told(distance: timedelta, words: Words) -> str:
    seconds = distance.total_seconds()
    for size, unit, limit in ((1, "s", 90), (60, "min", 90 * 60), (3600, "h", 48 * 3600)):
        if seconds < limit:
            return words[unit].replace("{n}", str(round(seconds / size)))
    return words["days"].replace("{n}", str(round(seconds / 86_400)))
