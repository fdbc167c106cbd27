"""Small work that is dear to begin, done for many at once: whoever comes while it is under way shares the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

P = TypeVar("P")
R = TypeVar("R")

#: Seconds for which others are waited for: a fraction of what any answer takes.
GATHERED = 0.02


class Together(Generic[P, R]):
    """Gathers what callers have to be done. ``work`` gets all of it and says of each, in order, what came of it."""

    def __init__(
        self, work: Callable[[Sequence[P]], Awaitable[Sequence[R]]], *, company: Callable[[], int] = lambda: 0
    ) -> None:
        self._work = work
        self._company = company  #: how many there are who may come, and are worth waiting for
        self._waiting: list[tuple[P, asyncio.Future[R]]] = []
        self._running: asyncio.Task[None] | None = None

    async def do(self, part: P) -> R:
        """Returns when it is done. Work that fails is done again for each alone, and raises for that one."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((part, done))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        try:
            while self._waiting:
                if len(self._waiting) < self._company():
                    await asyncio.sleep(GATHERED)
                # Who was cancelled meanwhile wants nothing any more.
                given = [(part, done) for part, done in self._waiting if not done.done()]
                self._waiting = []
                await self._do(given)
        finally:
            self._running = None

    async def _do(self, given: Sequence[tuple[P, asyncio.Future[R]]]) -> None:
        try:
            results = await self._work([part for part, _ in given])
        except Exception as error:
            if len(given) == 1:
                _fail(given[0][1], error)
                return
            for one in given:
                await self._do([one])
            return
        for (_, done), result in zip(given, results, strict=True):
            if not done.done():
                done.set_result(result)


def _fail(done: asyncio.Future[R], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
