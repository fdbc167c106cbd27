"""The other end of ``pipeline/readers.py``: a process that does one reading at a time, and may be killed at any moment.

It takes jobs from standard input until that ends and answers on standard output, as pickles with their length before.
What a document can do to it is bounded by the kernel: its processor time, its memory, and its life by that of the
process that began it. It imports nothing of the program but what a job names.
"""

from __future__ import annotations

import fcntl
import gc
import os
import pickle
import resource
import signal
import struct
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

from aggregator.lazy import left_out

#: Before a job: its length.
LENGTH = struct.Struct("!Q")
#: Before an answer: its length, what it is, and whether the process ends now.
HEAD = struct.Struct("!QB?")
#: The value, the exception, or nothing but that there was too little memory.
VALUE, ERROR, EXHAUSTED = range(3)
#: A process that has grown by so much gives it back by ending; another one is begun when there is work.
MOST_GROWTH = 100 << 20
#: Modules that take 5 MB of OpenSSL along where they find it; who reads feeds asks nobody, and needs none of it.
DO_WITHOUT_OPENSSL = ("hashlib", "urllib.request")

Job = tuple[Callable[..., object], tuple[object, ...], dict[str, object]]


def serve(seconds: float, memory: int) -> None:
    """Each job may take ``seconds`` of processor time and ``memory`` more bytes than the process had before.

    A long document may take longer and needs more.
    """
    answers = _alone()
    with left_out("ssl", "_hashlib"):
        for name in DO_WITHOUT_OPENSSL:
            import_module(name)
    began_at = 0
    while (frame := _received(0)) is not None:
        job: Job = pickle.loads(frame)  # ours: the parent made it; what it imports is no part of the job
        first, began_at = not began_at, began_at or _used(1)
        kind, answer = _done(job, allowed(seconds, len(frame)), memory + 20 * len(frame))
        if first:
            gc.freeze()  # what the job imported
        last = kind == EXHAUSTED or _used(1) - began_at > MOST_GROWTH
        _send(answers, HEAD.pack(len(answer), kind, last), answer)
        if last:
            return


def allowed(seconds: float, size: int) -> float:
    """Of processor time, for a job of so many bytes: one more for every MiB."""
    return seconds + size / (1 << 20)


def _alone() -> int:
    """Take the process away from terminals and service managers; returns where answers go."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the parent drains, and ends it by closing standard input
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    answers = os.dup(1)
    os.dup2(2, 1)  # a library that prints must not do so into an answer
    gc.freeze()
    return answers


def _done(job: Job, seconds: float, memory: int) -> tuple[int, bytes]:
    work, args, kwargs = job
    try:
        with _Bounds(seconds, memory):
            return VALUE, pickle.dumps(work(*args, **kwargs), protocol=5)
    except MemoryError:
        return EXHAUSTED, b""
    except Exception as error:
        return ERROR, _pickled(error)


def _pickled(error: Exception) -> bytes:
    error.add_note("in a reading process:\n" + traceback.format_exc())
    try:
        frame = pickle.dumps(error, protocol=5)
        pickle.loads(frame)
    except Exception:
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"), protocol=5)
    return frame


class _Bounds:
    """What the kernel ends the process for while the block runs."""

    def __init__(self, seconds: float, memory: int) -> None:
        self._seconds = seconds
        used = _used(0)
        self._memory = used + memory if used else resource.RLIM_INFINITY

    def __enter__(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, self._seconds)  # SIGPROF, which ends it even inside of C
        _limit_memory(self._memory)
        _told_of_the_end(True)

    def __exit__(self, *_: object) -> None:
        _told_of_the_end(False)
        _limit_memory(resource.RLIM_INFINITY)
        signal.setitimer(signal.ITIMER_PROF, 0)


def _limit_memory(size: int) -> None:
    with suppress(ValueError, OSError):  # a lower limit of the operator's own stands
        resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _told_of_the_end(wanted: bool) -> None:
    """SIGIO when the parent is gone, which ends a reading that nobody waits for any more."""
    flags = fcntl.fcntl(0, fcntl.F_GETFL)
    fcntl.fcntl(0, fcntl.F_SETFL, flags | os.O_ASYNC if wanted else flags & ~os.O_ASYNC)


def _used(column: int) -> int:
    """Bytes of address space (0) or of memory (1) in use; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[column]) * resource.getpagesize()
    except OSError:
        return 0


def _received(source: int) -> bytearray | None:
    """The next frame; None at the end."""
    head = _exactly(source, LENGTH.size)
    return None if head is None else _exactly(source, LENGTH.unpack(head)[0])


def _exactly(source: int, size: int) -> bytearray | None:
    frame = bytearray(size)
    view, at = memoryview(frame), 0
    while at < size:
        got = os.readv(source, [view[at:]])
        if got == 0:
            return None
        at += got
    return frame


def _send(target: int, *frames: bytes) -> None:
    for frame in frames:
        rest = memoryview(frame)
        while rest:
            rest = rest[os.write(target, rest) :]
