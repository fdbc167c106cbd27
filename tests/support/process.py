"""The program as its users run it: a process of its own, from the command line."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TypeVar
from urllib.request import Request, urlopen

TIMEOUT = 30.0
T = TypeVar("T")


def aggregator(
    *arguments: str, folder: Path, check: bool = False, timeout: float = TIMEOUT * 4
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end in ``folder``."""
    return subprocess.run(
        [sys.executable, "-m", "aggregator", *arguments],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=check,
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200", "NO_COLOR": "1"}


class Process:
    """A running command; its standard error can be waited on."""

    def __init__(self, *arguments: str, folder: Path, program: Sequence[str] = ("-m", "aggregator")) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            cwd=folder,
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def said(self, pattern: str, times: int = 1) -> re.Match[str]:
        """Wait until standard error has said it so many times; returns the last match."""

        def found() -> list[re.Match[str]]:
            return [match for line in self.lines if (match := re.search(pattern, line))]

        with self._news:
            self._news.wait_for(lambda: len(found()) >= times or self._process.poll() is not None, TIMEOUT)
            matches = found()
        assert len(matches) >= times, f"never said {pattern!r}:\n{''.join(self.lines[-40:])}"
        return matches[times - 1]

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> int:
        """Wait for the end; returns the exit status."""
        return self._process.wait(TIMEOUT)


def eventually(condition: Callable[[], T]) -> T:
    """The first true value of the condition, asked again until then; an address that is not there yet is not true."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        with contextlib.suppress(OSError):
            if value := condition():
                return value
        assert time.monotonic() < deadline, f"never came true: {condition}"
        threading.Event().wait(0.05)


def get(url: str, **headers: str) -> bytes:
    """A document over loopback."""
    with urlopen(Request(url, headers=headers), timeout=TIMEOUT) as answer:
        body: bytes = answer.read()
        return body
