"""By which hashes a text is found: the rules that every store keeps to, and the index in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

#: Fewer shared hashes are chance.
LEAST_SHARED: Final = 2
#: So many candidates are looked at, those with the most shared hashes.
MOST_FOUND: Final = 20
#: A hash of more texts tells nothing ("央视网消息（新闻联播）" begins thousands), and is not looked up.
MOST_BEARERS: Final = 400


def likeliest(bearers: Iterable[Sequence[int] | set[int]], most: int = MOST_FOUND) -> list[int]:
    """Of the numbers of texts, by the hashes that each of them bears: the most shared first, of equals the latest."""
    shared: Counter[int] = Counter()
    for numbers in bearers:
        if len(numbers) <= MOST_BEARERS:
            shared.update(numbers)
    found = [(-count, -number) for number, count in shared.items() if count >= LEAST_SHARED]
    return [-number for _, number in sorted(found)[:most]]


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a text is found by."""

    number: int  #: grows with every text that is added
    hashes: tuple[int, ...]  #: 32 bits each
    at: datetime | None = None  #: when it was added
    filled: int = 0  #: as in storage.transactions.Sketches


class Postings:
    """The index in memory. Adding a uid again replaces its hashes."""

    def __init__(self) -> None:
        self._bearers: dict[int, set[int]] = {}
        self._sketches: dict[str, Sketch] = {}
        self._uids: dict[int, str] = {}
        self._last = 0

    def __contains__(self, uid: str) -> bool:
        return uid in self._sketches

    def get(self, uid: str) -> Sketch | None:
        return self._sketches.get(uid)

    def add(self, uid: str, hashes: Iterable[int], at: datetime | None = None, filled: int = 0) -> None:
        self._last += 1
        self.put(uid, Sketch(self._last, tuple(dict.fromkeys(hashes)), at, filled))

    def put(self, uid: str, sketch: Sketch | None) -> None:
        """This one, or none, in the place of what there is."""
        if was := self._sketches.pop(uid, None):
            del self._uids[was.number]
            for hash_ in was.hashes:
                self._bearers[hash_].discard(was.number)
        if sketch is not None:
            self._sketches[uid] = sketch
            self._uids[sketch.number] = uid
            for hash_ in sketch.hashes:
                self._bearers.setdefault(hash_, set()).add(sketch.number)

    def older(self, before: datetime) -> list[str]:
        return [uid for uid, sketch in self._sketches.items() if sketch.at is not None and sketch.at < before]

    def query(self, hashes: Iterable[int]) -> list[str]:
        """Uids of texts with ``LEAST_SHARED`` of the hashes, the most shared first, of equals the latest added."""
        return [
            self._uids[number]
            for number in likeliest(self._bearers.get(one, ()) for one in dict.fromkeys(hashes))
        ]
