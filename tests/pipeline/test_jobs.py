"""Every job of the reading processes, done in one, gives what it gives here: it finds all that it needs there."""

from __future__ import annotations

import pickle
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator import jobs
from aggregator.config.model import ArticlePage, ListingPage, Selector
from aggregator.item import Item
from aggregator.normalise.context import SourceContext
from aggregator.pipeline.readers import Readers
from tests.support.documents import item, listing, page, rss

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URL = "https://paper.example/guoji/"
ZONE = ZoneInfo("Asia/Shanghai")
AT = {"zone": ZONE, "now": NOW}
CONTEXT = SourceContext(id="paper", url=URL, zone=ZONE)
SITEMAP = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a.example/1</loc></url></urlset>'
ITEM = Item(guid="1", url=f"{URL}1.html", title="潮汐闸启用", content="<p>闸门开了。</p>")
SELECTOR = Selector(select="h1")

CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "entries_of": (([ITEM], CONTEXT), {"now": NOW}),
    "read_feed": ((rss(item(1)), CONTEXT), {"url": URL, **AT}),
    "extract_article": ((page("潮汐闸启用"), URL), {**AT, "selectors": ArticlePage(title=SELECTOR)}),
    "extract_listing": (
        (listing("/1.html", "/2.html"), URL),
        {**AT, "selectors": ListingPage(link=SELECTOR)},
    ),
    "without_repeated": ((["<p>一</p>"], None), {}),
    "parse_robots": ((b"User-agent: *\nDisallow: /x", "feed-aggregator"), {}),
    "parse_sitemap": ((SITEMAP, URL), AT),
    "relations_of": ((page("潮汐闸启用"), URL, "text/html", ("hub", "self")), {}),
}


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    pool = Readers(1)
    yield pool
    pool.close()


def test_no_job_is_forgotten_here() -> None:
    assert set(CALLS) == set(jobs.__all__)


@pytest.mark.parametrize("name", jobs.__all__)
async def test_a_job_is_done_in_a_process_that_has_done_nothing_before(name: str, readers: Readers) -> None:
    job, (args, kwargs) = getattr(jobs, name), CALLS[name]
    assert pickle.dumps(await readers.run(job, *args, **kwargs)) == pickle.dumps(job(*args, **kwargs))
