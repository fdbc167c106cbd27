"""One writer at a time within this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from storage.errors import StorageError


class Turns:
    """A lock that says so, instead of hanging for ever, when a thread waits for itself.

    Whoever gives it up and wants it again at once lets one who waited go first.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = threading.Lock()  # held by whoever waits for ``_lock``
        self._holder: int | None = None

    def wanted(self) -> bool:
        """Whether somebody waits."""
        return self._next.locked()

    @contextmanager
    def take(self) -> Iterator[None]:
        me = threading.get_ident()
        if self._holder == me:
            raise StorageError(
                "a write to the store inside an open poll: use the poll's own unit, or leave it first"
            )
        with self._next:
            self._lock.acquire()
        try:
            self._holder = me
            yield
        finally:
            self._holder = None
            self._lock.release()
