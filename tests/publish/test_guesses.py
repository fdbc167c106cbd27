"""Texts that some readers take for HTML, and the validator warns of."""

from __future__ import annotations

import io
from html import unescape
from typing import Any

import feedparser
import pytest
from lxml import etree

from aggregator.config.model import Site
from aggregator.publish.edition import Also
from aggregator.publish.fragments import FragmentCache
from aggregator.publish.guesses import bare, said_as_html
from tests.publish.samples import (
    BASE,
    NOON,
    article,
    edition,
    paper,
    printed,
    render_atom,
    render_json,
    render_rss,
)
from tests.publish.validator import complaints

TITLES = [
    "The </b> tag explained",
    "What &amp; means",
    "What &#x41; and &nbsp; mean",
    "R&D2 & Q&A",
    "&lt;b&gt;",
    "<b> opens",
    "5 < 6 && 7 > 3",
    "]]> ends",
    "两岸渡轮 <号> & 夜航",
]


def section(title: str) -> Any:
    one = printed(
        article(title=title, summary=title, authors=(title,), tags=(title,)),
        source_name=title,
        also=(Also(source_name=title, url="https://globe.example/2", title=title, origin=True),),
    )
    return edition(one, title=title, description=title)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("render", [render_rss, render_atom])
def test_the_validator_has_nothing_to_say(render: Any, title: str) -> None:
    one = section(title)
    assert complaints(render(paper(), one, FragmentCache()).body, NOON) == []


@pytest.mark.parametrize("title", TITLES)
def test_the_title_in_atom_is_the_title(title: str) -> None:
    feed = etree.fromstring(render_atom(paper(), section(title), FragmentCache()).body)
    found = feed.find("{*}entry/{*}title")
    assert found is not None
    text = found.text or ""
    assert (unescape(text) if found.get("type") == "html" else text) == title


@pytest.mark.parametrize("title", TITLES)
def test_a_reader_that_guesses_loses_nothing_of_a_title_in_rss(title: str) -> None:
    body = render_rss(paper(), section(title), FragmentCache()).body
    detail = feedparser.parse(io.BytesIO(body)).entries[0].title_detail
    assert (unescape(detail.value) if detail.type == "text/html" else detail.value) == title


def test_what_nobody_takes_for_html_stands_as_it_is() -> None:
    for title in ("R&D2 & Q&A", "<b> opens", "5 < 6 && 7 > 3", "AT&T"):
        assert said_as_html(title) == title
        feed = etree.fromstring(render_rss(paper(), section(title), FragmentCache()).body)
        assert feed.findtext("channel/item/title") == title


def test_rss_writes_ampersands_and_angles_of_plain_texts_as_numbers() -> None:
    body = render_rss(paper(), section("Q&A <b>"), FragmentCache()).body
    assert b"<item><title>Q&#x26;A &#x3C;b&gt;</title>" in body
    assert b"&lt;p&gt;" in body  # of HTML the names stay, which are shorter


def test_json_takes_a_text_for_what_it_is() -> None:
    assert (
        b'"title": "The </b> tag explained"' in render_json(paper(), section(TITLES[0]), FragmentCache()).body
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [("Tom &amp; Co", "Tom & Co"), ("<b>The Desk</b>", "The Desk"), ("R&D", "R&D"), ("a < b", "a < b")],
)
def test_a_name_is_no_html(said: str, meant: str) -> None:
    assert bare(said) == meant


@pytest.mark.parametrize("render", [render_atom, render_rss])
def test_an_entry_without_any_text_is_told_by_its_title(render: Any) -> None:
    empty = edition(printed(article(title="Only a title", summary="", text="", html="")))
    assert complaints(render(paper(), empty, FragmentCache()).body, NOON) == []


@pytest.mark.parametrize(("said", "printed_as"), [("xx-QQ", None), ("fr-CA", "fr-CA"), ("gsw", "gsw")])
def test_a_language_that_there_is_not_is_not_printed(said: str, printed_as: str | None) -> None:
    feed = etree.fromstring(
        render_atom(paper(), edition(printed(article(language=said))), FragmentCache()).body
    )
    entry = feed.find("{*}entry")
    assert entry is not None
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == printed_as


@pytest.mark.parametrize(
    ("logo", "image"),
    [
        ("https://a.example/logo.svg", f"{BASE}/favicon.png"),
        ("https://a.example/logo.jpg", "https://a.example/logo.jpg"),
        ("https://a.example/logo", "https://a.example/logo"),
    ],
)
def test_the_picture_of_a_channel_is_of_a_kind_that_rss_knows(logo: str, image: str) -> None:
    body = render_rss(paper(site=Site(title="Reader", logo=logo)), edition(printed()), FragmentCache()).body
    assert etree.fromstring(body).findtext("channel/image/url") == image
    assert complaints(body, NOON) == []
