"""The parts of which near copies are found: features, habits, titles, the index, guards and clauses."""

from __future__ import annotations

from array import array

import pytest

from aggregator.dedup.features import FROM_BODY, FROM_LEAD, FROM_NUMBERS, features_of, plain
from aggregator.dedup.frequencies import FIRST, MOST_TERMS, Frequencies
from aggregator.dedup.habits import REMEMBERED, Habits, sentences_of
from aggregator.dedup.likeness import Likeness, copied, guarded
from aggregator.dedup.titles import bare_title, is_serial, is_telling
from storage.postings import MOST_BEARERS, MOST_FOUND, Postings
from tests.dedup.texts import originals


def like(one: str, other: str) -> Likeness:
    return Likeness(features_of(plain(one)), features_of(plain(other)), Frequencies())


# -- features


def test_widths_scripts_and_case_leave_no_trace_in_the_features() -> None:
    one = "ＡＢＣ公司於２０２６年發佈了新產品，\u200b營收１２．５億元。"
    assert features_of(plain(one)) == features_of(plain("abc公司于2026年发布了新产品，营收12.5亿元。"))


@pytest.mark.parametrize(
    ("text", "unspaced"),
    [
        ("今天的新闻", True),
        ("きょうのニュース", True),
        ("ข่าววันนี้", True),
        ("news of today", False),
        ("오늘의 뉴스", False),
        ("новости", False),
        ("iPhone 17 发布 in Shanghai with many new features", False),
        ("", False),
    ],
)
def test_scripts_without_spaces_are_read_by_characters(text: str, unspaced: bool) -> None:
    assert features_of(plain(text)).unspaced is unspaced


@pytest.mark.parametrize("text", ["", "。", "a", "一", "a b", "一二三", "12"])
def test_the_shortest_texts_have_features(text: str) -> None:
    features = features_of(plain(text))
    assert len(features.runs) <= 1
    assert like(text, text).contained in (0.0, 1.0)


@pytest.mark.parametrize(
    ("beginning", "rest"),
    [
        ("一二三四五", "六七八九十"),
        ("𠮷野家で", "食べた𠮷牛丼の話"),
        ("one two three four", " five six seven"),
    ],
)
def test_runs_stand_in_their_order_and_none_is_left_out(beginning: str, rest: str) -> None:
    few, many = features_of(beginning).sequence, features_of(beginning + rest)
    assert few
    assert many.sequence[: len(few)] == few
    assert set(many.sequence) == many.runs


def test_a_text_is_found_by_few_hashes_however_long_it_is() -> None:
    text = "".join(chr(0x4E00 + at * 7 % 5000) + str(at * 1.5) for at in range(5000))
    hashes = features_of(text).hashes
    assert FROM_BODY <= len(hashes) <= FROM_BODY + FROM_LEAD + FROM_NUMBERS
    assert all(0 <= hash_ < 2**32 for hash_ in hashes)


def test_hashes_are_the_same_for_ever() -> None:
    """They are stored; another figure here is a migration."""
    assert features_of(plain("今天下雨了。")).hashes == (2910911312, 3745568195)


def test_numbers_are_compared_without_separators_and_found_by_the_telling_ones() -> None:
    one = features_of(plain("In 2026 some 1,280 of 57 homes, 3.5 per cent"))
    assert one.numbers == {"2026", "1280", "57", "3.5"}


# -- habits


def test_a_sentence_of_three_stories_belongs_to_the_source() -> None:
    habits = Habits()
    footer = "本站的所有内容未经许可不得转载。"
    for at in range(3):
        assert habits.story_of([footer]) == [footer]
        habits.learn("", [f"第{at}条新闻的内容各不相同。", footer, footer, "他说。"])
    assert habits.story_of(["新的故事在这里。", footer, "他说。"]) == ["新的故事在这里。", "他说。"]


def test_a_title_of_two_stories_belongs_to_the_source() -> None:
    habits = Habits()
    habits.learn("今日要闻", [])
    assert not habits.is_usual_title("今日要闻")
    habits.learn("今日要闻", [])
    assert habits.is_usual_title("今日要闻")


