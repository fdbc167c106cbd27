"""A whole newsroom over a scripted loopback web: configuration, memory store, fake clock, published folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

from aggregator.app.desk import open_desk
from aggregator.config import Loaded
from aggregator.config.load import parse_config
from aggregator.daemon import poll_round
from aggregator.daemon.desk import Desk
from aggregator.pipeline import PollResult, PressReport
from aggregator.pipeline.reroute import reroute
from aggregator.pipeline.staff import Reading
from storage import open_store
from storage.interface import ArticleStore
from storage.model import Article, ArticleQuery, SourceRecord
from tests.support.reading import ReadingInThreads
from tests.support.web import Web

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass(slots=True)
class FakeClock:
    """Stands still until it is moved."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(slots=True, kw_only=True)
class Room:
    """One newsroom. ``poll`` is what ``run --once`` does."""

    web: Web
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    store: ArticleStore = field(default_factory=lambda: open_store("memory://"))

    def load(self, yaml: str) -> Loaded:
        """``{web}`` in the text is the web's address; loopback is allowed."""
        text = dedent(yaml).replace("{web}", self.web.url(""))
        if "defaults:" not in text:
            text = "defaults: {allow_private: 127.0.0.0/8}\n" + text
        return parse_config(text, path=self.folder / "feeds.yaml")

    @asynccontextmanager
    async def desk(self, yaml: str) -> AsyncIterator[Desk]:
        async with open_desk(self.load(yaml), self.store, clock=self.clock, reading=self.reading()) as desk:
            self.store.sync_sources(desk.plan.seeds(), self.clock())
            reroute(self.store, desk.plan)
            yield desk

    async def poll(self, yaml: str, *, early: bool = True) -> dict[str, PollResult]:
        """Poll what there is (also what is not due), publish, and tell by source what came of it."""
        async with self.desk(yaml) as desk:
            results = await poll_round(desk, early=early)
            self.report = desk.press.publish()
            return {result.source: result for result in results}

    reading: Callable[[], Reading] = ReadingInThreads
    report: PressReport | None = None

    def articles(self, **query: object) -> list[Article]:
        return self.store.articles(ArticleQuery(**query))  # type: ignore[arg-type]  # one test, one field

    def titles(self, **query: object) -> list[str]:
        return [article.title for article in self.articles(**query)]

    def source(self, source_id: str) -> SourceRecord:
        record = self.store.source(source_id)
        assert record is not None
        return record

    def published(self, name: str) -> bytes:
        return (self.folder / "var" / "public" / name).read_bytes()
