"""Threads for what blocks, a pool for each trade: one that hangs holds up its own trade alone."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """The threads of one trade."""

    def __init__(self, trade: str, number: int) -> None:
        self._executor = ThreadPoolExecutor(max_workers=number, thread_name_prefix=trade)
        self._waited_for = 0  #: works that somebody waits for the end of
        self._ended = asyncio.Event()

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Like asyncio.to_thread. Cancelled, it returns at once; work that has begun goes on to its end."""
        context = contextvars.copy_context()
        call = partial(context.run, work, *args, **kwargs)
        self._waited_for += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, call)
        finally:
            self._waited_for -= 1
            self._ended.set()

    async def nearly_done(self, most: int) -> None:
        """Returns when fewer works than ``most`` are waited for: at once, or when enough of them have ended."""
        while self._waited_for >= most:
            self._ended.clear()
            await self._ended.wait()

    def soon(self, work: Callable[[], object]) -> None:
        """Do it when there is time; nobody waits for it."""
        self._executor.submit(work)

    def close(self, *, wait: bool = True) -> None:
        """What has not begun is dropped; ``wait`` for what has."""
        self._executor.shutdown(wait=wait, cancel_futures=True)
