"""Whether somebody set the clock, and what is set right after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from aggregator.clock import Clock
from aggregator.daemon.desk import Desk
from storage.errors import StorageError

log = structlog.get_logger("aggregator.daemon")

#: A wall clock that strays so far from the monotonic one was set.
CLOCK_JUMP = timedelta(seconds=60)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WallClock:
    """Compares the wall clock with the monotonic one, in seconds, which nobody can set."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float]) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._skew = self._skewed()

    def moved(self) -> timedelta:
        """By how much it was set since this was asked last; nothing for what clocks stray by themselves."""
        skew = self._skewed()
        moved, self._skew = skew - self._skew, skew
        return moved if abs(moved) > CLOCK_JUMP else timedelta()

    def _skewed(self) -> timedelta:
        """Wall time less monotonic time; constant until somebody sets the clock."""
        return self._clock() - _EPOCH - timedelta(seconds=self._monotonic())


async def mend_queue(desk: Desk, moved: timedelta) -> None:
    """Next polls that were reckoned by the clock as it was before. A store that does not answer is reported."""
    now = desk.clock()
    try:
        if moved > timedelta():
            sources = await desk.staff.store.run(desk.store.set_forward, now - moved, now)
        else:
            sources = await desk.staff.store.run(desk.store.set_back, now, by=-moved)
    except StorageError as error:
        log.error("the queue was not set right after the clock", error=str(error))
    else:
        log.info("next polls were set right after the clock", sources=sources)
