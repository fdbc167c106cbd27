from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedup import Decision, Deduplicator
from tests.dedup.texts import (
    ARTICLES,
    COPIES,
    FOOTER,
    NOW,
    SHORT,
    TEMPLATES,
    Story,
    copy_of,
    originals,
    reports,
    sentences,
)

DAY = timedelta(days=1)
LANGUAGES = ("zh", "en")
BRIDGE = originals("zh")[0]
LIBRARY = originals("en")[0]


def second(first: Story | Sequence[Story], other: Story) -> Decision:
    """What the other one is, once the first are known."""
    known = Deduplicator()
    known.add([first] if isinstance(first, Story) else first)
    [decision] = known.add([other])
    return decision


# -- copies


@pytest.mark.parametrize("kind", sorted(COPIES))
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_copy_that_portals_make_is_found(lang: str, kind: str) -> None:
    for story in originals(lang):
        decision = second(originals(lang), copy_of(story, kind, lang))
        assert decision.of == story.uid, decision


@pytest.mark.parametrize("kind", sorted(COPIES))
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_copy_that_comes_before_its_original_is_one_story_with_it(lang: str, kind: str) -> None:
    for story in originals(lang):
        copy = copy_of(story, kind, lang)
        assert second(copy, story).of == copy.uid


def test_a_copy_under_another_title_is_found_and_says_how_alike_it_is() -> None:
    copy = replace(
        BRIDGE, uid="2", source="b", title="百年石桥将封闭半年", text=BRIDGE.text + "记者将持续关注。"
    )
    assert second(BRIDGE, copy) == Decision(
        verdict="near", of="zh0", similarity=1.0, clause="contains 1.00 of the shorter text"
    )


def test_a_summary_is_found_though_the_article_has_another_number_by_now() -> None:
    summary = copy_of(BRIDGE, "summary", "zh")
    corrected = replace(BRIDGE, text=BRIDGE.text.replace("一百四十天", "九十天").replace("2360", "2410"))
    assert second(corrected, summary).of == "zh0"


def test_a_light_rewrite_is_found_by_its_words_and_numbers() -> None:
    text = BRIDGE.text
    for change in """
        修复>整修 老>古 镇里>当地 工程师>专家 居民>百姓 桥墩>墩柱 打算>计划 旧石料>旧料 几十年>数十载 免费>无偿 生意>买卖
        洪水>大水 预计>估计 随后>其后 宣布>公布 裂缝>裂纹 集市>庙会 重新>再次 注意>留心 全长>总长
    """.split():
        was, now = change.split(">")
        text = text.replace(was, now)
    decision = second(BRIDGE, replace(BRIDGE, uid="2", source="b", title="古桥将封", text=text))
    assert decision.of == "zh0"
    assert decision.clause.startswith("reworded: terms 0.")
    assert decision.clause.endswith(", numbers 3/3")


def test_a_thorough_rewrite_is_found_by_its_many_numbers() -> None:
    rewritten = (
        "二月财报显示，云帆航运全年营收48.3亿元，涨幅12.6%；净利润7.15亿元，同比多出23.4%。公司一共有船137艘，新订了18艘。"
        "集装箱运量达到263万箱，平均运价每箱1840元，燃油开支回落9.7%。董事会提议每股派息0.35元，合计派发2.28亿元。"
    )
    original = (
        "云帆航运公布年度业绩：收入48.3亿元，增长12.6%，归属股东的净利7.15亿元，增幅23.4%。期末船队规模137艘，"
        "另有18艘在建。全年承运263万标箱，单箱均价1840元，油料成本下降9.7%。拟每股分红0.35元，分红总额2.28亿元。"
    )
    first, other = Story(uid="1", text=original), Story(uid="2", source="b", text=rewritten)
    decision = second(first, other)
    assert decision.of == "1"
    assert decision.clause.endswith("numbers 11/11")


# -- look-alikes


@pytest.mark.parametrize(("lang", "template"), [(lang, one) for lang in LANGUAGES for one in TEMPLATES[lang]])
def test_reports_in_the_same_words_with_other_numbers_stay_apart(lang: str, template: str) -> None:
    known = Deduplicator()
    found = [known.add([report])[0] for report in reports(lang, template, 100)]
    assert [decision.clause for decision in found if decision.verdict != "new"] == []


def test_issues_of_a_bulletin_share_their_title_alone() -> None:
    issues = [
        replace(story, uid=str(at), title="国内联播快讯", source="a", first_seen=NOW + at * DAY)
        for at, story in enumerate(originals("zh"))
    ]
    known = Deduplicator()
    assert [known.add([issue])[0].verdict for issue in issues] == ["new"] * 3


