"""Selectors of feeds.yaml on article pages."""

from __future__ import annotations

from datetime import date

import pytest
from lxml import etree

from aggregator.config.model import ArticlePage, Selector
from aggregator.extract import extract_article
from aggregator.extract.selectors import BadSelector, elements, values

URL = "https://news.example.cn/a/1.html"
HTML = """<html><head><meta charset="utf-8"><title>旧水塔将变成图书馆</title></head><body><h1>旧水塔将变成图书馆</h1>
<p class="when" data-at="2024-10-24">刊于 2024-10-25 的版面</p><span id="who">撰稿人 林小舟</span><b class="sec">社会</b>
<div id="a"><p>市水务局宣布，旧水塔将在明年春天改建成一座小型图书馆，工程预计九个月。</p></div>
<div id="b"><p>水塔建于上世纪六十年代，早已不再供水。</p><p class="ad">买一送一，数量有限。</p><p>欢迎投稿：每周一截止。</p></div>
<a class="on" href="/a/1_2.html">继续</a></body></html>"""


def test_what_selectors_find_goes_before_what_is_found_without() -> None:
    chosen = ArticlePage.model_validate(
        {
            "title": {"select": "h1", "regex": "旧(.*)将"},
            "body": "#b",
            "date": ".when@data-at",
            "author": {"select": "//span[@id='who']", "regex": "撰稿人 (.*)"},
            "section": "b.sec",
            "strip": [".ad"],
            "strip_text": ["^欢迎投稿"],
            "next_page": "a.on@href",
        }
    )
    found = extract_article(HTML.encode(), URL, selectors=chosen)
    assert found.title == "水塔"
    assert found.text == "水塔建于上世纪六十年代，早已不再供水。"
    assert found.published is not None
    assert found.published.date() == date(2024, 10, 24)
    assert (found.authors, found.section) == (("林小舟",), "社会")
    assert found.next_page == "https://news.example.cn/a/1_2.html"
    assert found.notes == ()


def test_a_selector_that_finds_nothing_is_named_and_the_automatic_way_taken() -> None:
    found = extract_article(
        HTML.encode(), URL, selectors=ArticlePage(title=Selector(select="h7"), body=".gone")
    )
    assert found.title == "旧水塔将变成图书馆"
    assert "市水务局宣布" in found.text
    assert [note.split(" finds")[0] for note in found.notes] == [
        "article.title: 'h7'",
        "article.body: '.gone'",
    ]


def _unchecked(select: str) -> ArticlePage:
    """As if the configuration had not looked at it."""
    return ArticlePage.model_construct(title=Selector.model_construct(select=select))


@pytest.mark.parametrize("select", ["p[", "//p[", "p:no-such", ".when@data-at@x y"])
def test_a_selector_that_cannot_be_understood_is_named(select: str) -> None:
    found = extract_article(HTML.encode(), URL, selectors=_unchecked(select))
    assert found.title == "旧水塔将变成图书馆"
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    ("select", "regex", "expected"),
    [
        ("p", None, ["甲 乙", "丙"]),
        ("p:first-child", None, ["甲 乙"]),
        ("a@href", None, ["/x"]),
        ("@href", None, ["/x"]),
        ("p:-soup-contains('丙')", None, ["丙"]),
        ("p:contains('丙')", None, ["丙"]),
        ("//p/a/@href", None, ["/x"]),
        ("p", "[甲丙]", ["甲", "丙"]),
        ("p", "甲 (.)", ["乙"]),
        ("i", None, []),
    ],
)
def test_a_selector_takes_text_or_attribute_and_a_pattern_narrows_it(
    select: str, regex: str | None, expected: list[str]
) -> None:
    root = etree.fromstring("<div><p>甲<a href='/x'>\n乙</a></p><p>丙</p></div>", etree.HTMLParser())
    assert values(Selector(select=select, regex=regex), root) == expected


def test_a_pattern_that_is_none_says_so() -> None:
    root = etree.fromstring("<p>甲</p>", etree.HTMLParser())
    with pytest.raises(BadSelector, match=r"'\(' is no pattern"):
        values(Selector.model_construct(select="p", regex="("), root)


def test_elements_leave_texts_aside() -> None:
    root = etree.fromstring("<p>甲</p>", etree.HTMLParser())
    assert elements("//p/text()", root) == []
