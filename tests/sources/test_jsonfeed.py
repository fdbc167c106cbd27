"""JSON Feed 1.0 and 1.1, and what calls itself so."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from aggregator.item import Item, ParsedFeed
from storage.model import Enclosure
from tests.sources.conftest import Read


def feed(*items: object, **head: object) -> str:
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "P", "items": list(items), **head}
    )


def only(parsed: ParsedFeed) -> Item:
    (item,) = parsed.items
    return item


def test_the_head_of_a_feed_is_read(read: Read) -> None:
    parsed = read(
        feed(
            home_page_url="https://paper.example/",
            feed_url="/feed.json",
            language="zh-CN",
            hubs=[
                {"type": "rssCloud", "url": "https://x.example/"},
                {"type": "WebSub", "url": "https://hub.example/"},
            ],
        )
    )
    assert (parsed.format, parsed.title, parsed.link) == ("json", "P", "https://paper.example/")
    assert (parsed.language, parsed.hubs) == ("zh-CN", ("https://hub.example/",))
    assert parsed.self_url == "https://feeds.example/feed.json"


def test_an_item_is_read_whole(read: Read) -> None:
    item = only(
        read(
            feed(
                {
                    "id": "tag:1",
                    "url": "/a",
                    "title": "1 < 2 & 3",
                    "content_html": "<p>Body</p>",
                    "summary": "So & so",
                    "date_published": "2024-10-24T09:00:00+08:00",
                    "date_modified": "2024-10-24T10:00:00+08:00",
                    "authors": [{"name": "李记者"}, {"name": ""}, {"name": "王记者"}],
                    "tags": ["国际", "国际", ""],
                    "language": "zh",
                    "image": "/i.jpg",
                    "attachments": [
                        {"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12},
                        {"url": 5},
                    ],
                }
            )
        )
    )
    assert (item.guid, item.url, item.title, item.title_is_html) == (
        "tag:1",
        "https://feeds.example/a",
        "1 < 2 & 3",
        False,
    )
    assert (item.content, item.summary) == ("<p>Body</p>", "<p>So &amp; so</p>")
    assert item.published == datetime(2024, 10, 24, 1, tzinfo=UTC)
    assert item.updated == datetime(2024, 10, 24, 2, tzinfo=UTC)
    assert (item.authors, item.tags, item.language) == (("李记者", "王记者"), ("国际",), "zh")
    assert item.image == "https://feeds.example/i.jpg"
    assert item.enclosures[0] == Enclosure(url="https://feeds.example/a.mp3", type="audio/mpeg", length=12)


def test_version_1_0_has_one_author_and_the_feeds_stands_in(read: Read) -> None:
    items = [{"id": "1", "author": {"name": "Li"}}, {"id": "2"}]
    first, second = read(feed(*items, author={"name": "Desk"})).items
    assert (first.authors, second.authors) == (("Li",), ("Desk",))


@pytest.mark.parametrize(
    ("given", "guid"), [(17, "17"), (1.5, "1.5"), ("x", "x"), (None, ""), (True, ""), ([1], "")]
)
def test_an_id_may_be_a_number(read: Read, given: object, guid: str) -> None:
    assert only(read(feed({"id": given}))).guid == guid


def test_plain_content_becomes_paragraphs(read: Read) -> None:
    assert (
        only(read(feed({"id": "1", "content_text": "1 < 2\n\nnext"}))).content == "<p>1 &lt; 2</p><p>next</p>"
    )


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ({"external_url": "https://o.example/"}, "https://o.example/"),
        ({"id": "https://paper.example/1"}, "https://paper.example/1"),
        ({"url": "javascript:alert(1)"}, ""),
        ({"url": ["x"]}, ""),
        ({}, ""),
    ],
)
def test_the_link_of_an_item(read: Read, item: dict[str, object], url: str) -> None:
    assert only(read(feed(item))).url == url


def test_an_item_that_is_none_is_skipped_and_named(read: Read) -> None:
    parsed = read(feed("x", {"id": "2"}))
    assert [item.guid for item in parsed.items] == ["2"]
    assert parsed.faults == ("item 1 is no object; it was skipped",)


@pytest.mark.parametrize(
    "item",
    [
        {
            "id": "1",
            "authors": "Li",
            "tags": "x",
            "attachments": {},
            "image": 5,
            "language": [],
            "title": None,
        },
        {"id": "1", "authors": [None, 1], "tags": [{}, None], "attachments": [None, {}], "date_published": 5},
    ],
)
def test_fields_of_a_wrong_kind_are_as_if_absent(read: Read, item: dict[str, object]) -> None:
    parsed = only(read(feed(item)))
    assert (parsed.guid, parsed.authors, parsed.tags, parsed.enclosures, parsed.published) == (
        "1",
        (),
        (),
        (),
        None,
    )
