from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.normalise.plain import cut, cut_at_sentence, disarm, first_sentence, line
from aggregator.text.html import plain_title


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("short", 10, "short"),
        ("one two three four", 12, "one two…"),
        ("一二三四五六七八", 5, "一二三四…"),
        ("一二三，四五六七八", 6, "一二三…"),
    ],
)
def test_a_cut_falls_between_words(text: str, limit: int, shown: str) -> None:
    assert cut(text, limit) == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("甲乙。丙丁。戊己。", 7, "甲乙。丙丁。"),
        ("He left. A. B. Smith stayed on.", 14, "He left."),
        ("没有句号的很长一段话就这样写下去", 8, "没有句号的很长…"),
    ],
)
def test_a_summary_is_cut_after_a_sentence_where_it_can(text: str, limit: int, shown: str) -> None:
    assert cut_at_sentence(text, limit) == shown


def test_the_first_sentence_is_of_the_first_line() -> None:
    assert first_sentence("\n 甲乙？丙。\n丁", 60) == "甲乙？"
    assert first_sentence("version 1.5 is out. More", 60) == "version 1.5 is out"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Box<int> and <script> explained", "Box<int> and <script> explained"),
        ("a <script>x</script> b", "a b"),
        ("<scr<script>x</script>ipt>alert(1)</script>", ""),
        ("1 < 2 and on = off", "1 < 2 and on = off"),
        ("<img src=x onerror=alert(1)", ""),
    ],
)
def test_what_would_run_goes_and_what_is_spoken_of_stays(text: str, shown: str) -> None:
    assert disarm(text) == shown


@given(st.text(), st.integers(2, 40))
def test_cuts_keep_to_their_limit(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit
    assert len(cut_at_sentence(text, limit)) <= limit
    assert len(first_sentence(text, limit)) <= limit


@given(st.text(st.characters() | st.sampled_from("  \n\u200b<b>&amp;，ab"), max_size=12), st.booleans())
def test_a_short_plain_line_is_what_longer_ones_are_made(text: str, is_html: bool) -> None:
    assert line(text, 8, is_html=is_html) == cut(disarm(plain_title(text, is_html)), 8)
