"""The state of every source, as ``status --json`` prints it and /status shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from aggregator.config.model import Config
from aggregator.schedule.trouble import stale_since
from aggregator.text.urls import shown_text, shown_url, without_credentials
from storage.model import Health, SourceRecord, Subscription

ELIDED = "?…"  #: in place of a query, which may be what opens a feed
_POLLED = (Health.OK, Health.FAILING, Health.DEAD)
#: Worst first: what wants the operator's eye stands above.
_ORDER = (Health.DEAD, Health.FAILING, Health.GONE, Health.OK, Health.PAUSED)


def status_rows(
    records: Sequence[SourceRecord],
    now: datetime,
    subscriptions: Sequence[Subscription] = (),
    *,
    whole: bool = False,
    stale_after: Mapping[str, timedelta] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """One JSON object a source, in the order given; times are RFC 3339 in UTC.

    ``whole`` is for the operator at the command line: addresses with their query. Passwords are never shown.
    ``stale_after`` are the bounds of the sources that have one.
    """
    agreed = _by_source(subscriptions)
    rows = [_row(record, agreed.get(record.id), now, stale_after.get(record.id)) for record in records]
    if whole:
        for row, record in zip(rows, records, strict=True):
            row["url"] = without_credentials(record.url)
            row["configured_url"] = without_credentials(record.configured_url)
    return rows


def status_page(
    records: Sequence[SourceRecord],
    now: datetime,
    subscriptions: Sequence[Subscription] = (),
    *,
    stale_after: Mapping[str, timedelta] = MappingProxyType({}),
) -> dict[str, Any]:
    """What the template of /status shows: the troubled sources first."""
    ordered = sorted(records, key=lambda record: _ORDER.index(record.health))
    agreed = _by_source(subscriptions)
    states = Counter(record.health for record in records)
    return {
        "rows": [
            _shown(record, agreed.get(record.id), now, stale_after.get(record.id)) for record in ordered
        ],
        "states": [(state.value, states[state]) for state in _ORDER if states[state]],
        "articles": sum(record.articles for record in records),
        "now": _instant(now),
    }


def stale_bounds(config: Config) -> Mapping[str, timedelta]:
    """``stale_after`` of those sources that have it."""
    return {source.id: source.stale_after for source in config.sources if source.stale_after}


def ago(moment: datetime | None, now: datetime) -> str:
    """A moment as people say it: "in 12 min", "3 h ago", "never"."""
    if moment is None:
        return "never"
    distance = abs(moment - now)
    if distance < timedelta(seconds=1):
        return "now"
    told = _told(distance)
    return f"in {told}" if moment > now else f"{told} ago"


def _by_source(subscriptions: Sequence[Subscription]) -> dict[str, Subscription]:
    """Those that stand or are asked for; one that is being ended is nobody's any more."""
    return {agreed.source: agreed for agreed in subscriptions if agreed.state != "ending"}


def _push(agreed: Subscription | None) -> dict[str, Any]:
    if agreed is None:
        return {"push": "none", "push_until": None, "last_push": None, "pushes": 0, "push_error": None}
    return {
        "push": agreed.state,
        "push_until": _instant(agreed.lease_until),
        "last_push": _instant(agreed.last_push),
        "pushes": agreed.pushes,
        "push_error": agreed.error and shown_text(agreed.error),
    }


def _row(
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
        "last_poll": _instant(record.last_poll),
        "last_success": _instant(record.last_success),
        "last_status": record.last_status,
        "last_error": record.last_error and shown_text(record.last_error),
        "faults": [shown_text(fault) for fault in record.memory.get("faults", ())],
        "failures": record.failures,
        "failing_since": _instant(record.failing_since),
        "next_poll": _instant(record.next_poll) if pollable else None,
        "next_poll_reason": record.next_poll_reason if pollable else record.health.value,
        "hold_until": _instant(record.hold_until),
        "overdue_seconds": max(round((now - record.next_poll).total_seconds(), 3), 0.0) if pollable else 0.0,
        "polls": record.polls,
        "not_modified": record.not_modified,
        "articles": record.articles,
        "stale_since": _instant(stale),
        **_push(agreed),
    }


def _shown(
    record: SourceRecord, agreed: Subscription | None, now: datetime, stale_after: timedelta | None = None
) -> dict[str, Any]:
    row = _row(record, agreed, now, stale_after)
    return {
        **row,
        # What is shown of an address with secrets leads nowhere.
        "link": record.url
        if row["url"] == record.url and record.url.startswith(("https://", "http://"))
        else None,
        "last_poll_ago": ago(record.last_poll, now),
        "next_poll_in": ago(record.next_poll, now) if row["next_poll"] else "not again",
        "last_push_ago": ago(agreed.last_push, now) if agreed else "never",
        "ratio": f"{record.not_modified / record.polls:.0%}" if record.polls else "–",
    }


def _instant(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _told(distance: timedelta) -> str:
    seconds = distance.total_seconds()
    for size, unit, limit in ((1, "s", 90), (60, "min", 90 * 60), (3600, "h", 48 * 3600)):
        if seconds < limit:
            return f"{round(seconds / size)} {unit}"
    return f"{round(seconds / 86_400)} days"
