"""How much of something is waited for, and waiting until it is less."""

from __future__ import annotations

import asyncio
import sys
from types import TracebackType


class Backlog:
    """Entered for each work that somebody waits for the end of; with ``most`` there is room for so many."""

    def __init__(self, most: int = sys.maxsize) -> None:
        self.most = most
        self.works = 0
        self._ended = asyncio.Event()

    def __enter__(self) -> None:
        self.works += 1

    def __exit__(self, kind: type[BaseException] | None, raised: object, trace: TracebackType | None) -> None:
        self.works -= 1
        self._ended.set()

    async def room(self) -> None:
        """Returns when there is some for another: at once, or when enough of them have ended."""
        while self.works >= self.most:
            self._ended.clear()
            await self._ended.wait()
