"""The words of a question where they stand in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from aggregator.publish.marks import marked, snippet
from storage import search


@pytest.mark.parametrize(
    ("text", "question", "shown"),
    [
        ("潮汐闸启用，潮汐表", "潮汐", "<mark>潮汐</mark>闸启用，<mark>潮汐</mark>表"),
        ("The Harbour", "HARBOUR the", "<mark>The</mark> <mark>Harbour</mark>"),
        ("Ａ１ 号", "a1", "<mark>Ａ１</mark> 号"),
        ("五…十％ 海", "海", "五…十％ <mark>海</mark>"),
        ("ﬁne Straße", "fi strasse", "<mark>ﬁ</mark>ne <mark>Straße</mark>"),
        ("abcd", "abc bcd", "<mark>abcd</mark>"),
        ("abab", "ab", "<mark>abab</mark>"),
        ("a<b>&海", "海", "a&lt;b&gt;&amp;<mark>海</mark>"),
        ("<script>", "script", "&lt;<mark>script</mark>&gt;"),
        ("nothing", "other", "nothing"),
        ("nothing", "", "nothing"),
        ("", "x", ""),
    ],
)
def test_every_word_is_marked_and_everything_is_text(text: str, question: str, shown: str) -> None:
    assert marked(text, search.words(question)) == shown


@given(st.text(max_size=60), st.text(max_size=6))
def test_marks_add_nothing_and_take_nothing_away(text: str, question: str) -> None:
    shown = marked(text, search.words(question))
    assert Markup(shown.replace("<mark>", "").replace("</mark>", "")).unescape() == text


def test_a_snippet_is_the_piece_around_the_first_word() -> None:
    text = "开头的话。" * 40 + "潮汐闸启用。" + "结尾的话。" * 60
    told = snippet(text, ["潮汐"])
    assert told.startswith("…")
    assert told.endswith("…")
    assert "潮汐闸启用" in told
    assert len(told) < 200


def test_a_snippet_of_words_begins_with_a_whole_one() -> None:
    told = snippet("several words before it " * 5 + "harbour and after", ["harbour"])
    assert told.lstrip("…").split()[0] in ("several", "words", "before", "it")
    assert not told.endswith("…")


def test_a_text_without_the_words_gives_none() -> None:
    assert snippet("潮汐", ["海"]) == ""
    assert snippet("潮汐" * 10_000 + "海", ["海"]) == "", "it is not looked for that far down"
