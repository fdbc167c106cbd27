"""Stories and what was decided about articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Select

from storage.model import Article, Decision, Kin
from storage.rows import article_of, decision_of
from storage.sql.part import SqlPart
from storage.statements.common import chunks
from storage.statements.decisions import ADDED, DECIDED, DECISIONS, LAST_DECISION, UPDATED
from storage.statements.stories import COPIES, COPY_COUNTS, KIN


class SqlStories(SqlPart):
    """Copies, kin and decisions."""

    def copies(self, uids: Collection[str]) -> Mapping[str, list[Article]]:
        found: defaultdict[str, list[Article]] = defaultdict(list)
        with self._backend.read() as connection:
            for chunk in chunks(dict.fromkeys(uids)):
                for row in connection.execute(COPIES, {"uids": chunk}):
                    found[row.copy_of].append(article_of(row))
        return dict(found)

    def kin(self, uids: Collection[str]) -> Mapping[str, list[Kin]]:
        found: defaultdict[str, list[Kin]] = defaultdict(list)
        with self._backend.read() as connection:
            for chunk in chunks(dict.fromkeys(uids)):
                for row in connection.execute(KIN, {"uids": chunk}):
                    found[row.uid].append(Kin(**row._mapping))
        return dict(found)

    def copy_counts(self) -> Mapping[tuple[str, str], int]:
        with self._backend.read() as connection:
            return {(row.copying, row.copied): row.number for row in connection.execute(COPY_COUNTS)}

    def decisions(self, uid: str) -> list[Decision]:
        with self._backend.read() as connection:
            return [decision_of(row) for row in connection.execute(DECISIONS, {"uid": uid})]

    def decided(self, uids: Collection[str]) -> Mapping[str, list[Decision]]:
        found: defaultdict[str, list[Decision]] = defaultdict(list)
        with self._backend.read() as connection:
            for chunk in chunks(dict.fromkeys(uids)):
                for row in connection.execute(DECIDED, {"uids": chunk}):
                    found[row.uid].append(decision_of(row))
        return dict(found)

    def updated(self, after: int, limit: int) -> tuple[list[str], int]:
        return self._decided_after(UPDATED, after, limit)

    def added(self, after: int, limit: int) -> tuple[list[str], int]:
        return self._decided_after(ADDED, after, limit)

    def _decided_after(
        self, decided: Select[tuple[int, str]], after: int, limit: int
    ) -> tuple[list[str], int]:
        with self._backend.read() as connection:
            last = connection.execute(LAST_DECISION).scalar_one()
            values = {"after": after, "upto": last, "limit": limit}
            rows = connection.execute(decided, values).all() if limit else []
        mark = rows[-1].id if rows and len(rows) == limit else last
        return list(dict.fromkeys(row.uid for row in rows)), mark
