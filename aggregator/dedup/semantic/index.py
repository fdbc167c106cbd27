"""Where articles alike as wholes are found: 64 bytes an article, all of a window compared at each question.

Signs of the components stand for the vector (their share that differs is the angle): 100,000 articles take 6 MB and
about 2 ms. What is kept beside them, the vectors of the sentences, is loaded for the few that are near.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np

#: So many of 512 signs differ between an article and what may be a rewrite of it; of two by chance, half.
MOST_DIFFERENT = 150
#: So many candidates are looked at, the nearest: of known rewrites the original is always the nearest.
MOST_FOUND = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """The vectors of one article as they are stored."""

    check: int  #: of the sentences that they were made of
    code: bytes
    packed: bytes


class Codes(Protocol):
    """Articles by the codes of their vectors. Adding a uid again replaces what was kept."""

    def add(self, uid: str, kept: Kept, when: datetime) -> None: ...
    def get(self, uid: str) -> Kept | None: ...

    def near(self, code: bytes, since: datetime, until: datetime) -> list[str]:
        """Uids of articles of that time whose code differs in few places, the nearest first."""
        ...


class Scan:
    """Codes side by side in memory."""

    def __init__(self) -> None:
        self._uids: list[str] = []
        self._places: dict[str, int] = {}
        self._codes = np.zeros((0, 8), dtype=np.uint64)
        self._times = np.zeros(0, dtype=np.float64)

    def __len__(self) -> int:
        return len(self._uids)

    def add(self, uid: str, code: bytes, when: datetime) -> None:
        at = self._places.setdefault(uid, len(self._uids))
        if at == len(self._uids):
            self._uids.append(uid)
            self._make_room()
        self._codes[at] = np.frombuffer(code, dtype=np.uint64)
        self._times[at] = when.timestamp()

    def near(self, code: bytes, since: datetime, until: datetime) -> list[str]:
        count = len(self._uids)
        differ = np.bitwise_count(self._codes[:count] ^ np.frombuffer(code, dtype=np.uint64)).sum(axis=1)
        times = self._times[:count]
        inside = (times >= since.timestamp()) & (times <= until.timestamp())
        (places,) = np.nonzero((differ <= MOST_DIFFERENT) & inside)
        chosen = sorted(places, key=lambda at: (int(differ[at]), self._uids[at]))
        return [self._uids[at] for at in chosen[:MOST_FOUND]]

    def drop_before(self, when: datetime) -> None:
        """Forget what is older than the window."""
        count = len(self._uids)
        (kept,) = np.nonzero(self._times[:count] >= when.timestamp())
        self._codes, self._times = self._codes[kept], self._times[kept]
        self._uids = [self._uids[at] for at in kept]
        self._places = {uid: at for at, uid in enumerate(self._uids)}

    def _make_room(self) -> None:
        if len(self._uids) > len(self._codes):
            room = max(1024, len(self._codes))  # twice as much each time
            self._codes = np.concatenate([self._codes, np.zeros((room, 8), dtype=np.uint64)])
            self._times = np.concatenate([self._times, np.zeros(room, dtype=np.float64)])


class MemoryCodes:
    """All of it in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._scan = Scan()

    def add(self, uid: str, kept: Kept, when: datetime) -> None:
        self._kept[uid] = kept
        self._scan.add(uid, kept.code, when)

    def get(self, uid: str) -> Kept | None:
        return self._kept.get(uid)

    def near(self, code: bytes, since: datetime, until: datetime) -> list[str]:
        return self._scan.near(code, since, until)
