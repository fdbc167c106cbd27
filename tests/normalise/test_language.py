from __future__ import annotations

import pytest

from aggregator.normalise.language import guess, language_of, tidy_tag

ZH = "这个国家的经济发展问题还没有得到解决，有关部门说会进行研究，并将结果告诉大家。" * 3
TW = "這個國家的經濟發展問題還沒有得到解決，有關部門說會進行研究，並將結果告訴大家。"
EN = "The minister said that the plan was ready for the summer and that it is with the council."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ZH, "zh-CN"),
        (TW, "zh-TW"),
        ("橋通了", "zh-CN"),
        ("政府は新しい計画を発表したと述べました。", "ja"),
        ("정부는 새로운 계획을 발표했다고 밝혔다.", "ko"),
        (EN, "en"),
        ("Le ministre a dit que la loi est dans les mains du conseil et des maires.", "fr"),
        ("Der Minister sagte, dass das Gesetz nicht für den Rat und die Stadt ist.", "de"),
        ("Правительство сообщило о новом плане.", "ru"),
        ("Уряд повідомив про новий план, її деталі відомі.", "uk"),
        ("أعلنت الحكومة عن خطة جديدة", "ar"),
        ("Η κυβέρνηση ανακοίνωσε", "el"),
        ("Hm", None),
        ("123 — 45", None),
        ("", None),
    ],
)
def test_script_and_small_words_tell_the_language(text: str, language: str | None) -> None:
    assert guess(text) == language


@pytest.mark.parametrize(
    ("tag", "tidy"),
    [
        ("zh_cn", "zh-CN"),
        ("EN-us", "en-US"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("en", "en"),
        ("und", None),
        ("english", None),
        ("", None),
        (None, None),
        ("<b>", None),
    ],
)
def test_language_tags_are_written_as_they_should_be(tag: str | None, tidy: str | None) -> None:
    assert tidy_tag(tag) == tidy


@pytest.mark.parametrize(
    ("declared", "configured", "text", "language"),
    [
        ("zh-HK", None, TW, "zh-HK"),
        (None, "zh-HK", EN, "zh-HK"),
        (None, None, EN, "en"),
        ("en-US", None, ZH, "zh-CN"),
        ("en-US", "zh-SG", ZH, "zh-SG"),
        ("en-US", None, "桥", "en-US"),
        ("xx", None, ZH, "xx"),
        ("zh", None, EN, "en"),
    ],
)
def test_a_declared_language_holds_unless_the_script_refutes_it(
    declared: str | None, configured: str | None, text: str, language: str
) -> None:
    assert language_of(declared, configured, text) == language
