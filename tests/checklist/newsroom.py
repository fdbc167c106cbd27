"""The shipped daemon over a scripted web, its clock in the test's hand: what the checklist is tried on.

    async def test_…(newsroom: Newsroom) -> None:
        newsroom.web.answer("/feed", ok(rss(item(1)), etag='"1"'), NOT_MODIFIED)
        await newsroom.start()                                  # one source, "feed", at /feed
        asked = await newsroom.next_request()                   # the clock moves on to its next poll
        assert asked["if-none-match"] == b'"1"'
        assert newsroom.row()["last_status"] == 304

Everything is as ``aggregator run`` makes and joins it: feeds.yaml on the disk, SQLite on the disk, with ``serve=True``
the server on a port (which takes a tenth of a second to stop).
Only the clock is another, a tick comes when the test lets one come, and documents are read in threads, since a process
takes a quarter of a second to start. What the daemon knows is read as
``status --json`` prints it; what it publishes, from its folder or over HTTP.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import httpx

from aggregator.app.office import Office, RunOptions, open_office
from aggregator.config import load_config
from aggregator.daemon import Pace
from aggregator.pipeline.staff import Reading
from aggregator.serve.status import status_rows
from tests.support.reading import ReadingInThreads
from tests.support.room import FakeClock
from tests.support.web import Asked, Web

#: No tick of its own: ``settle`` brings them.
BY_HAND = Pace(tick=timedelta(days=1), edition=timedelta(), rest=0, misprint=timedelta(milliseconds=5))
PATIENCE = 20.0  #: seconds of true time for whatever is under way
A_MOMENT = timedelta(milliseconds=1)  #: ``status`` shows times cut to the millisecond

INTERVAL = "{base: 2s, min: 1s, max: 1h, jitter: 0}"
ONE_SOURCE = '{id: feed, url: "{web}/feed"}'
CONFIG = """\
defaults: {{interval: {interval}, allow_private: 127.0.0.0/8{defaults}}}
sources:
{sources}
sections:
  - {{id: world, title: World, include: "*"}}
server: {{listen: "127.0.0.1:0"}}
{more}
"""


def config(*sources: str, defaults: str = "", interval: str = INTERVAL, more: str = "") -> str:
    """The convention of the checklist; each source a map in YAML's flow style, ``defaults`` more keys of that map."""
    return CONFIG.format(
        interval=interval,
        defaults=f", {defaults}" if defaults else "",
        sources="\n".join(f"  - {source}" for source in sources or (ONE_SOURCE,)),
        more=more,
    )


