"""Where likely copies are found: by hashes that two texts share. Behind it a dictionary here, a table in the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

#: Fewer shared hashes are chance.
LEAST_SHARED = 2
#: So many candidates are looked at, those with the most shared hashes.
MOST_FOUND = 20
#: A hash of more articles tells nothing ("央视网消息（新闻联播）" begins thousands), and is not looked up.
MOST_BEARERS = 400


class Index(Protocol):
    """Articles by their hashes. Adding a uid again replaces its hashes."""

    def add(self, uid: str, hashes: Sequence[int], when: datetime) -> None: ...

    def query(self, hashes: Sequence[int], since: datetime) -> list[str]:
        """Uids of articles not older than ``since`` with ``LEAST_SHARED`` of the hashes, the most shared first."""
        ...


class MemoryIndex:
    """The index in memory."""

    def __init__(self) -> None:
        self._bearers: dict[int, list[str]] = {}
        self._articles: dict[str, tuple[tuple[int, ...], datetime]] = {}

    def add(self, uid: str, hashes: Sequence[int], when: datetime) -> None:
        for hash_ in self._articles.get(uid, ((), when))[0]:
            self._bearers[hash_].remove(uid)
        self._articles[uid] = tuple(hashes), when
        for hash_ in hashes:
            self._bearers.setdefault(hash_, []).append(uid)

    def query(self, hashes: Sequence[int], since: datetime) -> list[str]:
        shared: Counter[str] = Counter()
        for hash_ in hashes:
            bearers = self._bearers.get(hash_, ())
            if len(bearers) <= MOST_BEARERS:
                shared.update(bearers)
        found = [
            (-count, uid)
            for uid, count in shared.items()
            if count >= LEAST_SHARED and self._articles[uid][1] >= since
        ]
        return [uid for _, uid in sorted(found)[:MOST_FOUND]]
