"""/status for people: which sources are shown, in which order, and what is told of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from aggregator.schedule.history import history
from aggregator.serve.charts import Recent, chart, recent
from aggregator.serve.status import Copies, ago, by_source, duplicates, instant, status_row
from aggregator.serve.words import Tongue
from storage.model import Health, SourceRecord, Subscription

PER_PAGE = 100
#: Worst first: what wants the operator's eye stands above.
STATES = (Health.DEAD, Health.FAILING, Health.GONE, Health.OK, Health.PAUSED)
_LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One source with what it is sorted by."""

    record: SourceRecord
    place: int  #: in the configuration
    recent: Recent
    copies: int
    copied: int


#: What the page is sorted by; each is ascending.
_KEYS: Mapping[str, Callable[[Row], Any]] = {
    "trouble": lambda row: (STATES.index(row.record.health), -row.record.failures),
    "source": lambda row: row.record.id,
    "last": lambda row: -(row.record.last_poll.timestamp() if row.record.last_poll else 0),
    "next": lambda row: row.record.next_poll.timestamp(),
    "new": lambda row: -row.recent.new,
    "slow": lambda row: -(row.recent.ms or 0),
    "articles": lambda row: -row.record.articles,
    "duplicates": lambda row: -(row.copies + row.copied),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks for; whatever makes no sense is left out."""

    sort: str = "trouble"
    state: str = ""
    find: str = ""
    page: int = 1
    token: str = ""  #: as it was shown in the address: links have to show it again

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Asked:
        sort, state, page = (parameters.get(name, "") for name in ("sort", "state", "page"))
        return cls(
            sort=sort if sort in _KEYS else "trouble",
            state=state if state in {one.value for one in STATES} else "",
            find=parameters.get("find", "")[:_LONGEST].strip(),
            page=int(page) if re.fullmatch(r"[1-9][0-9]{0,4}", page) else 1,
            token=parameters.get("token", ""),
        )

    def link(self, **changes: Any) -> str:
        asked = replace(self, **({"page": 1} | changes))
        plain = Asked()
        said = {
            name: str(getattr(asked, name))
            for name in ("sort", "state", "find", "page", "token")
            if getattr(asked, name) != getattr(plain, name)
        }
        return f"?{urlencode(said)}" if said else "?"


def status_page(
    records: Sequence[SourceRecord],
    now: datetime,
    subscriptions: Sequence[Subscription],
    copies: Copies,
    asked: Asked,
    tongue: Tongue,
    *,
    stale_after: Mapping[str, timedelta] = MappingProxyType({}),
) -> dict[str, Any]:
    """What the template of /status shows."""
    rows = sorted(filter(_wanted(asked), _rows(records, copies)), key=lambda row: row.place)
    rows.sort(key=_KEYS[asked.sort])
    last = max(-(-len(rows) // PER_PAGE), 1)
    asked = replace(asked, page=min(asked.page, last))
    agreed = by_source(subscriptions)
    start = (asked.page - 1) * PER_PAGE
    return {
        "words": tongue.words,
        "asked": asked,
        "rows": [
            _shown(row, agreed.get(row.record.id), now, tongue, stale_after.get(row.record.id))
            for row in rows[start : start + PER_PAGE]
        ],
        "any": bool(records),
        "states": _states(records, asked),
        "sorts": [(name, asked.link(sort=name), name == asked.sort) for name in _KEYS],
        "articles": sum(record.articles for record in records),
        "pages": [(page, asked.link(page=page)) for page in range(1, last + 1)] if last > 1 else [],
        "now": instant(now),
    }


def _rows(records: Sequence[SourceRecord], copies: Copies) -> list[Row]:
    of_others, by_others = duplicates(copies)
    return [
        Row(
            record=record,
            place=place,
            recent=recent(history(record.memory)),
            copies=of_others[record.id],
            copied=by_others[record.id],
        )
        for place, record in enumerate(records)
    ]


def _wanted(asked: Asked) -> Callable[[Row], bool]:
    needle = asked.find.casefold()

    def wanted(row: Row) -> bool:
        record = row.record
        if asked.state and record.health.value != asked.state:
            return False
        # Of the address only what is shown: a search must not tell what opens a feed.
        return not needle or any(
            needle in text.casefold() for text in (record.id, record.title, _host_and_path(record.url))
        )

    return wanted


def _host_and_path(url: str) -> str:
    return url.partition("?")[0].rpartition("@")[2]


def _states(records: Sequence[SourceRecord], asked: Asked) -> list[tuple[str, int, str, bool]]:
    """(state, sources, link, whether it is chosen); "" is every one."""
    numbers = Counter(record.health for record in records)
    every = [("", len(records), asked.link(state=""), not asked.state)]
    return every + [
        (state.value, numbers[state], asked.link(state=state.value), asked.state == state.value)
        for state in STATES
        if numbers[state] or asked.state == state.value
    ]


def _shown(
    row: Row, agreed: Subscription | None, now: datetime, tongue: Tongue, stale_after: timedelta | None = None
) -> dict[str, Any]:
    record, words, say = row.record, tongue.words, tongue.say
    told = status_row(record, agreed, now, stale_after)
    return {
        **told,
        # What is shown of an address with secrets leads nowhere.
        "link": record.url
        if told["url"] == record.url and record.url.startswith(("https://", "http://"))
        else None,
        "next_poll_reason": say(told["next_poll_reason"]),
        "last_error": told["last_error"] and say(told["last_error"]),
        "faults": [say(fault) for fault in told["faults"]],
        "push_error": told["push_error"] and say(told["push_error"]),
        "last_poll_ago": ago(record.last_poll, now, words),
        "next_poll_in": ago(record.next_poll, now, words) if told["next_poll"] else words["not_again"],
        "last_push_ago": ago(agreed.last_push, now, words) if agreed else words["never"],
        "ratio": f"{record.not_modified / record.polls:.0%}" if record.polls else "–",
        "recent": row.recent,
        "chart": chart(history(record.memory)),
        "time": _time(row.recent.ms),
        "copies": row.copies,
        "copied": row.copied,
    }


def _time(ms: int | None) -> str | None:
    if ms is None:
        return None
    return f"{ms} ms" if ms < 1000 else f"{ms / 1000:.1f} s"
