"""What every part of the store works with."""

from __future__ import annotations

from storage.dialect import Backend
from storage.sql.writing import Writing


class SqlPart:
    """Holds the database; each part adds what one subject needs."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._writing = Writing(backend)