@pytest.mark.parametrize("between", ["\n", " "])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_short_items_with_one_footer_stay_apart(lang: str, between: str) -> None:
    items = [
        Story(uid=str(at), text=4 * item.strip() + between + FOOTER[lang])
        for at, item in enumerate(SHORT[lang].split("|"))
    ]
    known = Deduplicator()
    assert {known.add([item])[0].verdict for item in items} == {"new"}
    assert {decision.verdict for decision in Deduplicator().add(items)} == {"new"}


def test_a_copy_is_found_under_the_footer_of_its_source() -> None:
    items = [
        Story(uid=str(at), source="b", text=f"{item}\n{FOOTER['zh']}") for at, item in enumerate(SHORT["zh"].split("|"))
    ]  # fmt: skip
    copy = replace(BRIDGE, uid="copy", source="b", text=f"{sentences(BRIDGE.text)[0]}\n{FOOTER['zh']}")
    assert second([BRIDGE, *items], copy).of == "zh0"


def test_a_series_numbered_in_its_titles_is_no_copy_of_itself() -> None:
    one = replace(LIBRARY, title="Letter from the coast, no. 14")
    two = replace(
        copy_of(LIBRARY, "two fifths dropped", "en"),
        title="Letter from the coast, no. 15",
        text=LIBRARY.text.replace("Eastmere", "Westmere")
        .replace("library", "museum")
        .replace(" and ", " or "),
    )
    assert second(one, two).verdict == "new"


def test_a_follow_up_that_repeats_half_of_the_first_report_is_related() -> None:
    parts = sentences(LIBRARY.text)
    news = (
        "The council has found the fishermen of Eastmere another store, ending a quarrel that began with the storm. "
        "A shed on the north quay, empty since the ice works closed, will be handed over in May with its slipway and a crane, "
        "the mayor told a crowded meeting on Thursday night, and the association's members voted for it by a wide margin. "
        "They will pay no rent in the first season, while the roof is made good by apprentices from the technical college. "
    )
    follow_up = Story(
        uid="2", source="b", title="Fishermen move to the north quay", text=news + "".join(parts[1:6])
    )
    decision = second(LIBRARY, follow_up)
    assert (decision.verdict, decision.related) == ("new", "en0")


def test_far_apart_in_time_the_same_words_come_round_again() -> None:
    later = replace(copy_of(BRIDGE, "wrapped", "zh"), published=NOW + 15 * DAY)
    assert second(BRIDGE, later).verdict == "new"
    assert second(later, BRIDGE).verdict == "new"
    assert second(BRIDGE, replace(later, published=NOW + 13 * DAY)).verdict == "near"


# -- a chain that drifts


def test_what_drifts_from_copy_to_copy_is_held_against_the_printed_article() -> None:
    parts = [part for story in originals("zh") for part in sentences(story.text)]
    window = 6
    chain = [
        Story(uid=f"{at:02}", source=f"s{at}", text="".join(parts[at : at + window]), first_seen=NOW + at * DAY / 9)
        for at in range(len(parts) - window)
    ]  # fmt: skip
    known = Deduplicator()
    for story in chain:
        [decision] = known.add([story])
        printed = next(one for one in chain if one.uid == (decision.of or story.uid))
        common = set(sentences(story.text)) & set(sentences(printed.text))
        assert len(common) >= window / 2


def test_a_digest_does_not_draw_in_the_stories_it_holds_of_others() -> None:
    brief, *others = originals("zh")
    known = Deduplicator()
    known.add([brief])
    digest = replace(
        brief,
        uid="digest",
        source="b",
        text="\n".join(story.text for story in (others[0], brief, others[1])),
    )
    known.add([digest])
    assert [known.add([story])[0].verdict for story in others] == ["new", "new"]


# -- titles


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (Story(uid="1", title="柳河老桥修复工程今日开工_柳河网"), Story(uid="2", source="b", title="柳河老桥修复工程今日开工 - 新晚报"), "near"),
        (Story(uid="1", title="柳河老桥修复工程今日开工"), Story(uid="2", source="b", title="柳河老橋修復工程今日開工", text="柳河老桥修复工程今日开工"), "near"),
        (Story(uid="1", title=BRIDGE.title), replace(BRIDGE, uid="2", source="b", title=f"{BRIDGE.title}|柳河新闻"), "near"),
        (Story(uid="1", guid="1", title="柳河老桥修复工程今日开工"), Story(uid="2", guid="2", title="柳河老桥修复工程今日开工"), "new"),
        (Story(uid="1", title="柳河老桥修复工程今日开工", text="渡船今起停航"), Story(uid="2", source="b", title="柳河老桥修复工程今日开工", text="镇长到场"), "new"),
        (Story(uid="1", title="柳河老桥修复工程今日开工"), Story(uid="2", source="b", title="柳河老桥修复工程今日开工", published=NOW + 2 * DAY), "new"),
        (Story(uid="1", title="国内联播快讯"), Story(uid="2", source="b", title="国内联播快讯"), "new"),
        (Story(uid="1", title="Morning news"), Story(uid="2", source="b", title="Morning news"), "new"),
        (replace(BRIDGE, title="同一个足够长的题目在此"), replace(originals("zh")[1], source="b", title="同一个足够长的题目在此"), "new"),
    ],
)  # fmt: skip
def test_titles_count_where_nothing_says_otherwise(one: Story, other: Story, verdict: str) -> None:
    decision = second(one, other)
    assert decision.verdict == verdict
    assert decision.of == (None if verdict == "new" else "1")


