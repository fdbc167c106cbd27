from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aggregator.config.model import Condition, Route, Section, Source
from storage.model import Article

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def article(**more: Any) -> Article:
    return Article(**{"uid": "u", "source": "a", "first_seen": NOW, **more})


def section(id: str, title: str = "", **more: Any) -> Section:
    return Section(id=id, title=title or id, **more)


def source(id: str = "a", **more: Any) -> Source:
    return Source(id=id, url=f"https://{id}.example/feed", **more)


def condition(**more: Any) -> Condition:
    return Condition(**more)


def route(**more: Any) -> Route:
    return Route(**more)