def test_habits_are_forgotten_when_they_are_not_seen_for_long() -> None:
    habits = Habits()
    for _ in range(3):
        habits.learn("", ["a habit of long ago."])
    habits.learn("", [f"sentence number {at}" for at in range(REMEMBERED)])
    assert habits.story_of(["a habit of long ago."]) == ["a habit of long ago."]


def test_notices_are_no_part_of_a_story() -> None:
    text = "桥修好了。渡船停了。\n责任编辑：李四\nThe bridge is open. It cost 4.5 million.\nSign up to our newsletter"
    assert sentences_of(text) == [
        "桥修好了。",
        "渡船停了。",
        "the bridge is open.",
        "it cost 4.5 million.",
    ]


def test_habits_are_the_same_once_kept_and_unpacked() -> None:
    habits = Habits()
    for _ in range(300):
        habits.learn("今日要闻", ["本站的所有内容未经许可不得转载。", "a sentence of the site."])
    again = Habits.unpacked(habits.packed())
    assert again.packed() == habits.packed()
    assert again.is_usual_title("今日要闻")
    assert again.story_of(["a sentence of the site."]) == []


# -- titles


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("柳河老桥修复今日开工_新闻频道_柳河网", "柳河老桥修复今日开工"),
        ("柳河老桥修复今日开工-柳河网", "柳河老桥修复今日开工"),
        ("柳河老橋修復今日開工｜柳河網", "柳河老桥修复今日开工"),
        ("Harbour library reopens after repairs - Coast News", "harbourlibraryreopensafterrepairs"),
        ("Harbour library reopens after repairs | Coast | UK", "harbourlibraryreopensafterrepairs"),
        ("A well-known anti-storm wall is finished", "awellknownantistormwallisfinished"),
        ("快讯-柳河网", "快讯柳河网"),
        ("Bridge - a history of the river and its many crossings", "bridgeahistoryoftheriveranditsmanycrossings"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_title_is_compared_without_the_name_of_its_site(title: str, bare: str) -> None:
    assert bare_title(title) == bare


@pytest.mark.parametrize(
    ("bare", "telling"),
    [
        ("国内联播快讯", False),
        ("柳河老桥修复今日开工", True),
        ("morningnews", False),
        ("harbourlibraryreopens", True),
        ("", False),
    ],
)
def test_a_short_title_tells_nothing(bare: str, telling: bool) -> None:
    assert is_telling(bare) is telling


@pytest.mark.parametrize(
    ("one", "other", "serial"),
    [
        ("双色球第2026104期开奖", "双色球第2026107期开奖", True),
        ("Weather for March 5", "Weather for March 15", True),
        ("Weather for March 5", "Weather for March 5", False),
        ("3 hurt in Eastmere", "4 hurt in Westmere", False),
        ("题", "题", False),
    ],
)
def test_titles_that_differ_in_numbers_alone_are_of_a_series(one: str, other: str, serial: bool) -> None:
    assert is_serial(one, other) is serial


# -- the index


def test_candidates_share_two_hashes_and_come_with_the_most_shared_first() -> None:
    index = Postings()
    index.add("one", [1, 9, 8])
    index.add("two", [1, 2, 7])
    index.add("three", [1, 2, 3])
    assert index.query([1, 2, 3]) == ["three", "two"]


def test_an_article_that_is_added_again_has_its_new_hashes_only() -> None:
    index = Postings()
    index.add("one", [1, 2])
    index.add("one", [3, 4])
    assert index.query([1, 2]) == []
    assert index.query([3, 4]) == ["one"]


def test_a_hash_of_too_many_articles_finds_none_of_them() -> None:
    index = Postings()
    for at in range(MOST_BEARERS):
        index.add(f"{at:03}", [1, 2])
    assert len(index.query([1, 2])) == MOST_FOUND
    index.add("one more", [1, 2, 3, 4])
    assert index.query([1, 2]) == []
    assert index.query([1, 2, 3, 4]) == ["one more"]


# -- guards and clauses


def test_both_sides_of_a_likeness_are_the_same() -> None:
    one, other = (story.text for story in originals("zh")[:2])
    mixed = one[: len(one) // 2] + other
    left, right = like(one, mixed), like(mixed, one)
    assert (left.contained, left.numbers, left.ratio, left.slots) == (
        right.contained,
        right.numbers,
        right.ratio,
        right.slots,
    )
    assert left.cosine == pytest.approx(right.cosine)
    assert copied(left) == pytest.approx(copied(right))


TABLE = "最高气温{}℃，最低气温{}℃，偏北风{}级，请市民注意增减衣物，驾车出行注意安全，老人和儿童减少户外活动，夜间关好门窗。"


@pytest.mark.parametrize(
    ("one", "other", "kept_apart"),
    [
        (TABLE.format(11, 2, 3), TABLE.format(11, 2, 3), False),
        (TABLE.format(11, 2, 3), TABLE.format(12, 4, 5), True),  # numbers
        (TABLE.format(11, 2, 3), TABLE.format(2, 3, 11), True),  # all of them there, for other things
        (TABLE.format(11, 2, 3), TABLE.format(12, 4, 3), True),
        ("短", "短", True),  # too short to tell
        ("编号12的" + "同一段文字反复出现在每天的公告里" * 4, "编号13的" + "同一段文字反复出现在每天的公告里" * 4, True),
    ],
)  # fmt: skip
def test_guards_keep_reports_of_a_series_apart(one: str, other: str, kept_apart: bool) -> None:
    assert guarded(like(one, other)) is kept_apart
    assert (copied(like(one, other)) is None) is kept_apart


def test_one_number_that_is_corrected_leaves_an_article_itself() -> None:
    text = originals("zh")[0].text
    assert copied(like(text, text.replace("2360", "2410"))) is not None


def test_common_words_weigh_little_before_anything_was_read() -> None:
    weights = Frequencies()
    features = features_of("the said bridge")
    rare, common = (features_of(word).terms.keys() for word in ("bridge", "the"))
    assert weights.of(next(iter(rare)), False) > 3 * weights.of(next(iter(common)), False)
    for _ in range(200):
        weights.add(features.terms, False)
    assert weights.of(next(iter(rare)), False) < 1


def test_texts_are_weighed_anew_when_another_was_counted() -> None:
    weights = Frequencies()
    bridge, harbour = (features_of(plain(word)) for word in ("the bridge is closed", "the harbour"))
    before = weights.weighed(bridge, False)
    assert weights.weighed(bridge, False) is before
    weights.add(harbour.terms, False)
    after = weights.weighed(bridge, False)
    assert after.terms != before.terms
    assert after.terms == {term: often * weights.of(term, False) for term, often in bridge.terms.items()}


def test_frequencies_are_the_same_once_kept_and_unpacked() -> None:
    weights = Frequencies()
    weights.add({1: 1.0, 2: 1.0}, True)
    weights.add({3: 1.0}, False)
    again = Frequencies.unpacked(weights.packed())
    assert again.packed() == weights.packed()
    assert [again.of(term, True) for term in (1, 3)] == [weights.of(term, True) for term in (1, 3)]


def test_frequencies_that_were_kept_by_other_terms_are_learnt_anew() -> None:
    first_form = array("I", (4_000, 1, 7, 3_000, 100, 0)).tobytes()
    assert Frequencies.unpacked(first_form).packed() == Frequencies().packed()


def test_rare_terms_are_forgotten_before_there_are_too_many() -> None:
    weights = Frequencies()
    common = {1: 1.0}
    for at in range(FIRST):
        weights.add(common | {2 + at * 1000 + term: 1.0 for term in range(1000)}, False)
    assert len(weights.packed()) <= 8 * MOST_TERMS + 4096
    assert weights.of(1, False) < 0.5 * weights.of(2, False)
