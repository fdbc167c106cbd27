"""Feeds of a question: a search, a tag, a source, an author."""

from __future__ import annotations

import io
import json
from urllib.parse import parse_qs, urlsplit

import feedparser
import pytest

from aggregator.config.model import Output, WebSub
from aggregator.publish import FeedForm, FeedQuery, FragmentCache, render_query_feed
from tests.publish.samples import AUTHORITY, BASE, article, edition, paper, printed

FORMS: list[FeedForm] = ["rss", "atom"]


def asked(form: FeedForm, query: FeedQuery, *, title: str = "") -> bytes:
    return render_query_feed(form, paper(), query, [printed()], FragmentCache(), title=title).body


@pytest.mark.parametrize("form", FORMS)
def test_the_feed_says_its_own_address(form: FeedForm) -> None:
    feed = feedparser.parse(io.BytesIO(asked(form, FeedQuery(words="渡轮 & 桥", author="沈一鸣")))).feed
    (own,) = [link.href for link in feed.links if link.rel == "self"]
    parts = urlsplit(own)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{BASE}/search.{form}"
    assert parse_qs(parts.query) == {"q": ["渡轮 & 桥"], "author": ["沈一鸣"]}
    assert feed.link == f"{BASE}/search?{parts.query}"
    assert feed.title == "渡轮 & 桥 · 沈一鸣 · The Harbour Reader"


def test_json_has_the_same() -> None:
    feed = json.loads(asked("json", FeedQuery(tag="夜航")))
    assert feed["feed_url"] == f"{BASE}/search.json?tag=%E5%A4%9C%E8%88%AA"
    assert len(feed["items"]) == 1


@pytest.mark.parametrize("form", FORMS)
def test_entries_are_those_of_the_sections(form: FeedForm) -> None:
    """One article keeps its id wherever it is read."""
    one = article()
    (entry,) = feedparser.parse(io.BytesIO(asked(form, FeedQuery(source="harbour")))).entries
    assert (entry.id, entry.title) == (f"tag:{AUTHORITY}:{one.uid}", one.title)


def test_its_id_is_the_questions() -> None:
    def id_of(query: FeedQuery) -> str:
        return str(feedparser.parse(io.BytesIO(asked("atom", query))).feed.id)

    assert id_of(FeedQuery(words="bridge")) == id_of(FeedQuery(words=" bridge "))
    assert id_of(FeedQuery(words="bridge")) != id_of(FeedQuery(tag="bridge"))


def test_a_source_is_named_for_people() -> None:
    assert b"<title>Harbour Post " in asked("rss", FeedQuery(source="harbour"), title="Harbour Post")


@pytest.mark.parametrize("form", [*FORMS, "json"])
def test_nothing_found_is_an_empty_feed_of_constant_bytes(form: FeedForm) -> None:
    made = {
        render_query_feed(form, paper(), FeedQuery(words="x"), [], FragmentCache()).body for _ in range(2)
    }
    assert len(made) == 1


def test_no_hub_is_named_as_none_pushes_what_a_question_finds() -> None:
    whole = paper(edition(), output=Output(websub=WebSub(hub="self")))
    body = render_query_feed("atom", whole, FeedQuery(words="x"), [], FragmentCache()).body
    assert b'rel="hub"' not in body
