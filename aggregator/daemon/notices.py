"""Whoever is told of what was printed: subscribers of our own hub, other hubs, webhooks. Beside everything else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog

from aggregator.clock import Clock
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.receivers import Receivers
from storage.errors import StorageError

log = structlog.get_logger("aggregator.notices")

#: Seconds until a messenger is looked after again when the store did not answer.
_LATER = 5.0


class Messenger(Protocol):
    """One kind of being told. Its methods belong to the event loop."""

    @property
    def under_way(self) -> int: ...

    @property
    def receivers(self) -> Receivers: ...

    async def take(self, plan: Plan) -> None:
        """Raises StorageError."""
        ...

    def printed(self) -> None: ...

    def due(self, now: datetime) -> bool: ...

    async def tend(self) -> None:
        """Begin what is due. Raises StorageError; then it is due still."""
        ...

    async def drain(self, seconds: float) -> None: ...


class Notices:
    """Looks after the messengers, each by itself: one that hangs holds up no other."""

    def __init__(self, messengers: Sequence[Messenger], clock: Clock) -> None:
        self._messengers, self._clock = messengers, clock
        self._tending: dict[Messenger, asyncio.Task[None]] = {}
        self._not_before: dict[Messenger, float] = {}

    async def take(self, plan: Plan) -> None:
        """Raises StorageError."""
        for one in self._messengers:
            await one.take(plan)

    def printed(self) -> None:
        for one in self._messengers:
            one.printed()
        self.tend()

    def tend(self) -> None:
        now = self._clock()
        for one in self._messengers:
            rests = self._not_before.get(one, 0.0) > time.monotonic()
            if one not in self._tending and not rests and one.due(now):
                self._tending[one] = asyncio.create_task(self._tend(one))

    async def _tend(self, one: Messenger) -> None:
        try:
            await one.tend()
        except StorageError as error:
            log.error("told later: the store does not answer", who=type(one).__name__, error=str(error))
            self._not_before[one] = time.monotonic() + _LATER
        except Exception:
            log.exception("telling broke off", who=type(one).__name__)
            self._not_before[one] = time.monotonic() + _LATER
        finally:
            del self._tending[one]

    @property
    def under_way(self) -> int:
        return len(self._tending) + sum(one.under_way for one in self._messengers)

    async def once(self, plan: Plan, seconds: float) -> None:
        """Tell what there is to tell, within so many seconds: for a command that ends. Raises StorageError."""
        await self.take(plan)
        for one in self._messengers:
            if one.due(self._clock()):
                await one.tend()
        await asyncio.gather(*(one.drain(seconds) for one in self._messengers))

    async def drain(self, seconds: float) -> None:
        """Let what is on its way arrive, for so long."""
        for task in list(self._tending.values()):
            task.cancel()
        await asyncio.gather(*self._tending.values(), return_exceptions=True)
        await asyncio.gather(*(one.drain(seconds) for one in self._messengers))
