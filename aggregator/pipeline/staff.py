"""Who does what blocks or computes: threads for the store and the press, processes for reading."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

from aggregator.pipeline.backlog import Backlog
from aggregator.pipeline.readers import Readers
from aggregator.pipeline.threads import Threads

#: Documents whose commits are waited for while the next is read. The articles of one take some 300 kB.
AHEAD = 8

P = ParamSpec("P")
T = TypeVar("T")


class Reading(Protocol):
    """Does work on what comes from outside, away from the event loop.

    The work is a function that an import finds, and what goes in and comes out are plain values: it may be done in
    another process.
    """

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Raises what the work raises, and ReadingStopped where it had to be broken off."""
        ...

    def close(self) -> None:
        """At once, whatever is being read."""
        ...


class Awaited:
    """Reading, and how much of it is waited for at the moment."""

    def __init__(self, reading: Reading) -> None:
        self.backlog = Backlog()  #: what is being read, and what waits for its turn
        self._reading = reading

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self.backlog:
            return await self._reading.run(work, *args, **kwargs)

    def close(self) -> None:
        self._reading.close()


class Staff:
    """The threads and processes of one daemon or command."""

    def __init__(self, reading: Reading | None = None) -> None:
        self.store = Threads("store", 8)  #: waits for the disk and for the one writer's turn
        #: Of one thread: commits are serialised, and threads that wait for each other's lock cost more than they do.
        self.commits = Threads("commits", 1)
        self.unstored = Backlog(AHEAD)  #: documents that were read, and whose articles are not committed yet
        #: Parses and normalises what comes from outside, hardly faster than it is stored.
        self.reading = Awaited(reading or Readers(ready=self.unstored.room))
        self.meaning = Threads("meaning", 1)  #: encodes sentences: one at a time is what a core can do
        self.press = Threads("press", 1)  #: renders and writes the paper

    async def close(self) -> None:
        """Wait for the store and the press. What is being read is not waited for."""
        await asyncio.to_thread(self.reading.close)
        for threads in (self.press, self.meaning, self.commits, self.store):
            await asyncio.to_thread(threads.close)
