"""One writer at a time within this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from storage.errors import StorageError


class Turns:
    """A lock that says so, instead of hanging for ever, when a thread waits for itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None

    @contextmanager
    def take(self) -> Iterator[None]:
        me = threading.get_ident()
        if self._holder == me:
            raise StorageError(
                "a write to the store inside an open poll: use the poll's own unit, or leave it first"
            )
        with self._lock:
            self._holder = me
            try:
                yield
            finally:
                self._holder = None
