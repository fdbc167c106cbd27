"""A watch on the sockets themselves: what was dialled, whatever library did it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_watchers: list[list[Any]] = []
_installed: list[bool] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _watchers and event == "socket.connect":
        for seen in _watchers:
            seen.append(arguments[1])


@contextmanager
def dials() -> Iterator[list[Any]]:
    """The addresses that sockets of this process are connected to while the block runs, attempts included."""
    if not _installed:  # an audit hook cannot be taken away again: one for the whole run
        sys.addaudithook(_hear)
        _installed.append(True)
    seen: list[Any] = []
    _watchers.append(seen)
    try:
        yield seen
    finally:
        _watchers.remove(seen)