# -- related


def test_another_report_of_the_same_is_related_and_not_merged() -> None:
    other = replace(
        BRIDGE,
        uid="2",
        source="b",
        title="石桥将修，渡船免费",
        text="柳河镇的老石桥要修了。镇政府宣布，横跨柳河的老石桥将于下月动工修复。本报走访了两岸：种菜的、送货的都盼着早日通车，"
        "桥头的杂货铺主人陈阿婆说没有桥的日子生意难做。施工期间，两岸居民可以乘坐免费渡船往来，船工老赵表示人手还不够。"
        "去年夏天的洪水之后，第三个桥墩下的河床被冲深，桥面出现裂缝，不少家长担心孩子上学的路。",
    )
    decision = second(BRIDGE, other)
    assert (decision.verdict, decision.of, decision.related) == ("new", None, "zh0")
    assert 0.3 < decision.kinship < 1


# -- batches


def groups(stories: Sequence[Story], decisions: Sequence[Decision]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for story, decision in zip(stories, decisions, strict=True):
        found.setdefault(decision.of or story.uid, set()).add(story.uid)
    return {frozenset(group) for group in found.values()}


def crowd(lang: str) -> list[Story]:
    return [*originals(lang), *(copy_of(story, kind, lang) for story in originals(lang) for kind in COPIES)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_batch_of_originals_and_copies_is_as_many_stories_as_there_are(lang: str) -> None:
    stories = crowd(lang)
    decisions = Deduplicator().add(stories)
    assert len(groups(stories, decisions)) == len(ARTICLES[lang])
    assert all(decision.of is None or "/" not in decision.of for decision in decisions)


@given(st.randoms(use_true_random=False), st.sampled_from(LANGUAGES))
def test_the_order_of_a_batch_does_not_matter(random: Random, lang: str) -> None:
    stories = random.sample(crowd(lang), 8)
    shuffled = random.sample(stories, 8)
    one, other = Deduplicator().add(stories), Deduplicator().add(shuffled)
    by_uid = {story.uid: decision for story, decision in zip(shuffled, other, strict=True)}
    assert [by_uid[story.uid] for story in stories] == one


@given(
    st.permutations(
        crowd("zh")[:3] + [copy_of(s, k, "zh") for s in originals("zh") for k in ("wrapped", "traditional")]
    )
)
def test_whatever_the_order_of_arrival_the_same_belong_together(stories: list[Story]) -> None:
    known = Deduplicator()
    decisions = [known.add([story])[0] for story in stories]
    assert groups(stories, decisions) == {
        frozenset({s.uid, f"{s.uid} wrapped", f"{s.uid} traditional"}) for s in originals("zh")
    }


def test_an_exact_copy_of_a_near_copy_is_of_the_printed_article() -> None:
    near = copy_of(BRIDGE, "wrapped", "zh")
    near = replace(near, first_seen=NOW + DAY)
    again = replace(near, uid="3", source="c")
    known = Deduplicator()
    assert [decision.of for decision in known.add([again, BRIDGE, near])] == ["zh0", None, "zh0"]
    assert known.add([replace(near, uid="4", source="d")])[0].of == "zh0"


def test_an_article_is_compared_by_its_newest_text() -> None:
    first = replace(BRIDGE, guid="g", text="详细消息稍后。")
    known = Deduplicator()
    known.add([first])
    assert known.add([replace(first, uid="2", text=BRIDGE.text)])[0].verdict == "update"
    [decision] = known.add([replace(copy_of(BRIDGE, "wrapped", "zh"), title="另一个题目")])
    assert decision.of == "zh0"


def test_a_guid_that_a_source_gives_to_everything_leaves_the_texts_to_decide() -> None:
    stories = [replace(story, guid="https://a.example/") for story in originals("en")]
    known = Deduplicator()
    assert {decision.verdict for decision in known.add(stories)} == {"new"}
    copy = replace(copy_of(stories[1], "a fifth dropped", "en"), source="a")
    assert known.add([copy])[0].of == "en1"
