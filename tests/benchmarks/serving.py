"""Conditional requests a second on the built-in server: ``python -m tests.benchmarks.serving``.

The server runs in a process of its own on one core, wrk on another. On a busy machine the wall clock tells little: the
figure to compare by is requests for each second of CPU that the server itself took (user and system).
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from aggregator.config.model import Server
from aggregator.serve import HttpServer, make_app
from tests.serve.making import FakeFacts

SECONDS = 10
CONNECTIONS = 32
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one kind of request came to."""

    what: str
    requests: int
    seconds: float
    cpu_seconds: float
    grown_kib: int  #: of the server's memory, from a tenth of the run to its end
    failed: int  #: answers that were none of 2xx and 3xx

    @property
    def per_cpu_second(self) -> float:
        return self.requests / self.cpu_seconds

    def __str__(self) -> str:
        return (
            f"{self.what:32} {self.requests / self.seconds:8.0f} a second, "
            f"{self.per_cpu_second:8.0f} a CPU-second, memory {self.grown_kib:+} KiB"
        )


def measure(seconds: int = SECONDS) -> list[Figure]:
    """Needs wrk."""
    with tempfile.TemporaryDirectory() as folder:
        _publish(Path(folder))
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.serving", "--serve", folder],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert child.stdout is not None
            address = child.stdout.readline().strip()
            etag = httpx.get(f"{address}/world.atom", headers={"accept-encoding": "gzip"}).headers["etag"]
            asked = [
                ("conditional, nothing new", "/world.atom", {"If-None-Match": etag}),
                ("conditional, by date alone", "/world.atom", {"If-Modified-Since": _LATER}),
                ("conditional, at the section", "/world/", {"If-None-Match": etag, "Accept": _ATOM}),
                ("whole, packed", "/world.atom", {}),
            ]
            return [_load(child.pid, what, address + path, more, seconds) for what, path, more in asked]
        finally:
            child.terminate()
            child.communicate()


_LATER = "Fri, 01 Jan 2100 00:00:00 GMT"
_ATOM = "application/atom+xml, */*;q=0.1"


def _publish(folder: Path) -> None:
    entry = "<entry><title>潮汐闸今日启用</title><content>{}</content></entry>".format("港口复工。" * 400)
    (folder / "world.atom").write_text(f"<feed>{entry * 50}</feed>", "utf-8")


def _load(pid: int, what: str, url: str, headers: dict[str, str], seconds: int) -> Figure:
    fields = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-H", "Accept-Encoding: gzip", *fields, url]
    began, cpu = time.monotonic(), _cpu(pid)
    cores = os.sched_getaffinity(0)
    wrk = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    os.sched_setaffinity(wrk.pid, {max(cores)})
    time.sleep(seconds / 10)
    before = _memory(pid)
    told, _ = wrk.communicate()
    found, failed = re.search(r"(\d+) requests in", told), re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    assert found, told
    return Figure(
        what=what,
        requests=int(found[1]),
        seconds=time.monotonic() - began,
        cpu_seconds=_cpu(pid) - cpu,
        grown_kib=_memory(pid) - before,
        failed=int(failed[1]) if failed else 0,
    )


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])


async def _serve(folder: Path) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    app = make_app(folder, facts=FakeFacts(hub="https://paper.example/hub"), server=Server())
    async with HttpServer(app, "127.0.0.1:0") as server:
        print(server.address, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(_serve(Path(sys.argv[2])))
    elif shutil.which("wrk") is None:
        sys.exit("wrk is not installed: apt-get install wrk")
    else:
        print(*measure(), sep="\n")
