"""A claim's lease, renewed while its poll goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from storage.errors import LeaseLost, StorageError

log = structlog.get_logger("aggregator.poll")


class Lease:
    """Renews a claim's lease while the block runs. Most polls end before the first renewal, and cost a timer only."""

    def __init__(self, renew: Callable[[], Awaitable[None]], *, first: timedelta, every: timedelta) -> None:
        self._renew = renew
        self._first = max(first, timedelta()).total_seconds()
        self._every = every.total_seconds()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._first, self._begin)

    async def __aexit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while True:
            try:
                await self._renew()
            except LeaseLost:
                return  # the commit will find out, and write nothing
            except StorageError as error:
                log.warning("lease not renewed", error=str(error))
            await asyncio.sleep(self._every)
