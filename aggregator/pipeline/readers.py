"""Processes that read what comes from outside, so that a document that hangs or swells its parser can be killed.

They are begun when there is work, kept while there is more, and ended when there was none for a while. Each is served
by a thread of its own, which does nothing but wait for it.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, ParamSpec, TypeVar, cast

from aggregator.heap import give_back
from aggregator.pipeline.threads import Threads
from aggregator.reader import ERROR, EXHAUSTED, HEAD, LENGTH, Job, allowed

#: Seconds by the clock that a new process has beside its first reading, to import what it works with.
_BEGINNING = 10.0
#: Bytes in the pipe that answers come by: the articles of a document pass in one piece.
_PIPE = 1 << 19

P = ParamSpec("P")
T = TypeVar("T")

_BOOT = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from aggregator.reader import serve; serve({0}, {1})"


class ReadingStopped(Exception):
    """A reading was broken off; the message says why, in words for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one reading may take."""

    seconds: float = 10.0  #: of processor time, and one more for every MiB that is read
    patience: float = 3.0  #: so many times as long by the clock: the machine may be busy
    #: Bytes that it may need beyond what its process has anyway, and beyond its own size.
    memory: int = 512 << 20
    idle: float = 30.0  #: seconds without work after which a process ends
    slow: float = 2.0  #: seconds at one job after which another process is begun for those that wait


def number_of_readers() -> int:
    """One processor is left to fetching, storing and printing."""
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(4, ours - 1))


class Readers:
    """The reading processes of one daemon or command. Work is a function that an import finds, its arguments values."""

    def __init__(
        self,
        number: int | None = None,
        bounds: Bounds | None = None,
        *,
        ready: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """``ready`` is waited for before a piece of work is begun: whoever takes what was read may be behind."""
        self._ready = ready
        self._bounds = bounds or Bounds()
        self._number = number or number_of_readers()
        # One more, for when all of them are at something that hangs.
        self._threads = Threads("reading", self._number + 1)
        self._turns = asyncio.Semaphore(self._number + 1)
        self._lock = threading.Condition()
        self._free: list[_Reader] = []  #: the one that worked last at the end
        self._busy: set[_Reader] = set()
        self._closed = False
        self._rest: asyncio.TimerHandle | None = None

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it in a process. Raises what the work raises, and ReadingStopped where it did not come to an end.

        Cancelled, it returns at once; the process goes on to the end of the work.
        """
        try:
            async with self._turns:
                if self._ready is not None:
                    await self._ready()
                return cast(T, await self._threads.run(self._done, (work, args, kwargs)))
        finally:
            self._rest_later()

    def close(self) -> None:
        """Kill them, whatever they are doing."""
        if self._rest is not None:
            self._rest.cancel()
        with self._lock:
            self._closed = True
            idle, self._free = self._free, []
            for reader in (*idle, *self._busy):
                reader.kill()
            self._lock.notify_all()
        for reader in idle:
            reader.end()
        self._threads.close()

    @property
    def pids(self) -> tuple[int, ...]:
        with self._lock:
            return tuple(reader.pid for reader in (*self._free, *self._busy))

    # -- in a thread

    def _done(self, job: Job) -> object:
        frame = pickle.dumps(job, protocol=5)
        answer = self._answer(frame)
        if answer.kind == EXHAUSTED:
            limit = self._bounds.memory >> 20
            raise ReadingStopped(f"reading its document took more than {limit} MiB of memory and was stopped")
        value = pickle.loads(answer.value)
        if answer.kind == ERROR:
            raise value
        return value

    def _answer(self, frame: bytes) -> _Answer:
        while True:
            reader = self._taken()
            fit = False
            try:
                reader.tell(frame)
                answer = reader.answer(allowed(self._bounds.seconds, len(frame)), self._bounds.patience)
                reader.is_new = False
                fit = not answer.last
                return answer
            except BrokenPipeError as error:
                if reader.is_new:
                    raise ReadingStopped("no process to read documents in could be started") from error
                continue  # it had died since its last job
            finally:
                self._given_back(reader, fit=fit)

    def _taken(self) -> _Reader:
        with self._lock:
            self._wait_for_turn()
            if self._closed:
                raise ReadingStopped("reading was broken off by the end of the program")
            reader = self._free.pop() if self._free else _Reader(self._bounds)
            # A new one has to import first what it works with.
            reader.since = time.monotonic() + (self._bounds.slow if reader.is_new else 0.0)
            self._busy.add(reader)
            return reader

    def _wait_for_turn(self) -> None:
        """Until one of the processes is free, or all of them have been at one job for long."""
        while not self._closed and len(self._busy) >= self._number:
            patience = max(reader.since for reader in self._busy) + self._bounds.slow - time.monotonic()
            if patience <= 0:
                return
            self._lock.wait(patience)

    def _given_back(self, reader: _Reader, *, fit: bool) -> None:
        with self._lock:
            self._busy.discard(reader)
            fit = fit and not self._closed
            if fit:
                reader.since = time.monotonic()
                self._free.append(reader)
            self._lock.notify()
        if not fit:
            reader.end()

    # -- rest

    def _rest_later(self) -> None:
        if self._rest is None and not self._closed:
            loop = asyncio.get_running_loop()
            self._rest = loop.call_later(self._bounds.idle, self._end_idle)

    def _end_idle(self) -> None:
        """End those that had no work for long; look again while any are left."""
        self._rest = None
        now = time.monotonic()
        with self._lock:
            idle = [reader for reader in self._free if now - reader.since >= self._bounds.idle]
            self._free = [reader for reader in self._free if reader not in idle]
            left = bool(self._free or self._busy)
        for reader in idle:
            self._threads.soon(reader.end)
        if left:
            self._rest_later()
        else:
            give_back()  # what was read is printed by now


