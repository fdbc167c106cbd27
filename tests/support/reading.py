"""Reading in threads, for tests that are about something else: a process of its own takes a second to begin."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from aggregator.pipeline.threads import Threads

P = ParamSpec("P")
T = TypeVar("T")


class ReadingInThreads:
    """What goes in and comes out is pickled all the same, so that it could cross into a process."""

    def __init__(self) -> None:
        self._threads = Threads("reading", 2)

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return cast(T, await self._threads.run(_done, work, pickle.dumps((args, kwargs))))

    def close(self) -> None:
        self._threads.close(wait=False)


def _done(work: Callable[..., object], values: bytes) -> object:
    args, kwargs = pickle.loads(values)
    return pickle.loads(pickle.dumps(work(*args, **kwargs)))
