"""A source's past: how much of a new one's is printed, when it is over, and what of it comes to light later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from aggregator.config.model import FirstFetch
from aggregator.dedup import Resolution
from storage.model import Article, SourceRecord

#: Under this key a record remembers that its past has been taken in.
BEGUN = "begun"
#: Under this key a record remembers the date of the oldest article of its past that was printed.
HORIZON = "horizon"
#: So many older ones at once may be articles that a source dates back, or mends; more are a part of its past.
FEW = 5
#: So much of a list is in the order of its dates that it is a list by date.
_IN_ORDER = 0.9
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


def has_begun(record: SourceRecord) -> bool:
    """Whether the past of the source has been taken in; all that comes from then on is news."""
    return bool(record.memory.get(BEGUN))


def begins(record: SourceRecord, items: int, owed: int, *, torn: bool) -> bool:
    """Whether this poll ends the past: something came, and no page of it is still to come. An empty feed is no past.

    The first document ends none when it is torn: what was missing would be too old for the next. A second one does.
    """
    if torn and record.last_success is None:
        return False
    return has_begun(record) or (items > 0 and owed == 0)


def horizon_after(record: SourceRecord, resolutions: Sequence[Resolution]) -> dict[str, str]:
    """For the record's memory: how far the printed past of a source reaches after a poll."""
    if has_begun(record):
        return {}
    printed = _dates(r.article for r in resolutions if r.article is not None and _is_fresh(r))
    unprinted = _dates(r.article for r in resolutions if r.article is not None and r.kind == "seen")
    before = _horizon(record.memory)
    if printed:
        return {HORIZON: min(*printed, before or printed[0]).isoformat()}
    # Nothing is printed of it: all that was there is past.
    return {HORIZON: max(unprinted).isoformat()} if unprinted and before is None else {}


def within_first_fetch(
    resolutions: Sequence[Resolution], limits: FirstFetch, record: SourceRecord, now: datetime
) -> list[Resolution]:
    """Of the past all but the newest articles are remembered without being printed."""
    fresh = [r.article for r in resolutions if r.article is not None and _is_fresh(r)]
    if has_begun(record):
        past = _come_to_light(fresh, _horizon(record.memory))
        printed = [article for article in fresh if article.uid not in past]
        if not past:
            return list(resolutions)
    else:
        oldest = oldest_taken(now, limits.max_age)
        newest = sorted(fresh, key=lambda article: article.date, reverse=True)[: limits.max_items]
        printed = [article for article in newest if article.date >= oldest]
    # A copy needs the one that is printed for it.
    kept = {uid for article in printed for uid in (article.uid, article.copy_of or article.uid)}
    return [_remembered(r) if _is_past(r, kept) else r for r in resolutions]


def _come_to_light(fresh: Sequence[Article], horizon: datetime | None) -> set[str]:
    """Uids of articles from behind the horizon, where a list by date goes on there: it was made longer, or is another.

    Nothing else is one: a source may date its articles by what they tell of.
    """
    if horizon is None:
        return set()
    older = {one.uid for one in fresh if one.published is not None and one.published < horizon}
    return older if len(older) > FEW and _is_by_date(_dates(fresh)) else set()


def _is_by_date(dates: Sequence[datetime]) -> bool:
    steps = list(pairwise(dates))
    down, up = (
        sum(before >= after for before, after in steps),
        sum(before <= after for before, after in steps),
    )
    return max(down, up) >= _IN_ORDER * len(steps)


def _dates(articles: Iterable[Article]) -> list[datetime]:
    return [article.published for article in articles if article.published is not None]


def _horizon(memory: Mapping[str, Any]) -> datetime | None:
    noted = memory.get(HORIZON)
    try:
        return datetime.fromisoformat(noted) if isinstance(noted, str) else None
    except ValueError:
        return None


def oldest_taken(now: datetime, age: timedelta | None) -> datetime:
    """Nothing of an earlier date is taken in of a past."""
    if age is None or age >= now - _LONG_AGO:
        return _LONG_AGO
    return now - age


def _is_fresh(resolution: Resolution) -> bool:
    return resolution.kind in ("new", "copy")


def _is_past(resolution: Resolution, kept: set[str]) -> bool:
    return _is_fresh(resolution) and resolution.article is not None and resolution.article.uid not in kept


def _remembered(resolution: Resolution) -> Resolution:
    """Only the identity is kept, as of an article past its retention."""
    assert resolution.article is not None
    bare = replace(
        resolution.article, title="", summary="", html="", text="", image=None, enclosures=(), expired=True
    )
    return replace(resolution, article=bare, decision=None, kind="seen")