@dataclass(frozen=True, slots=True)
class _Answer:
    kind: int
    last: bool  #: the process ends now
    value: bytearray


class _Reader:
    """One process, as the thread that waits for it sees it."""

    def __init__(self, bounds: Bounds) -> None:
        self.since = time.monotonic()  #: when its job began, or its last one ended
        self.is_new = True  #: it has answered nothing yet
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BOOT.format(bounds.seconds, bounds.memory), json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # an interrupt at the terminal is for the parent
        )
        with suppress(OSError, AttributeError):  # no such call, or no more large pipes: it takes more turns
            fcntl.fcntl(cast(IO[bytes], self._process.stdout), fcntl.F_SETPIPE_SZ, _PIPE)

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, job: bytes) -> None:
        """Raises BrokenPipeError when the process has died while it was idle."""
        assert self._process.stdin is not None
        for frame in (LENGTH.pack(len(job)), job):
            rest = memoryview(frame)
            while rest:
                rest = rest[os.write(self._process.stdin.fileno(), rest) :]

    def answer(self, seconds: float, patience: float) -> _Answer:
        """To a job that may take so many seconds, and ``patience`` times as many by the clock.

        Raises ReadingStopped; the process is of no use then.
        """
        deadline = time.monotonic() + seconds * patience + (_BEGINNING if self.is_new else 0.0)
        try:
            size, kind, last = HEAD.unpack(self._read(HEAD.size, deadline))
            return _Answer(kind, last, self._read(size, deadline))
        except TimeoutError:
            raise ReadingStopped(_reason(-signal.SIGPROF, seconds)) from None
        except EOFError:
            raise ReadingStopped(_reason(self._process.wait(), seconds)) from None

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """End it, whatever it is doing, and see it off."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()

    def _read(self, size: int, deadline: float) -> bytearray:
        assert self._process.stdout is not None
        source = self._process.stdout.fileno()
        frame = bytearray(size)
        view, at = memoryview(frame), 0
        waiting = select.poll()
        waiting.register(source, select.POLLIN)
        while at < size:
            if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TimeoutError
            got = os.readv(source, [view[at:]])
            if got == 0:
                raise EOFError
            at += got
        return frame


def _reason(status: int, seconds: float) -> str:
    """Why a process ended in the middle of a reading, by its exit status."""
    if status in (-signal.SIGPROF, -signal.SIGXCPU):
        return f"reading its document took longer than {seconds:.2g} s and was stopped"
    if status == -signal.SIGKILL:
        return (
            "the process that read its document was killed, by the system for want of memory or by somebody"
        )
    name = signal.Signals(-status).name if status < 0 else f"status {status}"
    return f"the process that read its document broke down ({name})"
