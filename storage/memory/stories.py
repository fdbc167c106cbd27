"""Stories and what was decided about articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from storage.memory.part import MemoryPart
from storage.model import Article, Decision, Kin


class MemoryStories(MemoryPart):
    """Copies, kin and decisions."""

    def copies(self, uids: Collection[str]) -> Mapping[str, list[Article]]:
        with self._lock:
            found = {uid: self._shelf.at(("copy", uid)) for uid in uids}
        return {
            uid: sorted(copies, key=lambda article: (article.date, article.uid))
            for uid, copies in found.items()
            if copies
        }

    def kin(self, uids: Collection[str]) -> Mapping[str, list[Kin]]:
        with self._lock:
            return {
                uid: [
                    Kin(uid=uid, other=other, similarity=similarity)
                    for other, similarity in sorted(found.items(), key=lambda item: (-item[1], item[0]))
                ]
                for uid in uids
                if (found := self._shelf.kin.get(uid))
            }

    def copy_counts(self) -> Mapping[tuple[str, str], int]:
        with self._lock:
            stored = self._shelf.articles
            return Counter(
                (copy.source, stored[copy.copy_of].source)
                for copy in stored.values()
                if copy.copy_of in stored and not copy.expired
            )

    def decisions(self, uid: str) -> list[Decision]:
        with self._lock:
            return sorted(
                (one for one in self._decisions if one.uid == uid), key=lambda decision: decision.at
            )

    def decided(self, uids: Collection[str]) -> Mapping[str, list[Decision]]:
        found = {uid: self.decisions(uid) for uid in uids}
        return {uid: decisions for uid, decisions in found.items() if decisions}

    def updated(self, after: int, limit: int) -> tuple[list[str], int]:
        return self._decided_after(False, after, limit)

    def added(self, after: int, limit: int) -> tuple[list[str], int]:
        return self._decided_after(True, after, limit)

    def _decided_after(self, new: bool, after: int, limit: int) -> tuple[list[str], int]:
        with self._lock:
            decided = self._decided[new]
            found = decided[after : after + limit]
            mark = min(after, len(decided)) + len(found) if limit else len(decided)
            return list(dict.fromkeys(found)), mark
