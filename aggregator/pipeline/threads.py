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

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Like asyncio.to_thread. Cancelled, it returns at once; work that has begun goes on to its end."""
        context = contextvars.copy_context()
        call = partial(context.run, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    def soon(self, work: Callable[[], object]) -> None:
        """Do it when there is time; nobody waits for it."""
        self._executor.submit(work)

    def close(self, *, wait: bool = True) -> None:
        """What has not begun is dropped; ``wait`` for what has."""
        self._executor.shutdown(wait=wait, cancel_futures=True)
