"""Which files a paper has; the OPML and the status feed among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree

from aggregator.config.model import Output, Site
from aggregator.config.reserved import RESERVED
from aggregator.publish.edition import Copy, Story
from aggregator.publish.fragments import FragmentCache
from aggregator.publish.opml import render_opml
from aggregator.publish.paths import render_front_files, render_paper, render_section
from aggregator.publish.pictures import ARCHIVE
from aggregator.publish.status_feed import render_status_feed
from storage.model import Health, SourceRecord
from tests.publish.samples import AUTHORITY, BASE, NOON, article, edition, paper, printed


def record(id: str = "harbour", **fields: Any) -> SourceRecord:
    url = f"https://{id}.example/feed"
    defaults: dict[str, Any] = {"id": id, "configured_url": url, "url": url, "next_poll": NOON}
    return SourceRecord(**(defaults | fields))


def failing(id: str, hours: float, **fields: Any) -> SourceRecord:
    defaults: dict[str, Any] = {"health": Health.FAILING, "last_error": "no answer in 20 s", "failures": 3}
    return record(id, failing_since=NOON - timedelta(hours=hours), **(defaults | fields))


def status(*records: SourceRecord, **fields: Any) -> Any:
    return feedparser.parse(render_status_feed(paper(**fields), records).body)


def test_every_name_beside_the_sections_own_is_reserved() -> None:
    one = printed(article(uid="one"))
    story = replace(one, story=Story(copies=(Copy(article=one.article, source_name="x", shown=True),)))
    whole = replace(paper(edition(story, id="world")), combined=(one,))
    first = {name.split("/")[0].split(".")[0] for name in render_paper(whole, FragmentCache()).files}
    assert first - {"world", "all"} == {"a", "story", "index", "feeds", "status", "assets", "favicon"}
    assert first - {"world", "all"} <= RESERVED.keys()
    assert ARCHIVE in RESERVED


@pytest.mark.parametrize("id", ["status", "a", "search"])
def test_a_section_by_a_reserved_name_is_not_rendered(id: str) -> None:
    with pytest.raises(ValueError, match=f"cannot have the id '{id}'"):
        render_section(paper(), edition(id=id), FragmentCache())


def test_the_files_of_a_paper() -> None:
    one = printed(article(uid="one"))
    files = render_paper(paper(edition(one, id="world"), edition(one, id="culture")), FragmentCache()).files
    assert sorted(files) == [
        "a/one.html",
        "assets/choices.js",
        "assets/fresh.js",
        "assets/style.css",
        "culture.atom",
        "culture.json",
        "culture.rss",
        "culture/index.html",
        "favicon.ico",
        "favicon.png",
        "favicon.svg",
        "feeds.opml",
        "index.html",
        "status.atom",
        "world.atom",
        "world.json",
        "world.rss",
        "world/index.html",
    ]


def test_a_section_and_the_front_make_the_paper() -> None:
    section = edition(printed())
    whole = paper(section)
    parts = {**render_section(whole, section, FragmentCache()).files, **render_front_files(whole).files}
    assert parts == render_paper(whole, FragmentCache()).files


def test_a_section_that_would_write_over_the_status_feed_is_refused() -> None:
    section = edition(id="status")
    with pytest.raises(ValueError, match="rename it"):
        render_section(paper(section), section, FragmentCache())


def test_the_opml_has_one_feed_a_section() -> None:
    root = etree.fromstring(render_opml(paper(edition(title="a & <b>"), edition(id="culture", title="文化"))))
    assert root.findtext("head/title") == "The Harbour Reader"
    assert [dict(outline.attrib) for outline in root.iter("outline")] == [
        {"type": "rss", "text": "a & <b>", "title": "a & <b>", "xmlUrl": f"{BASE}/world.atom", "htmlUrl": f"{BASE}/world/"},
        {"type": "rss", "text": "文化", "title": "文化", "xmlUrl": f"{BASE}/culture.atom", "htmlUrl": f"{BASE}/culture/"},
    ]  # fmt: skip


def test_the_opml_names_a_feed_that_is_published() -> None:
    root = etree.fromstring(render_opml(paper(edition(), output=Output(formats=("rss", "opml")))))
    assert [outline.get("xmlUrl") for outline in root.iter("outline")] == [f"{BASE}/world.rss"]


def test_the_status_feed_tells_of_sources_in_trouble_the_latest_first() -> None:
    feed = status(
        record("well"),
        failing("old", 900, health=Health.DEAD),
        failing("new", 2, title="New & Co"),
        failing("off", 3, health=Health.PAUSED),
        failing("gone", 40, health=Health.GONE, last_error=None, last_status=410),
    )
    assert [entry.title for entry in feed.entries] == [
        "New & Co cannot be read",
        "gone is gone for good",
        "old has been failing for a month",
    ]
    first, gone, _ = feed.entries
    assert "no answer in 20 s" in first.summary
    assert "It is tried again by itself" in first.summary
    assert first.link == "https://new.example/feed"
    assert "HTTP 410" in gone.summary
    assert tuple(feed.feed.updated_parsed)[:4] == (2026, 11, 20, 2)


def test_the_id_of_a_trouble_lasts_as_long_as_it_does() -> None:
    first = status(failing("a", 2)).entries[0].id
    assert first == f"tag:{AUTHORITY}:status:a:20261120T020000Z:failing"
    assert status(failing("a", 2, failures=9, last_poll=NOON)).entries[0].id == first
    assert status(failing("a", 1)).entries[0].id != first


def test_polls_that_fail_in_the_same_way_change_no_byte() -> None:
    before = render_status_feed(paper(), [failing("a", 2)]).body
    again = failing("a", 2, failures=9, polls=40, last_poll=NOON, next_poll=NOON + timedelta(hours=1))
    assert render_status_feed(paper(), [again]).body == before


def test_without_trouble_the_status_feed_is_empty_and_stable() -> None:
    feed = status(record("well"))
    assert feed.entries == []
    assert tuple(feed.feed.updated_parsed)[:1] == (2000,)


@pytest.mark.parametrize(
    "url", ["https://me:secret@a.example/feed", "https://secret@a.example/", "https://a.example/?key=secret"]
)
def test_the_status_feed_keeps_what_opens_a_source_to_itself(url: str) -> None:
    source = failing("a", 2, url=url, last_error=f"GET {url} brought nothing")
    assert b"secret" not in render_status_feed(paper(), [source]).body


@pytest.mark.parametrize(("language", "title"), [("zh-CN", "a：无法读取"), ("zh-TW", "a：無法讀取")])
def test_the_status_feed_speaks_the_language_of_the_paper(language: str, title: str) -> None:
    assert status(failing("a", 2), site=Site(language=language)).entries[0].title == title
