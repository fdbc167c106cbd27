"""What one poll brought, and what the configuration asks of the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from aggregator.config.model import Interval
from aggregator.item import Hints
from storage.model import Validators

Kind = Literal["taken", "unchanged", "not_modified", "failed", "limited", "gone"]
SUCCESSES: frozenset[Kind] = frozenset({"taken", "unchanged", "not_modified"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One poll, as the schedule sees it.

    taken: a document was read. unchanged: 200 with the body of the last time. not_modified: 304.
    limited: 429, or 503 with a Retry-After. gone: 410. failed: all else, unreadable documents included.
    """

    kind: Kind
    status: int | None = None  #: HTTP status; None when there was no answer
    error: str | None = None  #: one sentence for people
    fault: str | None = None  #: where there was no answer, of what kind the fault was: "dns", "timeout" …
    new: int = 0  #: items not known before
    dates: tuple[datetime, ...] = ()  #: publication dates of the new items, where they have one
    feed_length: int | None = None  #: items in the document
    partial: bool = False  #: the document holds new items only (226): what is not in it says nothing
    headers: Mapping[str, str] = field(default_factory=dict)  #: of the last answer
    hints: Hints = field(default_factory=Hints)  #: of the document; read on "taken" alone, and remembered
    validators: Validators | None = None  #: of the last answer
    body_hash: bytes | None = None
    moved_to: str | None = None  #: where the permanent redirects at the head of the chain lead
    final_url: str = ""  #: the address that answered: validators are good for it alone; "" is the one asked
    elapsed: timedelta = timedelta()
    body_size: int | None = None  #: bytes, decoded
    title: str = ""
    kind_found: str | None = None  #: "feed" | "page" | "json" | "sitemap"

    @property
    def succeeded(self) -> bool:
        return self.kind in SUCCESSES


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the configuration of one source asks of the schedule."""

    interval: Interval = field(default_factory=Interval)
    ignore_cache_hints: bool = False
    hint_cap: timedelta = timedelta(days=7)  #: no hint of a publisher holds longer
    jitter: float = 0.1  #: up to this share of the interval is added, never taken off
    paused: bool = False
    #: ∫√(items/day) dt between two polls, by a budget; None: from ``interval.base``.
    pace: float | None = None
    freshness: timedelta | None = None  #: mean age at which an item is to be found; beats ``pace``
    pushed: bool = False  #: a hub pushes this source and has done so: polls are a safety net

    @property
    def longest(self) -> timedelta:
        """The upper bound; a plain interval above the usual maximum is meant."""
        return max(self.interval.max, self.interval.min)

    @property
    def base(self) -> timedelta:
        return min(max(self.interval.base, self.interval.min), self.longest)
