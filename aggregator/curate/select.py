"""Which articles stand in a section's feed at a given moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.config.model import Section
from storage.model import Article

_NONE: Mapping[str, int] = {}
#: One place of so many is for those that arrived last, whatever their date.
PLACES = 5
#: What is older when it arrives is a new source's past, and no news: no source is polled less than daily.
LATE = timedelta(days=2)


def select(
    articles: Iterable[Article], section: Section, *, now: datetime, points: Mapping[str, int] = _NONE
) -> list[Article]:
    """The articles printed in the section, newest first, then by uid; sorted before anything is cut off (``newest``).

    ``articles`` are those placed in the section; copies and expired ones are passed over. ``points`` are the articles'
    by uid (``score``); they count where the section has a ``min_score``.
    """
    printed = sorted(worthy(_printed(articles), section, points), key=lambda article: article.uid)
    printed.sort(key=lambda article: article.date, reverse=True)
    due = (
        article
        for article in printed
        if _is_due(article, section, now) and not _is_old(article, section, now)
    )
    return newest(list(_capped(due, section.max_per_source)), section.limit)


def newest(articles: Sequence[Article], limit: int) -> list[Article]:
    """So many of the articles, which are in the order in which they are printed.

    By their date alone, what a seldom polled source brings would be behind the end of a busy section when it comes: no
    reader would ever see it. So the last places are given out by arrival.
    """
    if len(articles) <= limit:
        return list(articles)
    by_date = limit - limit // PLACES
    rest = sorted(articles[by_date:], key=_arrival, reverse=True)
    chosen = {article.uid for article in rest[: limit - by_date]}
    return [one for at, one in enumerate(articles) if at < by_date or one.uid in chosen]


def _arrival(article: Article) -> tuple[datetime, datetime]:
    """When it came; of what came in one minute, as one document does, the newest counts."""
    came = article.first_seen if article.first_seen - article.date < LATE else article.date
    return came.replace(second=0, microsecond=0), article.date


def worthy(articles: Iterable[Article], section: Section, points: Mapping[str, int]) -> Iterator[Article]:
    """Those that have as many points as the section asks for."""
    least = section.min_score
    return (one for one in articles if least is None or points.get(one.uid, 0) >= least)


def next_change(
    articles: Iterable[Article], section: Section, now: datetime, points: Mapping[str, int] = _NONE
) -> datetime | None:
    """When the selection will next differ by the passing of time alone; None when it will not."""
    section, articles = section.model_copy(update={"min_score": None}), worthy(articles, section, points)
    printed = list(_printed(articles))
    selected = select(printed, section, now=now)
    leave = (_after(article.date, section.max_age) for article in selected)
    enter = (
        _after(article.first_seen, section.delay) for article in printed if not _is_due(article, section, now)
    )
    for moment in sorted({moment for moment in (*leave, *enter) if moment is not None and moment > now}):
        # What comes due may be too old by then, or beyond the limit.
        if select(printed, section, now=moment) != selected:
            return moment
    return None


def _printed(articles: Iterable[Article]) -> Iterator[Article]:
    return (article for article in articles if article.copy_of is None and not article.expired)


def _capped(articles: Iterable[Article], most: int | None) -> Iterator[Article]:
    """At most so many of one source, the first ones."""
    counts: Counter[str] = Counter()
    for article in articles:
        counts[article.source] += 1
        if most is None or counts[article.source] <= most:
            yield article


def _is_due(article: Article, section: Section, now: datetime) -> bool:
    return now - article.first_seen >= section.delay


def _is_old(article: Article, section: Section, now: datetime) -> bool:
    return section.max_age is not None and now - article.date >= section.max_age


def _after(start: datetime, time: timedelta | None) -> datetime | None:
    try:
        return None if time is None else start + time
    except OverflowError:  # beyond the calendar is never
        return None
