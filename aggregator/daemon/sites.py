"""The queue of a round, by site: a site gets no more polls at a time than it can serve, the others go on."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterable
from datetime import datetime

from storage.model import SourceRecord
from storage.sites import site_of

Head = tuple[datetime, str, str]  #: next poll, source, site


class SiteQueue:
    """Gives out sources, the longest overdue first. ``room`` says how many polls of this one's site may go on."""

    def __init__(self, records: Iterable[SourceRecord], room: Callable[[str], int]) -> None:
        self._room = room
        self._waiting: dict[str, deque[Head]] = {}
        self._site: dict[str, str] = {}
        self._out: Counter[str] = Counter()
        for record in sorted(records, key=lambda record: (record.next_poll, record.id)):
            site = self._site[record.id] = site_of(record.url)
            self._waiting.setdefault(site, deque()).append((record.next_poll, record.id, site))
        self._open = [heads.popleft() for heads in self._waiting.values()]  # one of each site that has room
        heapq.heapify(self._open)
        self._offered = set(self._waiting)

    def __len__(self) -> int:
        """All sources that were in it."""
        return len(self._site)

    def take(self) -> str | None:
        """The next source; None when every one left is of a site that has no room: who serves it comes again."""
        if not self._open:
            return None
        _, source_id, site = heapq.heappop(self._open)
        self._offered.discard(site)
        self._out[site] += 1
        self._offer(site)
        return source_id

    def done(self, source_id: str) -> None:
        site = self._site[source_id]
        self._out[site] -= 1
        self._offer(site)

    def _offer(self, site: str) -> None:
        heads = self._waiting[site]
        if heads and site not in self._offered and self._out[site] < self._room(heads[0][1]):
            self._offered.add(site)
            heapq.heappush(self._open, heads.popleft())
