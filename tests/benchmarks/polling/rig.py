"""Programs under measurement: each a process of its own, its CPU and memory read from the system.

CPU is user and system time of the process and all its descendants, living and ended. RSS is the greatest sum over the
process and its living descendants, looked at ten times a second: what they share is counted for each.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.app.plan import plan_of
from aggregator.config import load_config
from storage import open_store

TIMEOUT = 900.0
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: An installed program has its bytecode: it must not be compiled in every process that is measured.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
    "PYTHONUNBUFFERED": "1"
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a program used."""

    cpu: float  #: seconds
    wall: float  #: seconds
    rss: float  #: MB at its peak


class Program:
    """A process and its descendants, watched while it runs."""

    def __init__(self, command: Sequence[str], folder: Path, *, core: int | None = None) -> None:
        self._log = (folder / "log").open("ab")
        pinned = ("taskset", "-c", str(core)) if core is not None else ()
        self._process = subprocess.Popen([*pinned, *command], cwd=folder, env=_ENVIRONMENT, stderr=self._log)
        self._folder = folder
        self._begun = time.monotonic()
        self._peak = 0.0
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._weigh, daemon=True)
        self._watch.start()

    def cpu(self) -> float:
        """CPU seconds so far."""
        return sum(_cpu_of(pid) for pid in _family(self._process.pid))

    def rss(self) -> float:
        """MB now."""
        return sum(_rss_of(pid) for pid in _family(self._process.pid)) / 1e6

    def peak(self) -> float:
        return self._peak

    def said(self, words: str) -> bool:
        return words in (self._folder / "log").read_text(encoding="utf-8")

    def until(self, condition: Callable[[], bool], every: float = 0.05) -> None:
        """Wait until it holds. Raises when the program ends before, or the time does."""
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("ended early or hung:\n" + _tail(self._folder / "log"))
            time.sleep(every)

    def end(self) -> Spent:
        """Wait for the end; the figures are of all of it."""
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - self._begun
        self._ended.set()
        self._watch.join()
        self._log.close()
        if self._process.returncode:
            raise RuntimeError(f"status {self._process.returncode}:\n" + _tail(self._folder / "log"))
        peak = max(self._peak, usage.ru_maxrss * 1024 / 1e6)
        return Spent(cpu=usage.ru_utime + usage.ru_stime, wall=wall, rss=peak)

    def stop(self) -> Spent:
        self._process.send_signal(signal.SIGTERM)
        return self.end()

    def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        self._ended.set()
        self._watch.join()
        self._log.close()

    def _weigh(self) -> None:
        while not self._ended.wait(0.1):
            self._peak = max(self._peak, self.rss())


@contextmanager
def running(command: Sequence[str], folder: Path, *, core: int | None = None) -> Iterator[Program]:
    program = Program(command, folder, core=core)
    try:
        yield program
    finally:
        program.kill()


def aggregator(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "aggregator", *arguments)


@contextmanager
def daemon(folder: Path, *, core: int | None = None) -> Iterator[Program]:
    """The shipped daemon, once it is ready and has come to rest."""
    with running(aggregator("run"), folder, core=core) as program:
        program.until(lambda: program.said("/all.atom"))
        time.sleep(1.5)
        yield program


# -- a folder to run in


def configure(folder: Path, urls: Sequence[str], *, near: bool = True, **defaults: str) -> None:
    """A feeds.yaml of these addresses; sources s0, s1 … Without ``near`` no near copies are looked for."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = {"allow_private": "127.0.0.0/8", "first_fetch": "{max_items: 1000}", **defaults}
    sources = "".join(f'  - {{id: s{number}, url: "{url}"}}\n' for number, url in enumerate(urls))
    (folder / "feeds.yaml").write_text(
        f"defaults: {{{', '.join(f'{key}: {value}' for key, value in keys.items())}}}\n"
        'server: {listen: "127.0.0.1:0"}\n'
        f"dedup: {{near: {{enabled: {'yes' if near else 'no'}}}}}\n"
        "sections: [{id: all, title: All, include: ['*']}]\n"
        f"sources:\n{sources}"
    )


def known(folder: Path) -> None:
    """Let the store know every source as one that answered with a validator, and is not due for long."""
    loaded = load_config(folder / "feeds.yaml", env={})
    store = open_store(loaded.storage_url)
    store.sync_sources(plan_of(loaded).seeds(), datetime.now(UTC))
    store.close()
    _update(folder, "etag = ?, polls = 1, kind = 'feed'", b'"1"')
    put_off(folder)


def put_off(folder: Path) -> None:
    now = datetime.now(UTC)
    _update(folder, "last_poll = ?", _micro(now))
    _update(folder, "next_poll = ?", _micro(now + timedelta(hours=12)))


def make_due(folder: Path) -> float:
    """Every source is due now; returns this moment as wall time."""
    now = datetime.now(UTC)
    _update(folder, "next_poll = ?", _micro(now))
    return now.timestamp()


def _update(folder: Path, assignment: str, value: object) -> None:
    with closing(sqlite3.connect(folder / "var/aggregator.db", timeout=30)) as database, database:
        database.execute(f"UPDATE source SET {assignment}", (value,))


def _micro(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


# -- what the system knows of a process


def _family(pid: int) -> list[int]:
    """The process and all that descends from it."""
    parents = {
        int(entry.name): _parent_of(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()
    }
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _parent_of(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0  # it has just ended


def _cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


def _rss_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8").splitlines()[-20:])
