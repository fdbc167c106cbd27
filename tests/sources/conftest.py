"""A reader of small feeds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator.item import ParsedFeed
from aggregator.sources import parse_feed

URL = "https://feeds.example/news/feed.xml"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2024, 10, 25, 4, 0, tzinfo=UTC)

Read = Callable[..., ParsedFeed]


@pytest.fixture
def read() -> Read:
    """Reads a document as if it came from ``URL``, with Shanghai's zone unless told otherwise."""

    def reader(document: str | bytes, **options: object) -> ParsedFeed:
        body = document.encode() if isinstance(document, str) else document
        settings: dict[str, object] = {"url": URL, "zone": SHANGHAI, "now": NOW, **options}
        return parse_feed(body, **settings)  # type: ignore[arg-type]  # a test may pass any of the options

    return reader


def rss(items: str, channel: str = "<title>Paper</title><link>https://paper.example/</link>") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:atom="http://www.w3.org/2005/Atom"'
        ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
        ' xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">'
        f"<channel>{channel}{items}</channel></rss>"
    )


def atom(entries: str, head: str = "<title>Paper</title>", attributes: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" {attributes}>'
        f"{head}{entries}</feed>"
    )
