"""What one entry may keep."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.normalise import clean_html
from aggregator.normalise.article import normalise_all
from aggregator.normalise.bounds import MARK, bounded, shortened
from storage.model import Article
from tests.normalise.test_article import ITEM, NOW, SOURCE, taken

BASE = "https://news.example/"
PARAGRAPHS = "".join(f"<p>第{number}段说桥。</p>" for number in range(100, 300))
BRIEF = replace(SOURCE, max_length=200)


def test_what_fits_is_left_as_it_is() -> None:
    assert shortened(PARAGRAPHS, len(PARAGRAPHS)) is PARAGRAPHS


def test_a_longer_body_ends_with_a_whole_paragraph_and_a_mark() -> None:
    assert shortened(PARAGRAPHS, 100) == PARAGRAPHS[: 6 * len("<p>第100段说桥。</p>")] + MARK


@pytest.mark.parametrize(
    ("whole", "limit", "short"),
    [
        ("<p>one two three four</p>", 19, "<p>one</p><p>…</p>"),
        ("<ul><li>one</li><li>two</li></ul>", 37, "<ul><li>one</li><li>two</li></ul>"),
        ("<ul><li>one</li><li>two and much more</li></ul>", 42, "<ul><li>one</li><li>two</li></ul><p>…</p>"),
        ("a&lt;&lt;&lt;&lt;&lt;", 16, "a&lt;<p>…</p>"),
        ('<a href="https://x.example/">one</a>', 30, "<p>…</p>"),
        ("<p>one</p>", 8, "<p>…</p>"),
    ],
)  # fmt: skip
def test_nothing_is_torn_and_what_was_open_is_closed(whole: str, limit: int, short: str) -> None:
    assert shortened(whole, limit) == short


@given(
    st.lists(st.sampled_from("<p> </p> <b> <table> <td> <li> &lt; 桥 a <br> <a\x20href='/x'>".split(" "))),
    st.integers(8, 60),
)
def test_what_was_shortened_fits_and_is_clean(parts: list[str], limit: int) -> None:
    short = shortened(clean_html("".join(parts), BASE), limit)
    assert len(short) <= limit
    assert clean_html(short, BASE) == short


def test_all_that_is_kept_of_an_article_is_made_of_the_bounded_body() -> None:
    article = taken(BRIEF, content="<" * 3000)
    assert len(article.html) <= 200
    assert article.html.endswith(MARK)
    assert len(article.text) < 200
    shorter = taken(BRIEF, content="<" * 2000)
    assert (article.content_hash, article.text_hash) == (shorter.content_hash, shorter.text_hash)


def test_it_is_told_which_items_were_cut() -> None:
    items = [ITEM, replace(ITEM, guid="g-2", content=PARAGRAPHS)]
    assert [one.cut for one in normalise_all(items, BRIEF, now=NOW)] == [False, True]


def test_an_article_stored_with_more_is_as_if_it_had_come_under_the_limit() -> None:
    stored, now = taken(content=PARAGRAPHS), taken(BRIEF, content=PARAGRAPHS)
    shown = bounded(stored, 200)
    assert (shown.html, shown.text) == (now.html, now.text)
    assert bounded(shown, 200) is shown


def test_a_stored_text_without_a_body_is_bounded_too() -> None:
    article: Article = replace(taken(), html="", text="桥" * 300)
    assert bounded(article, 200).text == "桥" * 199 + "…"
