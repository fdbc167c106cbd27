"""Folding: what two copies of a text share."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.fold import MIN_HASHED, common_share, fold, hash_text, simplified
from aggregator.text.t2s import SIMPLIFIED, TRADITIONAL


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("圖書館延長開放時間", "图书馆延长开放时间"),
        ("ＡＢＣ１２３", "abc123"),
        ("「你好，世界！」", "“你好世界”"),
        ("zero\u200bwidth\ufeff\u00ad", "Zero Width"),
        ("snake_case", "snakecase"),
        ("ﬁne", "fine"),
        ("裏面、裡面", "里面里面"),
        ("他於是說", "他于是说"),
    ],
)
def test_copies_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


def test_different_words_stay_different() -> None:
    assert fold("图书馆") != fold("图书室")


def test_the_table_maps_each_character_once_and_to_its_end() -> None:
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL)) > 4000
    assert not set(TRADITIONAL) & set(SIMPLIFIED)


def test_a_short_text_identifies_nothing() -> None:
    assert hash_text("图" * (MIN_HASHED - 1)) == ""
    assert hash_text("。" * 1000) == ""


def test_copies_have_the_same_hash() -> None:
    text = "市图书馆今天宣布，从下个月起延长开放时间，周末也对读者开放，学生和老人都可以免费借阅，不收押金。"
    assert hash_text(text) == hash_text(text.replace("，", " ")) != ""
    assert len(hash_text(text)) == 32
    assert hash_text(text) != hash_text(text.replace("下个月", "今年"))


@given(st.text(st.sampled_from('a1“”—。、:"·ＡÉ·٣_馬马é \n')) | st.text())
def test_marks_that_are_taken_out_ahead_are_those_that_go_anyway(text: str) -> None:
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())
    assert fold(text) == simplified(plain)


@given(st.text())
def test_only_letters_and_digits_are_left_whatever_is_folded(text: str) -> None:
    assert re.fullmatch(r"[^\W_]*", fold(text))
    assert fold(f" {text}\n") == fold(text)
    assert len(hash_text(text)) in (0, 32)


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("港口的起重机在晨雾里转动", "港口的起重机在晨雾里转动，后来停了下来。", 1.0),
        ("港口的起重機", "港口的起重机", 1.0),
        ("港口的起重机在晨雾里转动", "春茶的拍卖推迟到夏天举行", 0.0),
        ("", "春茶", 0.0),
    ],
)
def test_two_texts_share_runs_of_characters(one: str, other: str, share: float) -> None:
    assert common_share(one, other) == share
