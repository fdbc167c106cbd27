"""Small work that is dear to begin, done for many at once: whoever comes while it is under way shares the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

P = TypeVar("P")
R = TypeVar("R")

#: Seconds for which others are waited for: a fraction of what any answer takes.
GATHERED = 0.02


class Together(Generic[P, R]):
    """Gathers what callers have to be done. ``work`` gets all of it and says of each, in order, what came of it."""

    def __init__(
        self,
        work: Callable[[Sequence[P]], Awaitable[Sequence[R]]],
        *,
        company: Callable[[], int] = lambda: 0,
        patience: float = GATHERED,
        weight: Callable[[P], int] = lambda _: 1,
        most: int | None = None,
    ) -> None:
        self._work = work
        self._company = company  #: how many there are who may come, and are worth waiting for
        self._patience = patience  #: seconds for which they are waited for
        self._weight = weight
        self._most = most  #: when parts weigh so much, the rest is for the next time
        self._waiting: deque[tuple[P, asyncio.Future[R]]] = deque()
        self._gathered = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many parts nobody has begun with."""
        return len(self._waiting)

    async def do(self, part: P) -> R:
        """Returns when it is done. Work that fails is done again for each alone, and raises for that one."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((part, done))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        self.look()
        return await done

    def look(self) -> None:
        """Called when ``company`` is less than it was: perhaps nobody is waited for any more."""
        if self._running is not None and self._is_enough():
            self._gathered.set()

    def _is_enough(self) -> bool:
        if len(self._waiting) >= self._company():
            return True
        return self._most is not None and sum(self._weight(part) for part, _ in self._waiting) >= self._most

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                # Who was cancelled meanwhile wants nothing any more.
                if given := [(part, done) for part, done in self._portion() if not done.done()]:
                    await self._do(given)
        finally:
            self._running = None

    async def _gather(self) -> None:
        if self._is_enough():
            return
        self._gathered.clear()
        try:
            async with asyncio.timeout(self._patience):
                await self._gathered.wait()
        except TimeoutError:
            return

    def _portion(self) -> list[tuple[P, asyncio.Future[R]]]:
        portion, weight = [], 0
        while self._waiting and (self._most is None or weight < self._most):
            portion.append(self._waiting.popleft())
            weight += self._weight(portion[-1][0])
        return portion

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
