"""Closes the archive documents of a section's feed (RFC 5005 §4) and remembers where each of them ends.

A feed shows the newest articles; what leaves it stays readable in archives that never change, each linked to the one
before. An archive takes articles in the order in which they *arrived*, which nothing can upset later: it ends at a
moment, and whatever comes afterwards belongs to the next one. It is closed when it is full, or when an article has left
the feed for a day that no archive has yet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aggregator.config.model import Section
from aggregator.curate import PLACES
from storage.interface import ArticleStore
from storage.model import Article

#: A poll commits its articles up to so long after the moment they are dated by: no archive ends later than that.
_SETTLED = timedelta(hours=1)
#: How long an article may be in neither the feed nor an archive, so that late ones do not close an archive each.
_PATIENCE = timedelta(days=1)
#: Archives closed by one printing; a store that has years of articles takes several.
_AT_ONCE = 20
#: Articles of one archive; a longer feed has larger ones than people would want to load.
_LARGEST = 200

_Mark = tuple[datetime, str]  # first_seen and uid of the last article of an archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """An archive to be written now."""

    number: int
    end: _Mark
    articles: tuple[Article, ...]  #: the newest first, as in the feed


class BackIssues:
    """The archives of all sections. Not safe to share between threads; the press takes turns."""

    def __init__(self, store: ArticleStore) -> None:
        self._store = store
        self._marks: dict[str, list[_Mark]] = {}

    def closed(self, section_id: str) -> int:
        """How many archives the section has."""
        return len(self._ends(section_id))

    def due(self, section: Section, printed: Sequence[Article], now: datetime) -> list[Closing]:
        """The archives that are to be closed; ``printed`` are the articles of the feed as it will be."""
        ends = self._ends(section.id)
        size = min(section.limit, _LARGEST)
        waiting = self._store.arrived(
            section.id, ends[-1] if ends else None, now - _SETTLED, size * _AT_ONCE + 1
        )
        chunks = [waiting[at : at + size] for at in range(0, len(waiting), size)][:_AT_ONCE]
        if chunks and len(chunks[-1]) < size and not _has_left(chunks[-1], section, printed, now):
            chunks.pop()
        if not ends and len(chunks) == 1:
            # The first archive has to be linked to a second one.
            (only,) = chunks
            chunks = [only[: len(only) // 2], only[len(only) // 2 :]] if len(only) > 1 else []
        return [
            Closing(number=number, end=_mark(chunk[-1]), articles=_as_printed(chunk))
            for number, chunk in enumerate(chunks, len(ends) + 1)
        ]

    def close(self, section_id: str, closings: Iterable[Closing]) -> None:
        """Remember that these archives were written."""
        ends = self._ends(section_id)
        ends += (closing.end for closing in closings)
        written = [[moment.isoformat(), uid] for moment, uid in ends]
        self._store.set_setting(archive_key(section_id), json.dumps(written))

    def again(self, section: Section, number: int) -> Closing:
        """A closed archive, made anew of what the store still has of it."""
        ends = self._ends(section.id)
        after, last = (ends[number - 2] if number > 1 else None), ends[number - 1]
        found = self._store.arrived(section.id, after, last[0] + timedelta(microseconds=1), _LARGEST)
        kept = [one for one in found if _mark(one) <= last]
        return Closing(number=number, end=last, articles=_as_printed(kept))

    def holding(self, section_id: str, article: Article) -> int | None:
        """The number of the archive that the article stands in, if any."""
        return next((n for n, end in enumerate(self._ends(section_id), 1) if _mark(article) <= end), None)

    def _ends(self, section_id: str) -> list[_Mark]:
        if section_id not in self._marks:
            kept = json.loads(self._store.setting(archive_key(section_id)) or "[]")
            self._marks[section_id] = [
                (datetime.fromisoformat(moment).astimezone(UTC), uid) for moment, uid in kept
            ]
        return self._marks[section_id]


def archive_key(section_id: str) -> str:
    return f"archive:{section_id}"


def _has_left(
    waiting: Sequence[Article], section: Section, printed: Sequence[Article], now: datetime
) -> bool:
    """Whether an article is in the feed no more, by its age or by the limit, and in no archive for a day."""
    uids = {one.uid for one in printed}
    # The last places of a full feed go by arrival, and say nothing of what has left it.
    by_date = printed[: section.limit - section.limit // PLACES] if len(printed) >= section.limit else printed
    oldest = min((one.date for one in by_date), default=now)
    return any(
        one.uid not in uids and one.date <= oldest and now - one.first_seen >= section.delay + _PATIENCE
        for one in waiting
    )


def _mark(article: Article) -> _Mark:
    return article.first_seen, article.uid


def _as_printed(articles: Iterable[Article]) -> tuple[Article, ...]:
    chosen = sorted(articles, key=lambda one: one.uid)
    return tuple(sorted(chosen, key=lambda one: one.date, reverse=True))
