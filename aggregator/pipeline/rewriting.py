"""Rewrites of whole articles in the daemon: what is encoded before the poll's transaction, and what is at hand in it.

Nothing of this is imported unless the extra is installed and wanted (``meaning.py``). The codes of a window are
followed in memory from the store, 64 bytes an article; the vectors stay there. An article whose vectors are not at hand
inside the transaction is encoded there only within small bounds: the writers wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta

from aggregator.dedup import Text
from aggregator.dedup.library import Library
from aggregator.dedup.semantic.encoder import Encoder
from aggregator.dedup.semantic.index import MOST_FOUND, Scan
from aggregator.dedup.semantic.stage import Ready, Rewrites
from aggregator.dedup.semantic.vectors import Vectors
from storage.interface import ArticleStore
from storage.model import Meaning
from storage.transactions import Unit

#: So many times more is encoded within one transaction: what changed since, the rest of two long texts.
MOST_INSIDE = 6
#: So often what has left the window is dropped from memory.
TIDIED_EVERY = timedelta(hours=6)


class Meanings:
    """What is at hand from poll to poll, for one store and one encoder."""

    def __init__(self, store: ArticleStore, encoder: Encoder) -> None:
        self.encoder = encoder
        self._store = store
        self._ready = _Shared(encoder)
        self._scan = Scan()
        self._mark = 0
        self._tidied: datetime | None = None

    def prepare(self, texts: Iterable[Text]) -> None:
        """Encode them, outside any transaction; takes as long as that takes."""
        for text in texts:
            self._ready.lead(text)

    def rewrites(self, unit: Unit, library: Library, window: timedelta, now: datetime) -> Rewrites:
        """For one transaction."""
        self.follow()
        if self._tidied is None or now - self._tidied >= TIDIED_EVERY:
            self._scan.drop_before(now - window)
            self._tidied = now
        ready = _Sparing(self._ready, MOST_INSIDE)
        codes = StoredCodes(unit, self._scan)
        return Rewrites(ready, codes, library.get, library.frequencies, window)

    def follow(self) -> None:
        """Read the codes that were kept since. At first all: a second for 100,000, which no transaction waits for."""
        for code in self._store.codes(self.encoder.name, self._mark):
            self._scan.add(code.uid, code.code, code.date)
            self._mark = code.number


class StoredCodes:
    """Implements ``Codes`` for one transaction: what it keeps itself is seen before it is committed."""

    def __init__(self, unit: Unit, scan: Scan) -> None:
        self._unit = unit
        self._scan = scan
        self._own = Scan()
        self._kept: set[str] = set()

    def add(self, kept: Meaning) -> None:
        self._unit.meanings.keep(kept)
        self._own.add(kept.uid, kept.code, kept.date)
        self._kept.add(kept.uid)

    def get(self, uid: str) -> Meaning | None:
        return self._unit.meanings.get([uid]).get(uid)

    def near(self, code: bytes, since: datetime, until: datetime) -> list[str]:
        stored = [one for one in self._scan.nearest(code, since, until) if one[1] not in self._kept]
        own = self._own.nearest(code, since, until)
        return [uid for _, uid in sorted([*stored, *own])[:MOST_FOUND]]


class _Shared(Ready):
    """What one thread makes ahead and another asks for."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self._lock = threading.Lock()

    def at_hand(self, text: Text) -> Vectors | None:
        with self._lock:
            return super().at_hand(text)

    def put(self, check: int, vectors: Vectors) -> None:
        with self._lock:
            super().put(check, vectors)


class _Sparing(Ready):
    """Takes what is at hand; makes little itself."""

    def __init__(self, shared: Ready, most: int) -> None:
        super().__init__(shared.encoder)
        self._shared = shared
        self._left = most

    def at_hand(self, text: Text) -> Vectors | None:
        return self._shared.at_hand(text)

    def put(self, check: int, vectors: Vectors) -> None:
        self._shared.put(check, vectors)

    def lead(self, text: Text) -> Vectors | None:
        return self.at_hand(text) or (super().lead(text) if self._spend() else None)

    def whole(self, text: Text, lead: Vectors) -> Vectors:
        return super().whole(text, lead) if self.goes_on(text, lead) and self._spend() else lead

    def _spend(self) -> bool:
        self._left -= 1
        return self._left >= 0
