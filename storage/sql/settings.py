"""Settings, and changes that people make."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from storage import tables
from storage.dialect import Backend
from storage.sql.part import SqlPart
from storage.sql.unit import SqlHand
from storage.statements.common import replace_row
from storage.statements.sections import SETTING

#: Under this setting stands the number of changes by hand.
EDITS = "edits"


class SqlSettings(SqlPart):
    """A few values by name, among them how many changes by hand there were."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._put_setting = replace_row(backend, tables.setting)

    def setting(self, key: str) -> str | None:
        with self._backend.read() as connection:
            return connection.execute(SETTING, {"key": key}).scalar()

    def set_setting(self, key: str, value: str) -> None:
        with self._backend.write() as connection:
            connection.execute(self._put_setting, {"key": key, "value": value})

    @contextmanager
    def by_hand(self) -> Iterator[SqlHand]:
        with self._backend.write() as connection:
            hand = SqlHand(connection, self._writing)
            try:
                yield hand
                edits = int(connection.execute(SETTING, {"key": EDITS}).scalar() or 0)
                connection.execute(self._put_setting, {"key": EDITS, "value": str(edits + 1)})
            finally:
                hand.close()

    def edits(self) -> int:
        return int(self.setting(EDITS) or 0)
