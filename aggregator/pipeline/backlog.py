"""How much of something is waited for, and waiting until it is less."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Backlog:
    """Entered for each work that somebody waits for the end of."""

    def __init__(self) -> None:
        self.works = 0
        self._ended = asyncio.Event()

    def __enter__(self) -> None:
        self.works += 1

    def __exit__(self, kind: type[BaseException] | None, raised: object, trace: TracebackType | None) -> None:
        self.works -= 1
        self._ended.set()

    async def fewer_than(self, most: int) -> None:
        """Returns when there are: at once, or when enough of them have ended."""
        while self.works >= most:
            self._ended.clear()
            await self._ended.wait()
