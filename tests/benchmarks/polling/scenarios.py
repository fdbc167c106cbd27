"""The situations that are measured. Each runs programs of its own and yields lines of the table."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aggregator.daemon import Pace
from tests.benchmarks.polling.loopback import Loopback, loopback
from tests.benchmarks.polling.papers import ENTRIES
from tests.benchmarks.polling.rig import (
    Spent,
    aggregator,
    configure,
    daemon,
    known,
    make_due,
    put_off,
    running,
)
from tests.benchmarks.polling.table import Line

LATENCY = 0.1
IN_FLIGHT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of each situation."""

    unchanged: int = 1000
    idle: int = 10_000
    idle_seconds: float = 30.0
    due: int = 10_000
    hanging: int = 100
    imports: tuple[int, ...] = (250, 500, 1000)
    changed: int = 200


QUICK = Size(unchanged=200, idle=2000, idle_seconds=6, due=1000, hanging=60, imports=(40, 80), changed=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where and with what a scenario runs."""

    folder: Path
    size: Size
    reader: Path | None = None  #: a Python that has lemon24/reader


# -- documents that have not changed


def unchanged(setting: Setting) -> Iterator[Line]:
    """What a 304 costs, and whether latency is waited out by many at once."""
    number = setting.size.unchanged
    with loopback() as web:
        folder = _quiet(setting.folder / "unchanged", web, number)
        with daemon(folder) as program:
            spent = _drained(program.cpu, web, folder, number)
            yield Line.of("304: CPU per source, ms", spent.cpu / number * 1e3, goal=1.5, stretch=0.6)
        web.desk("latency", LATENCY)
        put_off(folder)
        with daemon(folder) as program:
            spent = _drained(program.cpu, web, folder, number)
            ideal = number / IN_FLIGHT * LATENCY
            what = f"304: wall at {LATENCY * 1e3:.0f} ms latency, {IN_FLIGHT} in flight, of the ideal"
            yield Line.of(what, spent.wall / ideal, goal=1.5, note=f"{spent.wall:.2f} s, ideal {ideal:.2f} s")


def _quiet(folder: Path, web: Loopback, number: int) -> Path:
    configure(folder, [web.url("quiet", at) for at in range(number)], concurrency=str(IN_FLIGHT))
    known(folder)
    return folder


def _drained(
    cpu: Callable[[], float], web: Loopback, folder: Path, number: int, *, afterwards: float = 1.5
) -> Spent:
    """Make every source due, wait until all are answered and some seconds more, for what is done afterwards.

    The wall time is from the first question to the last answer: a tick's second before it is not the polls'.
    """
    web.desk("forget")
    before, begun = cpu(), make_due(folder)
    while web.desk("count")["answered"] < number:
        time.sleep(0.1)
        if time.time() > begun + 600:
            raise RuntimeError(f"only {web.desk('count')['answered']} of {number} were asked")
    counts = web.desk("count")
    wall = counts["last"] - counts["first"]
    time.sleep(afterwards)
    return Spent(cpu=cpu() - before, wall=wall, rss=0.0)


# -- many sources


def idle(setting: Setting) -> Iterator[Line]:
    number = setting.size.idle
    with loopback() as web:
        folder = _quiet(setting.folder / "idle", web, number)
        with daemon(folder) as program:
            before = program.cpu()
            time.sleep(setting.size.idle_seconds)
            share = (program.cpu() - before) / setting.size.idle_seconds
            yield Line.of(f"{number} idle sources: share of a core, %", share * 100, goal=1.0)
            yield Line.of(
                f"{number} idle sources: RSS, MB", program.rss(), goal=150, note=f"peak {program.peak():.0f}"
            )


def due(setting: Setting) -> Iterator[Line]:
    """All are due at once; the daemon has one core, the server the other."""
    number = setting.size.due
    with loopback() as web:
        folder = _quiet(setting.folder / "due", web, number)
        with daemon(folder, core=max(os.sched_getaffinity(0))) as program:
            spent = _drained(program.cpu, web, folder, number)
    note = f"{spent.wall:.1f} s, {spent.cpu:.1f} s CPU"
    yield Line.of(
        f"{number} due sources: polls per second on one core",
        number / spent.wall,
        goal=100,
        floor=True,
        note=note,
    )


def hanging(setting: Setting) -> Iterator[Line]:
    """Half the sources never answer: how late the others are asked, in intervals."""
    number, interval = setting.size.hanging, 30.0
    with loopback() as web:
        folder = setting.folder / "hanging"
        urls = [web.url(kind, at) for at in range(number) for kind in ("hang", "quiet")]
        configure(folder, urls, interval=f"{interval:.0f}s", timeout="30s", concurrency=str(IN_FLIGHT))
        known(folder)
        with daemon(folder) as program:
            web.desk("forget")
            begun = make_due(folder)
            program.until(lambda: web.desk("count")["answered"] >= number, every=0.5)
            late = [at - begun for path, at in web.desk("asked")["asked"] if path.startswith("/quiet/")]
    note = f"the last of {number} after {max(late):.1f} s, the interval is {interval:.0f} s"
    yield Line.of(
        f"{number} hanging sources: delay of {number} good ones, intervals",
        max(late) / interval,
        goal=1,
        note=note,
    )


# -- documents that are new


def imports(setting: Setting) -> Iterator[Line]:
    """Feeds that nobody has seen yet, and beside it another reader over the same.

    Near copies are looked for in one of them only: what this costs depends on how alike the texts are, those here are
    made of few words, and the other reader does nothing of the kind.
    """
    with loopback() as web:
        for number in setting.size.imports:
            spent = _imported(setting.folder / f"import{number}", web, number)
            per_second = number * ENTRIES / spent.cpu
            yield Line.of(
                f"import of {number} feeds: CPU per feed, ms", spent.cpu / number * 1e3, goal=30, stretch=10
            )
            yield Line.of(
                f"import of {number} feeds: entries per CPU-second", per_second, goal=1300, floor=True
            )
            yield Line.of(
                f"import of {number} feeds: RSS, MB", spent.rss, goal=150, note=f"{spent.wall:.0f} s"
            )
        yield from _beside(setting, web, setting.size.imports[-1], spent)
        few = setting.size.imports[0]
        spent = _imported(setting.folder / "near", web, few, near=True)
        yield Line.of(f"import of {few} feeds, near copies too: CPU per feed, ms", spent.cpu / few * 1e3)


def _imported(folder: Path, web: Loopback, number: int, *, near: bool = False) -> Spent:
    configure(folder, [web.url("feed", at) for at in range(number)], near=near)
    with running(aggregator("run", "--once"), folder) as program:
        return program.end()


def _beside(setting: Setting, web: Loopback, number: int, ours: Spent) -> Iterator[Line]:
    what = f"lemon24/reader, {number} feeds, 10 workers: "
    if setting.reader is None:
        yield Line.left_out(what, "name a Python that has it: --reader-python PATH")
        return
    folder = setting.folder / "reader"
    folder.mkdir()
    (folder / "urls").write_text("\n".join(web.url("feed", at) for at in range(number)))
    script = Path(__file__).with_name("beside_reader.py")
    with running((str(setting.reader), str(script)), folder) as program:
        theirs = program.end()
    note = f"ours is {ours.cpu / theirs.cpu:.2f} of it"
    yield Line.of(what + "CPU per feed, ms", theirs.cpu / number * 1e3, note=note)
    yield Line.of(
        what + "RSS, MB", theirs.rss, note=f"ours is {ours.rss / theirs.rss:.2f} of it; {theirs.wall:.0f} s"
    )


def changed(setting: Setting) -> Iterator[Line]:
    """Three new entries of forty, in the running daemon."""
    number = setting.size.changed
    with loopback() as web:
        folder = setting.folder / "changed"
        _imported(folder, web, number)
        put_off(folder)
        web.desk("edition", 1)
        with daemon(folder) as program:
            # The last edition is printed when the press has rested from the one before.
            spent = _drained(
                program.cpu, web, folder, number, afterwards=Pace().longest.total_seconds() + 1.5
            )
    yield Line.of("3 new entries of 40: CPU per feed, ms", spent.cpu / number * 1e3, goal=15)


SCENARIOS: dict[str, Callable[[Setting], Iterator[Line]]] = {
    scenario.__name__: scenario for scenario in (unchanged, idle, due, hanging, imports, changed)
}
