"""Which sections were there once and are no more: who asks for one of their feeds is told to stop (410)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable

#: Seconds for which what the store says is believed: anybody may ask for what is not there.
BELIEVED = 10.0


class RemovedSections:
    """Every section that ever had an article, less those that are configured now."""

    def __init__(
        self,
        known: Callable[[], Awaitable[Iterable[str]]],
        configured: Callable[[], Iterable[str]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._known, self._configured, self._monotonic = known, configured, monotonic
        self._read: frozenset[str] = frozenset()
        self._until = 0.0

    async def __call__(self) -> frozenset[str]:
        if self._monotonic() >= self._until:
            self._until = self._monotonic() + BELIEVED
            self._read = frozenset(await self._known())
        return self._read.difference(self._configured())
