"""What the daemon does once a day, and what is looked into."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from storage.changes import identity_of, without_body
from storage.memory.part import MemoryPart
from storage.model import Article, Code


class MemoryUpkeep(MemoryPart):
    """What ages, and what goes."""

    def expire(
        self,
        *,
        articles_before: datetime | None,
        bodies_before: datetime | None,
        keep: Collection[str] = (),
    ) -> int:
        kept = frozenset(keep)

        def outlived(one: Article, before: datetime | None) -> bool:
            if before is None or one.expired or one.uid in kept:
                return False
            return one.first_seen < before

        with self._change():
            reduced = self._rewrite(lambda one: identity_of(one) if outlived(one, articles_before) else one)
            forgotten = {one.uid for one in reduced}
            self._decisions = [one for one in self._decisions if one.uid not in forgotten]
            self._shelf.forget(forgotten)
            emptied = self._rewrite(lambda one: without_body(one) if outlived(one, bodies_before) else one)
        return len(reduced) + len(emptied)

    def expire_sketches(self, before: datetime) -> int:
        with self._change():
            old = self._shelf.postings.older(before)
            for uid in old:
                self._shelf.postings.put(uid, None)
        return len(old)

    def codes(self, encoder: str, after: int) -> Sequence[Code]:
        with self._lock:
            meanings = self._shelf.meanings
            return [
                code
                for uid, code in self._shelf.codes.items()
                if code.number > after and meanings[uid].encoder == encoder
            ]

    def expire_meanings(self, before: datetime) -> int:
        with self._change():
            old = [uid for uid, code in self._shelf.codes.items() if code.date < before]
            for uid in old:
                self._shelf.drop(uid)
        return len(old)

    def check(self) -> list[str]:
        return []

    def close(self) -> None:
        """Nothing to give back; the content goes with the object."""