@dataclass(slots=True, kw_only=True)
class Newsroom:
    """One daemon, which may be stopped and started again over the same files."""

    web: Web
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    pace: Pace = BY_HAND
    serve: bool = False
    reading: Callable[[], Reading] = ReadingInThreads
    address: str = ""  #: of its own server, while it runs
    _set: timedelta = timedelta()  #: by how much the clock has been set
    _office: Office | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _running: asyncio.Task[None] | None = None

    # -- its life

    async def start(self, yaml: str | None = None, *, settle: bool = True, serve: bool | None = None) -> None:
        """Start the daemon; ``{web}`` in the text is the web's address. Without a text the file stays what it was.

        With ``settle`` what is due at the start has been polled and printed; with ``serve`` its own server listens.
        """
        self.serve = self.serve if serve is None else serve
        if yaml is not None or not self._file.exists():
            self.write(config() if yaml is None else yaml)
        loaded = load_config(self._file, env={})
        options = RunOptions(path=self._file, env={})
        office = open_office(
            loaded,
            options,
            clock=self.clock,
            monotonic=lambda: (self.clock() - self._set).timestamp(),
            pace=self.pace,
            reading=self.reading(),
        )
        self._office = await self._stack.enter_async_context(office)
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        run = self._office.run if self.serve else self._without_server
        self._running = asyncio.create_task(run(ready.set_result))
        first: set[asyncio.Future[Any]] = {ready, self._running}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            self._running.result()
        self.address = ready.result()
        if settle:
            await self.settle()

    async def _without_server(self, announce: Callable[[str], None]) -> None:
        await self.office.daemon.run(lambda: announce(""))

    async def stop(self) -> None:
        """As SIGTERM does, twice: what hangs is not waited for."""
        if self._office is None or self._running is None:
            return
        office, running, self._office, self._running = self._office, self._running, None, None
        office.daemon.stop()
        office.daemon.stop()
        await running
        await self._stack.aclose()

    async def restart(self, yaml: str | None = None) -> None:
        await self.stop()
        await self.start(yaml)

    async def reload(self, yaml: str) -> None:
        """Change the file and let the daemon take it in, as SIGHUP does."""
        self.write(yaml)
        assert await self.office.daemon.reload()

    def write(self, yaml: str) -> None:
        self._file.write_text(yaml.replace("{web}", self.web.url("")), encoding="utf-8")

    @property
    def _file(self) -> Path:
        return self.folder / "feeds.yaml"

    @property
    def office(self) -> Office:
        assert self._office is not None, "the daemon does not run"
        return self._office

    # -- its time

    async def tick(self) -> None:
        """One tick; the polls that it began may be under way still."""
        await self.office.daemon.tick()

    async def settle(self) -> None:
        """Tick until nothing that is due now is left, and all that came is printed."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.tick()
                if not self.office.daemon.under_way:
                    break
                while self.office.daemon.under_way:  # noqa: ASYNC110 - seen only from outside
                    await asyncio.sleep(0.001)
        await self.office.desk.staff.press.run(self.office.desk.press.publish)

    async def at(self, moment: datetime) -> None:
        """Go straight on to this moment, and do what is due there."""
        self.clock.now = max(moment, self.clock.now)
        await self.settle()

    async def run_until(self, moment: datetime) -> None:
        """Live through the time up to this moment, poll by poll."""
        while (due := self.next_due()) is not None and due <= moment:
            await self._on_to(due)
        await self.at(moment)

    async def forward(self, **by: float) -> None:
        """Live through so much time: ``forward(hours=2)``."""
        await self.run_until(self.clock() + timedelta(**by))

    async def set_clock(self, **by: float) -> None:
        """Set the wall clock, as an operator does or a time server: no time passes by that."""
        self._set += timedelta(**by)
        self.clock.forward(**by)
        await self.settle()

    async def until(self, condition: Callable[[], object]) -> None:
        """Live on, poll by poll, until it is true."""
        for _ in range(1000):
            if condition():
                return
            due = self.next_due()
            assert due is not None, "nothing will ever be polled again"
            await self._on_to(due)
        raise AssertionError(f"not true after 1000 rounds: {condition}")

    async def next_request(self, path: str = "/feed") -> Asked:
        """Live on until the next request for this path, and return it."""
        before = len(self.requests(path))
        await self.until(lambda: len(self.requests(path)) > before)
        return self.requests(path)[before]

    async def polls(self, number: int, path: str = "/feed") -> list[Asked]:
        """The next so many requests for this path."""
        return [await self.next_request(path) for _ in range(number)]

    def next_due(self) -> datetime | None:
        """When the next source is due."""
        due = [self._moment(row["next_poll"]) for row in self.rows() if row["next_poll"]]
        return min(due) + A_MOMENT if due else None

    async def _on_to(self, due: datetime) -> None:
        before = self.next_due()
        await self.at(due)
        if self.next_due() == before:  # leased or held: some time must pass
            self.clock.forward(seconds=1)

    # -- what it says

    def rows(self) -> list[dict[str, Any]]:
        """What ``aggregator status --json`` prints."""
        return status_rows(
            self.office.desk.store.sources(), self.clock(), self.office.desk.store.subscriptions(), whole=True
        )

    def row(self, source: str = "feed") -> dict[str, Any]:
        return next(row for row in self.rows() if row["source"] == source)

    def next_poll(self, source: str = "feed") -> datetime:
        shown = self.row(source)["next_poll"]
        assert shown is not None, f"{source} is polled no more"
        return self._moment(shown)

    def wait(self, source: str = "feed") -> timedelta:
        """From now to the source's next poll."""
        return self.next_poll(source) - self.clock()

    @staticmethod
    def _moment(shown: str) -> datetime:
        return datetime.fromisoformat(shown).astimezone(UTC)

    # -- what it asked

    def requests(self, path: str = "/feed") -> list[Asked]:
        """In the order in which they came."""
        return [asked for asked in self.web.requests if asked.path == path]

    # -- what it published

    def published(self, name: str = "world.atom") -> bytes:
        return (self.folder / "var" / "public" / name).read_bytes()

    def stamps(self) -> dict[str, tuple[int, int]]:
        """Of every published file when it was written, and as which."""
        root = self.folder / "var" / "public"
        files = {file: file.stat() for file in root.rglob("*") if file.is_file()}
        return {str(file.relative_to(root)): (at.st_mtime_ns, at.st_ino) for file, at in files.items()}

    @contextmanager
    def writes(self, *tables: str) -> Iterator[list[str]]:
        """Filled at the end of the block with every write to these tables that the database saw."""
        made: list[str] = []
        with closing(sqlite3.connect(self.folder / "var" / "aggregator.db", isolation_level=None)) as base:
            base.execute("CREATE TABLE seen (what TEXT)")
            watched = [(verb, table) for table in tables for verb in ("INSERT", "UPDATE", "DELETE")]
            for verb, table in watched:
                insert = f"INSERT INTO seen VALUES ('{verb} {table}')"
                base.execute(f"CREATE TRIGGER {verb}_{table} AFTER {verb} ON {table} BEGIN {insert}; END")
            yield made
            made += [what for (what,) in base.execute("SELECT what FROM seen")]
            for verb, table in watched:
                base.execute(f"DROP TRIGGER {verb}_{table}")
            base.execute("DROP TABLE seen")

    def titles(self, section: str = "world") -> list[str]:
        """Of the section's published feed."""
        return [entry.title for entry in feedparser.parse(self.published(f"{section}.atom")).entries]

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask its own server; start with ``serve=True``."""
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.get(self.address + path, headers=headers)


async def eventually(condition: Callable[[], object] | Callable[[], Awaitable[object]]) -> None:
    """Wait in true time until it is true: for what the daemon does beside its polls."""
    async with asyncio.timeout(PATIENCE):
        while True:
            value = condition()
            if await value if isinstance(value, Awaitable) else value:
                return
            await asyncio.sleep(0.002)
