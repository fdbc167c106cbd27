"""What a document can make of the process that reads it."""

from __future__ import annotations

import ctypes
import itertools
import os
import signal
import sys
import time

from aggregator.documents import read_feed
from aggregator.entry import FeedRead
from aggregator.normalise import SourceContext


def loops() -> None:
    while True:
        pass


def loops_over(document: bytes) -> None:
    loops()


def pid_over(document: bytes) -> int:
    return os.getpid()


def loops_in_c() -> int:
    """Without ever giving another thread of its process a turn."""
    return max(itertools.repeat(0))


def sleeps() -> None:
    time.sleep(1000)


def swells() -> int:
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


_KEPT: list[bytearray] = []


def keeps(megabytes: int) -> int:
    _KEPT.append(bytearray(b"x") * (megabytes << 20))
    return len(_KEPT[-1])


def is_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def breaks_down() -> None:
    ctypes.string_at(0)


def leaves() -> None:
    os._exit(3)


def prints() -> str:
    print("not an answer")
    os.write(1, b"nor is this")
    return "answer"


class Odd(Exception):
    """Cannot be made again from its arguments."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one)


def raises_odd() -> None:
    raise Odd("what", "ever")


def unpicklable() -> object:
    return lambda: None


def own_pid() -> int:
    return os.getpid()


def modules() -> list[str]:
    return sorted(name for name, module in sys.modules.items() if module is not None)


def hanging_read_feed(body: bytes, context: SourceContext, **settings: object) -> FeedRead:
    """Like read_feed, but a feed that says so makes it hang."""
    if b"hang the reader" in body:
        loops_in_c()
    if b"swell the reader" in body:
        swells()
    if b"kill the reader" in body:
        is_killed()
    return read_feed(body, context, **settings)  # type: ignore[arg-type]  # passed on as they come
