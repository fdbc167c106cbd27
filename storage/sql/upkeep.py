"""What the daemon does once a day, and what is looked into."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from storage import meanings, sketches
from storage.model import Code
from storage.retention import Retention
from storage.sql.part import SqlPart
from storage.statements.upkeep import MISCOUNTED


class SqlUpkeep(SqlPart):
    """What ages, what goes, and what is found damaged."""

    def expire(
        self,
        *,
        articles_before: datetime | None,
        bodies_before: datetime | None,
        keep: Collection[str] = (),
    ) -> int:
        retention = Retention(self._backend, self._writing, frozenset(keep))
        return retention.reduce(articles_before) + retention.empty(bodies_before)

    def expire_sketches(self, before: datetime) -> int:
        return sketches.expire(self._backend, before)

    def codes(self, encoder: str, after: int) -> Sequence[Code]:
        return meanings.codes(self._backend, encoder, after)

    def expire_meanings(self, before: datetime) -> int:
        return meanings.expire(self._backend, before)

    def check(self) -> list[str]:
        faults = self._backend.faults()
        if faults:
            return faults  # a count over damaged pages says nothing more
        with self._backend.read() as connection:
            return [
                f"source {source}: counts {counted} articles, has {present}"
                for source, counted, present in connection.execute(MISCOUNTED)
            ]

    def close(self) -> None:
        self._backend.close()
