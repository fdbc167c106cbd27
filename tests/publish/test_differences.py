"""What one text has that another has not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.publish.differences import LONGEST, Differences, differences

MARKS = {"same": "{}", "only": "[+{}]", "missing": "[-{}]"}


def marked(found: Differences) -> list[str]:
    return ["".join(MARKS[run.kind].format(run.text) for run in runs) for runs in found.paragraphs]


CASES = [
    ("equal texts", "潮汐闸启用。", "潮汐闸启用。", ["潮汐闸启用。"]),
    ("a number", "共四十三台电机。", "共四十二台电机。", ["共四十[-二][+三]台电机。"]),
    ("a Latin word whole", "The gate opened on Tuesday.", "The gate opened on Monday.", ["The gate opened on [-Monday.][+Tuesday.]"]),
    ("words are no letters", "It cost 1,250 crowns.", "It cost 1,350 crowns.", ["It cost [-1,350 ][+1,250 ]crowns."]),
    ("traditional characters", "漁港每年多出五十六個作業日。", "渔港每年多出五十六个作业日。", ["漁港每年多出五十六個作業日。"]),
    ("widths and punctuation", "他说:“开闸”，１２３台。", "他说：「开闸」,123台。", ["他说:“开闸”，１２３台。"]),
    ("a sentence more", "闸开了。记者甲报道。", "闸开了。", ["闸开了。[+记者甲报道。]"]),
    ("a sentence less", "闸开了。", "闸开了。渔民很高兴。", ["闸开了。[-渔民很高兴。]"]),
    ("a paragraph less in the middle", "第一段话。\n第三段文。", "第一段话。\n中间没有了。\n第三段文。", ["第一段话。", "[-中间没有了。]", "第三段文。"]),
    ("the beginning less", "第三段文。", "导语在此。\n第三段文。", ["[-导语在此。]", "第三段文。"]),
    ("other paragraphs", "闸开了。\n船出海。", "闸开了。船出海。", ["闸开了。", "船出海。"]),
    ("another order", "船出海。\n闸开了。", "闸开了。\n船出海。", ["船出海。", "闸开了。"]),
    ("nothing in common", "甲乙丙丁。", "戊己庚辛。", ["[-戊己庚辛。]", "[+甲乙丙丁。]"]),
    ("an empty text", "", "戊己庚辛。", ["[-戊己庚辛。]"]),
    ("an empty other", "甲乙丙丁。", "", ["[+甲乙丙丁。]"]),
    ("no words at all", "……", "——", []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("this", "other", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_differs_is_marked_and_nothing_else(this: str, other: str, expected: list[str]) -> None:
    assert marked(differences(this, other)) == expected


def test_no_difference_is_said_to_be_none() -> None:
    assert differences("闸開了。", "闸开了！").none
    assert not differences("闸开了。", "闸关了。").none


def test_common_is_the_share_of_this_texts_words() -> None:
    assert differences("闸开了。船出海。", "闸开了。").common == pytest.approx(0.5)
    assert differences("闸开了。", "闸开了。船出海。").common == 1.0
    assert (differences("", "").common, differences("", "甲").common) == (1.0, 0.0)


def test_one_character_between_two_changes_is_no_island() -> None:
    assert marked(differences("风从东面来到港口边上。", "风向西边吹来到港口边上。")) in (
        ["风[-向西边吹][+从东面]来到港口边上。"],
    )


def test_what_is_beyond_the_length_is_left_out_and_said() -> None:
    text = "潮汐闸启用了。" * (LONGEST // 7 + 100)
    found = differences(text, text)
    assert (found.cut, found.none) == (True, True)
    assert sum(len(run.text) for runs in found.paragraphs for run in runs) <= LONGEST


HOSTILE = [
    ("的" * LONGEST, "的" * (LONGEST - 1) + "了"),
    ("ab " * (LONGEST // 3), "ba " * (LONGEST // 3)),
    ("。" * LONGEST, "！" * LONGEST),
    ("甲乙" * (LONGEST // 2), "乙甲" * (LONGEST // 2)),
    ("".join(f"甲{chr(0x4E00 + n)}乙。" for n in range(5000)), "".join(f"甲{chr(0x5E00 + n)}乙。" for n in range(5000))),
    ("好坏。" * 6000, "坏好。" * 6000),
    ("(" * LONGEST, ")" * LONGEST),
    ("a.b" * 6000, "b.a" * 6000),
]  # fmt: skip


@pytest.mark.parametrize(("this", "other"), HOSTILE)
def test_hostile_texts_cost_no_more_than_a_second(this: str, other: str) -> None:
    begun = time.process_time()
    differences(this, other)
    assert time.process_time() - begun < 1.5


WORDS = st.text(alphabet="甲乙丙丁開开ab 。.\n！123", max_size=60)


@given(WORDS, WORDS)
def test_nothing_of_either_text_is_lost_or_made_up(this: str, other: str) -> None:
    found = differences(this, other)
    for text, kinds in ((this, ("same", "only")), (other, ("same", "missing"))):
        kept = "".join(run.text for runs in found.paragraphs for run in runs if run.kind in kinds)
        assert sorted(_letters(kept)) == sorted(_letters(text))
    assert 0 <= found.common <= 1


@given(WORDS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert differences(text, text).none


def _letters(text: str) -> str:
    """Written one way, without what stands between words."""
    return "".join(letter for letter in text.replace("開", "开") if letter.isalnum())
