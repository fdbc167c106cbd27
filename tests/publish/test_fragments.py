"""The cache: what is rendered once, and what makes it be rendered again."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.config.model import Output, Site
from aggregator.publish.edition import Also, PrintedArticle
from aggregator.publish.fragments import FragmentCache, fragment_key
from aggregator.publish.pages import render_section_page
from storage.model import Enclosure
from tests.publish.samples import (
    NOON,
    article,
    edition,
    paper,
    printed,
    render_atom,
    render_json,
    render_rss,
)

RENDERERS = [render_rss, render_atom, render_json, render_section_page]


@pytest.mark.parametrize("render", RENDERERS)
def test_a_section_with_one_new_article_renders_one_fragment(render: Any) -> None:
    cache = FragmentCache()
    old = [printed(article(title=f"n {n}")) for n in range(50)]
    render(paper(), edition(*old), cache)
    assert (cache.hits, cache.misses) == (0, 50)
    render(paper(), edition(printed(article(title="new")), *old[:-1]), cache)
    assert (cache.hits, cache.misses) == (49, 51)


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize(
    "fields",
    [
        {"title": "other"},
        {"summary": "other"},
        {"html": "<p>other</p>"},
        {"text": "other", "html": ""},
        {"url": "https://other.example/"},
        {"authors": ("Other",)},
        {"published": NOON - timedelta(hours=1)},
        {"updated": NOON + timedelta(hours=1)},
        {"tags": ("other",)},
        {"language": "fr"},
        {"image": "https://other.example/p.jpg"},
        {"enclosures": (Enclosure(url="https://other.example/t.mp3"),)},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_whatever_changes_in_an_article_is_seen(render: Any, fields: dict[str, Any]) -> None:
    cache = FragmentCache()
    before = printed(article(html="" if "text" in fields else "<p>x</p>"))
    render(paper(), edition(before), cache)
    after = edition(replace(before, article=replace(before.article, **fields)))
    assert render(paper(), after, cache) == render(paper(), after, FragmentCache())
    assert cache.misses == 2


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize(
    "fields",
    [
        {"source_name": "Other"},
        {"source_url": "https://other.example/feed"},
        {"also": (Also(source_name="Globe", url="https://globe.example/"),)},
        {"sections": (("world", "World"), ("culture", "Culture"))},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_whatever_changes_beside_an_article_is_seen(render: Any, fields: dict[str, Any]) -> None:
    cache = FragmentCache()
    render(paper(), edition(printed()), cache)
    after = edition(printed(**fields))
    assert render(paper(), after, cache) == render(paper(), after, FragmentCache())


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize(
    "fields",
    [
        {"base_url": "https://moved.example"},
        {"id_authority": "other.example,2026"},
        {"output": Output(attribution="{source}")},
        {"output": Output(content="summary", formats=("rss", "atom", "json"))},
        {"site": Site(timezone="Asia/Tokyo")},
    ],
    ids=repr,
)
def test_whatever_changes_in_the_paper_is_seen(render: Any, fields: dict[str, Any]) -> None:
    cache = FragmentCache()
    one = edition(printed(article(url="")))
    render(paper(), one, cache)
    after = paper(**fields)
    assert render(after, one, cache) == render(after, one, FragmentCache())
    elsewhere = replace(one, language="zh-CN")
    assert render(after, elsewhere, cache) == render(after, elsewhere, FragmentCache())


def test_an_article_without_a_content_hash_is_told_apart_all_the_same() -> None:
    one = printed(article(content_hash="same"))
    other: PrintedArticle = replace(one, article=replace(one.article, html="<p>changed</p>"))
    assert fragment_key(one) != fragment_key(other)


def test_the_fragments_used_last_are_kept_within_the_size() -> None:
    cache = FragmentCache(max_bytes=10)
    for key in "abc":
        cache.get(key, lambda: b"1234")
    assert (len(cache), cache.size) == (2, 8)
    cache.get("b", lambda: b"never")
    cache.get("d", lambda: b"1234")
    assert cache.get("b", lambda: b"rendered again") == b"1234"
    assert cache.get("c", lambda: b"again") == b"again"


def test_a_fragment_larger_than_the_cache_is_given_and_not_kept() -> None:
    cache = FragmentCache(max_bytes=3)
    assert cache.get("a", lambda: b"1234") == b"1234"
    assert (len(cache), cache.size) == (0, 0)


def test_a_rendering_that_fails_is_tried_again() -> None:
    cache = FragmentCache()
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: bytes(1 // 0))
    assert cache.get("a", lambda: b"well") == b"well"


def test_threads_may_share_a_cache() -> None:
    cache = FragmentCache(max_bytes=20_000)
    section = edition(*(printed(article(title=f"n {n}")) for n in range(12)))
    expected = render_rss(paper(), section, FragmentCache())
    outcomes: list[bool] = []

    def work() -> None:
        outcomes.extend(render_rss(paper(), section, cache) == expected for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 40
    assert cache.size <= 20_000


def use(cache: FragmentCache, *keys: str) -> int:
    """How many of these had to be rendered: 4 bytes each."""
    before = cache.misses
    for key in keys:
        cache.get(key, lambda: b"1234")
    return cache.misses - before


def test_what_one_printing_takes_is_there_at_the_next_whatever_its_size() -> None:
    cache = FragmentCache(max_bytes=10)
    for expected in (5, 0, 0):
        cache.begin()
        assert use(cache, *"abcde") == expected
    assert (len(cache), cache.size) == (5, 20)


def test_what_the_last_two_printings_did_not_use_is_let_go_down_to_the_size() -> None:
    cache = FragmentCache(max_bytes=10)
    cache.begin()
    use(cache, *"abcde")
    for _ in range(2):
        cache.begin()
        use(cache, "e")
    assert (len(cache), cache.size) == (2, 8)
    assert use(cache, "d", "e") == 0


def test_a_feed_is_made_of_the_very_bytes_that_are_kept() -> None:
    cache = FragmentCache()
    section = edition(*(printed(article(title=f"n {n}")) for n in range(3)))
    first, again = (render_rss(paper(), section, cache).document for _ in range(2))
    assert isinstance(first, tuple)
    assert isinstance(again, tuple)
    assert all(one is other for one, other in zip(first[1:-1], again[1:-1], strict=True))
