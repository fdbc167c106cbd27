"""A paper on disk, facts about its sources, and a client without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from aggregator.config.model import Server, Site
from aggregator.serve import Metrics, make_app
from aggregator.serve.images import Pictures
from storage.model import SourceRecord, Subscription

NOW = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)
FEED = b"<feed>" + b"<entry>word</entry>" * 100 + b"</feed>"


@dataclass(slots=True, kw_only=True)
class FakeFacts:
    records: list[SourceRecord] = field(default_factory=list)
    agreed: list[Subscription] = field(default_factory=list)
    reason: str | None = None
    turning: bool = True
    copied: Mapping[tuple[str, str], int] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    hub: str = ""
    bounds: dict[str, timedelta] = field(default_factory=dict)

    async def sources(self) -> list[SourceRecord]:
        return self.records

    async def subscriptions(self) -> list[Subscription]:
        return self.agreed

    def stale_after(self) -> dict[str, timedelta]:
        return self.bounds

    async def copies(self) -> Mapping[tuple[str, str], int]:
        return self.copied

    async def removed_sections(self) -> frozenset[str]:
        return self.removed

    def address(self) -> tuple[str, str]:
        return "https://paper.example", self.hub

    async def ready(self) -> str | None:
        return self.reason

    def alive(self) -> bool:
        return self.turning

    def now(self) -> float:
        return NOW.timestamp()


def record(**changes: Any) -> SourceRecord:
    given: dict[str, Any] = {
        "id": "a",
        "configured_url": "https://a.example/feed",
        "url": "https://a.example/feed",
        "next_poll": NOW + timedelta(minutes=12),
        **changes,
    }
    return SourceRecord(**given)


def publish(root: Path, path: str, body: bytes) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    return file


def a_paper(root: Path) -> Path:
    """A small published directory."""
    publish(root, "index.html", b"<!doctype html><title>front</title>")
    publish(root, "world.atom", FEED)
    publish(root, "world/index.html", b"<!doctype html><title>world</title>")
    publish(root, "assets/style.css", b"body{margin:0}")
    return root


Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def opened(address: str, number: int = 1) -> AsyncIterator[list[Opened]]:
    """So many connections to the server at this address, to say what one likes."""
    host, port = address.removeprefix("http://").split(":")
    made = [await asyncio.open_connection(host, int(port)) for _ in range(number)]
    try:
        yield made
    finally:
        for _, writer in made:
            writer.close()


@asynccontextmanager
async def client(
    root: Path,
    *,
    facts: FakeFacts | None = None,
    metrics: Metrics | None = None,
    site: Site | None = None,
    server: dict[str, Any] | None = None,
    pictures: Pictures | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(
        root,
        facts=facts or FakeFacts(),
        server=Server(**(server or {})),
        site=site,
        metrics=metrics,
        pictures=pictures,
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://paper.example", headers={"accept-encoding": "identity"}
    ) as made:
        yield made
