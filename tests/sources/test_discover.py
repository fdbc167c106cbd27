"""The feeds that a page names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sources import FoundFeed, discover_feeds

URL = "https://paper.example/intl/index.html"


def found(html: str) -> list[str]:
    return [feed.url for feed in discover_feeds(html.encode(), URL)]


def test_feeds_are_found_by_autodiscovery_in_the_order_of_the_page() -> None:
    html = (
        '<head><link rel="alternate" type="application/rss+xml" title="新闻" href="/rss.xml">'
        '<link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="atom.xml">'
        '<link rel="alternate" type="application/feed+json" href="//cdn.example/feed.json"></head>'
    )
    assert discover_feeds(html.encode("gbk"), URL, "text/html; charset=gbk") == [
        FoundFeed(url="https://paper.example/rss.xml", title="新闻", type="rss"),
        FoundFeed(url="https://paper.example/intl/atom.xml", title="", type="atom"),
        FoundFeed(url="https://cdn.example/feed.json", title="", type="json"),
    ]


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="stylesheet" type="text/css" href="/rss.css">',
        '<link rel="alternate" hreflang="en" href="/en/">',
        '<link rel="alternate" type="text/html" href="/amp/feed">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed?url=x">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:x">',
        '<link rel="alternate" type="application/rss+xml" href="file:///etc/passwd">',
        '<link rel="alternate" type="application/rss+xml">',
        '<a href="/news/2024/rss-explained.html">RSS explained</a>',
        '<a href="https://elsewhere.example.org/feed/">Not ours</a>',
        "",
    ],
)
def test_what_is_no_feed_is_not_found(link: str) -> None:
    assert found(f"<html><body>{link}</body></html>") == []


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/rss.xml", "https://paper.example/rss.xml"),
        ("/feed/", "https://paper.example/feed/"),
        ("/?feed=rss2", "https://paper.example/?feed=rss2"),
        ("news.atom", "https://paper.example/intl/news.atom"),
        ("https://feeds.paper.example/intl", "https://feeds.paper.example/intl"),
        ("feed://paper.example/x.rss", "https://paper.example/x.rss"),
        ("feed:https://paper.example/x.rss", "https://paper.example/x.rss"),
    ],
)
def test_links_that_look_like_feeds_are_the_last_resort(href: str, url: str) -> None:
    link = f'<p><a href="{href}"><img src="rss.png"> RSS</a></p>'
    assert found(link) == [url]
    assert found(f'<link rel="alternate" type="application/rss+xml" href="/main.xml">{link}') == [
        "https://paper.example/main.xml"
    ]


def test_feeds_of_comments_come_last_and_each_feed_once() -> None:
    html = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{href}">'
        for href in ("/comments/feed", "/feed", "/feed")
    )
    assert found(html) == ["https://paper.example/feed", "https://paper.example/comments/feed"]


def test_the_base_of_the_page_holds() -> None:
    html = '<base href="https://cdn.example/x/"><link rel="alternate" type="application/rss+xml" href="rss">'
    assert found(html) == ["https://cdn.example/x/rss"]


@given(st.binary(max_size=200))
def test_no_page_makes_it_raise(html: bytes) -> None:
    assert isinstance(discover_feeds(html, URL), list)
