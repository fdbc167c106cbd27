"""Listing pages."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.config.model import ListingPage, Selector
from aggregator.extract import extract_links, extract_listing

LISTINGS = Path(__file__).parent / "listings"
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=ZONE)


def _case(name: str) -> tuple[bytes, dict[str, Any]]:
    case: dict[str, Any] = json.loads((LISTINGS / f"{name}.expected.json").read_text(encoding="utf-8"))
    return (LISTINGS / f"{name}.html").read_bytes(), case


@pytest.mark.parametrize("name", ["chinese_section", "english_blog", "front_page", "nav_heavy"])
def test_a_listing_gives_its_articles_in_order_and_once(name: str) -> None:
    html, case = _case(name)
    found = [
        {
            "url": link.url,
            "title": link.title,
            "published": link.published.isoformat() if link.published else None,
        }
        for link in extract_links(html, case["url"], zone=ZONE, now=NOW)
    ]
    assert found == case["links"], case["why"]


def test_a_list_at_the_side_of_a_section_is_none_of_its_own() -> None:
    html, case = _case("front_page")
    found = extract_links(html, "https://news.example.cn/shehui/", zone=ZONE, now=NOW)
    assert [link.url for link in found] == [link["url"] for link in case["links"][:5]]


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("chinese_section", "https://news.example.cn/guoji/index_2.html"),
        ("english_blog", "https://riverside.example/blog/page/2"),
        ("nav_heavy", None),
    ],
)
def test_the_next_page_of_a_listing(name: str, following: str | None) -> None:
    html, case = _case(name)
    assert extract_listing(html, case["url"]).next_page == following


def test_selectors_go_before_what_is_found_without() -> None:
    html, case = _case("english_blog")
    chosen = ListingPage(
        item="article.post", link=Selector(select="h2 a@href"), title=Selector(select="p:not(.meta)")
    )
    found = extract_links(html, case["url"], zone=ZONE, now=NOW, selectors=chosen)
    assert [(link.url, link.title) for link in found] == [
        (link["url"], "A few words about it.") for link in case["links"]
    ]


def test_a_pattern_alone_narrows_what_is_found() -> None:
    html, case = _case("chinese_section")
    found = extract_links(html, case["url"], selectors=ListingPage(url_pattern=r"/2[34]/c_"))
    assert [link.url for link in found] == [link["url"] for link in case["links"][:2]]


def test_selectors_that_find_nothing_leave_the_automatic_way() -> None:
    html, case = _case("nav_heavy")
    found = extract_links(html, case["url"], selectors=ListingPage(item="div.gone"))
    assert len(found) == len(case["links"])


def test_a_selector_for_the_next_page_is_obeyed() -> None:
    html, case = _case("chinese_section")
    chosen = ListingPage(next_page=Selector(select=".pager a:first-child@href"))
    assert (
        extract_listing(html, case["url"], selectors=chosen).next_page
        == "https://news.example.cn/guoji/index_1.html"
    )


def test_a_page_without_a_list_gives_none() -> None:
    assert extract_links("<p>只有一段话，没有任何链接。</p>".encode(), "https://example.cn/") == []


@pytest.mark.parametrize(
    ("head", "site"),
    [
        ("<title>国际_江边网</title>", "江边网"),
        ('<title>国际_江边网</title><meta property="og:site_name" content="江边新闻网">', "江边新闻网"),
        ("<title>江边网</title>", None),
        ("", None),
    ],
)
def test_a_listing_names_its_site(head: str, site: str | None) -> None:
    html = f"<html><head>{head}</head><body><ul><li><a href='/1.html'>潮汐闸启用</a></li></ul></body></html>"
    assert extract_listing(html.encode(), "https://news.example.cn/guoji/").site == site
