"""Bodies that were cleaned a moment ago: each form of a feed wants the same, one after another."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

#: Characters: a few hundred articles, as many as stand in a section.
MOST = 2_000_000


class Cleaned:
    """The outcomes of one pure function, those used last. Safe to share between threads.

    They are found by what went in, whole: what comes out is what the function makes of the same text in this process.
    """

    def __init__(self, clean: Callable[[str], str], most: int = MOST) -> None:
        self._clean = clean
        self._most = most
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __call__(self, html: str) -> str:
        with self._lock:
            if (kept := self._kept.get(html)) is not None:
                self._kept.move_to_end(html)
                return kept
        clean = self._clean(html)
        with self._lock:
            if html not in self._kept:
                self._kept[html] = clean
                self._size += len(clean)
            while self._size > self._most:
                self._size -= len(self._kept.popitem(last=False)[1])
        return clean

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._size = 0
