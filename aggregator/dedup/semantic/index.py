"""Where articles alike as wholes are found: 64 bytes an article, all of a window compared at each question.

Signs of the components stand for the vector (their share that differs is the angle): 100,000 articles take 6 MB and
about 1 ms. What is kept beside them, the vectors of the sentences, is loaded for the few that are near.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import numpy as np

from storage.model import Meaning

#: So many of 512 signs differ between an article and what may be a rewrite of it; of two by chance, half.
MOST_DIFFERENT = 150
#: So many candidates are looked at, the nearest: of known rewrites the original is always the nearest.
MOST_FOUND = 3
_WORDS = 8


class Codes(Protocol):
    """Articles by the codes of their vectors. Adding a uid again replaces what was kept."""

    def add(self, kept: Meaning) -> None: ...
    def get(self, uid: str) -> Meaning | None: ...

    def near(self, code: bytes, since: datetime, until: datetime) -> list[str]:
        """Uids of articles of that time whose code differs in few places, the nearest first."""
        ...


class Scan:
    """Codes side by side in memory, word by word: a column is read through in one go."""

    def __init__(self) -> None:
        self._uids: list[str] = []
        self._places: dict[str, int] = {}
        self._codes = np.zeros((_WORDS, 0), dtype=np.uint64)
        self._times = np.zeros(0, dtype=np.float64)

    def __len__(self) -> int:
        return len(self._uids)

    def add(self, uid: str, code: bytes, when: datetime) -> None:
        at = self._places.setdefault(uid, len(self._uids))
        if at == len(self._uids):
            self._uids.append(uid)
            self._make_room()
        self._codes[:, at] = np.frombuffer(code, dtype=np.uint64)
        self._times[at] = when.timestamp()

    def near(self, code: bytes, since: datetime, until: datetime) -> list[str]:
        return [uid for _, uid in self.nearest(code, since, until)]

    def nearest(self, code: bytes, since: datetime, until: datetime) -> list[tuple[int, str]]:
        """With the number of signs that differ."""
        count = len(self._uids)
        differ = np.zeros(count, dtype=np.uint16)
        for column, word in zip(self._codes[:, :count], np.frombuffer(code, dtype=np.uint64), strict=True):
            differ += np.bitwise_count(column ^ word)
        (places,) = np.nonzero(differ <= MOST_DIFFERENT)
        low, high = since.timestamp(), until.timestamp()
        chosen = sorted((int(differ[at]), self._uids[at]) for at in places if low <= self._times[at] <= high)
        return chosen[:MOST_FOUND]

    def drop_before(self, when: datetime) -> None:
        """Forget what is older than the window."""
        (kept,) = np.nonzero(self._times[: len(self._uids)] >= when.timestamp())
        self._codes, self._times = np.ascontiguousarray(self._codes[:, kept]), self._times[kept]
        self._uids = [self._uids[at] for at in kept]
        self._places = {uid: at for at, uid in enumerate(self._uids)}

    def _make_room(self) -> None:
        size = self._codes.shape[1]
        if len(self._uids) > size:
            room = max(1024, size)  # twice as much each time
            self._codes = np.concatenate([self._codes, np.zeros((_WORDS, room), dtype=np.uint64)], axis=1)
            self._times = np.concatenate([self._times, np.zeros(room, dtype=np.float64)])


class MemoryCodes:
    """All of it in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Meaning] = {}
        self._scan = Scan()

    def add(self, kept: Meaning) -> None:
        self._kept[kept.uid] = kept
        self._scan.add(kept.uid, kept.code, kept.date)

    def get(self, uid: str) -> Meaning | None:
        return self._kept.get(uid)

    def near(self, code: bytes, since: datetime, until: datetime) -> list[str]:
        return self._scan.near(code, since, until)
