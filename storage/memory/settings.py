"""Settings, and changes that people make."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from storage.memory.part import MemoryPart
from storage.memory.unit import Draft, MemoryHand, MemorySketches


class MemorySettings(MemoryPart):
    """A few values by name, among them how many changes by hand there were."""

    def setting(self, key: str) -> str | None:
        with self._lock:
            return self._settings.get(key)

    def set_setting(self, key: str, value: str) -> None:
        with self._change():
            self._settings[key] = value

    @contextmanager
    def by_hand(self) -> Iterator[MemoryHand]:
        with self._writers.take():
            draft, sketches = Draft(), MemorySketches(self._shelf.postings)
            hand = MemoryHand(self._shelf, draft, sketches)
            try:
                yield hand
                with self._lock:
                    self._take_over(draft)
                    self._edits += 1
            except BaseException:
                sketches.take_back()
                raise
            finally:
                hand.close()

    def edits(self) -> int:
        with self._lock:
            return self._edits
