"""Which copy of a story is printed, and what of the first one stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedup.prefer import MOST_WEIGHED, Member, Prefer, Shown, shown
from aggregator.text.fold import hash_text
from storage.model import Article

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHOLE = "\n".join(
    f"第{n}段：潮汐闸启用以后，渔港每年多出{n}{n}个作业日，渔民说这是十年来头一回。" for n in range(9)
)
PART = WHOLE[:80]


def copy(uid: str, **fields: Any) -> Article:
    values: dict[str, Any] = {
        "uid": uid, "source": uid, "title": "潮汐闸启用", "text": WHOLE, "url": f"https://{uid}.example/1.html",
        "published": NOON, "first_seen": NOON, "story": "a", "sections": ("world",),
    }  # fmt: skip
    article = Article(**values | fields)
    return replace(article, text_hash=hash_text(article.text))


def member(article: Article, *names: str, priority: int = 0) -> Member:
    return Member(
        article=article,
        names=names,
        address=f"https://{article.source}.example/feed.xml",
        priority=priority,
    )


def choose(*members: Member, prefer: Prefer = "first") -> Shown:
    return shown(members[0], members[1:], prefer)


# -- which


def test_an_article_without_copies_is_printed_as_it_is() -> None:
    article = copy("a")
    assert choose(member(article)) == Shown(article=article, of="a")


def test_of_equals_the_earliest_is_printed_whichever_came_first() -> None:
    late, early = copy("a"), copy("b", published=NOON - HOUR, first_seen=NOON + HOUR)
    found = choose(member(late), member(early))
    assert (found.of, found.why) == ("b", "is the earliest")


def test_a_whole_text_stands_before_a_summary_that_came_earlier() -> None:
    found = choose(member(copy("a", text=PART)), member(copy("b", published=NOON + HOUR)))
    assert (found.of, found.why) == ("b", "has the whole text")


def test_a_signature_more_is_not_a_fuller_text() -> None:
    found = choose(
        member(copy("a")), member(copy("b", text=f"{WHOLE}\n责任编辑：李四", published=NOON + HOUR))
    )
    assert found.of == "a"
    assert choose(*_two_lengths(1.05), prefer="longest").of == "a"


def test_longest_prints_the_clearly_longest() -> None:
    assert choose(*_two_lengths(1.3), prefer="first").of == "a"
    found = choose(*_two_lengths(1.3), prefer="longest")
    assert (found.of, found.why) == ("b", "has the longest text")


def _two_lengths(times: float) -> tuple[Member, Member]:
    more = "多" * int(len(WHOLE) * (times - 1))
    return member(copy("a")), member(copy("b", text=f"{WHOLE}{more}", published=NOON + HOUR))


ORIGINS = [
    ("the field that pages fill", {"origin": "江城晚报"}),
    ("the field, with more behind it", {"origin": "江城晚报客户端"}),
    ("the site that rel=canonical leads to", {"origin": "www.b.example"}),
    ("words at the end", {"text": f"{WHOLE}\n（来源：江城晚报）"}),
    ("words at the end, traditional", {"text": f"{WHOLE}\n來源：江城晚報"}),
    ("words at the beginning", {"text": f"转自江城晚报 {WHOLE}"}),
    ("a dateline", {"text": f"江城晚报江城3月2日电 {WHOLE}"}),
    ("an address at the origin's site", {"url": "https://www.b.example/1.html?utm_source=a"}),
]


@pytest.mark.parametrize("fields", [fields for _, fields in ORIGINS], ids=[name for name, _ in ORIGINS])
def test_the_named_origin_is_printed_though_it_came_later(fields: dict[str, Any]) -> None:
    found = choose(
        member(copy("a", **fields), "门户"),
        member(copy("b", published=NOON + HOUR, first_seen=NOON + HOUR), "江城晚报"),
    )
    assert (found.of, found.why, found.origins) == ("b", "is named as the origin", frozenset("b"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Source: Harbour Daily\n", True),
        ("This article first appeared on Harbour Daily.\n", True),
        ("TIDEWICK (Harbour Daily) - The gate\n", True),
        ("Readers of Harbour Daily know the gate.\n", False),
        ("Source: Harbour Dailyworks\n", False),
    ],
)
def test_origins_in_latin_letters_are_whole_words_behind_a_mark(text: str, named: bool) -> None:
    body = text + "The tide gate of Tidewick opened on Monday after nine years of work. " * 5
    found = choose(
        member(copy("a", text=body), "Portal"), member(copy("b", published=NOON + HOUR), "Harbour Daily")
    )
    assert (found.of == "b") is named


@pytest.mark.parametrize("name", ["网", "AP", ""])
def test_a_name_too_short_to_tell_names_nobody(name: str) -> None:
    later = member(copy("b", published=NOON + HOUR), name)
    assert choose(member(copy("a", origin="网AP"), "门户"), later).of == "a"


def test_who_calls_itself_the_origin_counts_where_nobody_names_another() -> None:
    boaster = member(copy("b", origin="乙报", published=NOON + HOUR), "乙报")
    assert choose(member(copy("a"), "甲报"), boaster).of == "b"
    assert choose(member(copy("a"), "甲报"), boaster, member(copy("c", origin="甲报"), "丙报")).of == "a"


def test_an_origin_that_has_only_a_title_is_not_printed() -> None:
    found = choose(member(copy("a", origin="乙报"), "门户"), member(copy("b", text=""), "乙报"))
    assert (found.of, found.why) == ("a", "has a text")


def test_priority_counts_where_it_is_asked_for() -> None:
    two = member(copy("a", origin="甲报"), "甲报"), member(copy("b", published=NOON + HOUR), priority=3)
    assert choose(*two).of == "a"
    found = choose(*two, prefer="priority")
    assert (found.of, found.why) == ("b", "its source has the highest priority")


def test_of_one_priority_the_other_rules_decide() -> None:
    two = member(copy("a", text=PART), priority=1), member(copy("b", published=NOON + HOUR), priority=1)
    assert choose(*two, prefer="priority").of == "b"


def test_a_crowd_is_weighed_by_those_that_came_first() -> None:
    crowd = [member(copy(f"c{n:04}", first_seen=NOON + n * HOUR)) for n in range(1, 3000)]
    late = member(copy("z", published=NOON - HOUR, first_seen=NOON + 9999 * HOUR))
    assert choose(member(copy("a")), *crowd, late).of == "a"
    assert len(crowd) > MOST_WEIGHED


# -- what stays


def test_the_preferred_words_stand_under_the_first_ones_id_date_and_place() -> None:
    first = copy("a", text=PART, authors=("甲",))
    better = copy(
        "b", title="潮汐闸今日启用", authors=("乙",), published=NOON + HOUR, first_seen=NOON + HOUR,
        sections=("world", "harbour"), copy_of="a", image="https://b.example/i.png",
    )  # fmt: skip
    entry = choose(member(first), member(better)).article
    kept = (entry.uid, entry.published, entry.first_seen, entry.sections, entry.story, entry.copy_of)
    assert kept == ("a", NOON, NOON, ("world",), "a", None)
    shown_ = (entry.title, entry.text, entry.url, entry.authors, entry.image, entry.source)
    assert shown_ == (better.title, better.text, better.url, ("乙",), better.image, "b")


def test_an_undated_first_article_keeps_the_time_at_which_it_was_seen() -> None:
    entry = choose(member(copy("a", published=None, text=PART)), member(copy("b"))).article
    assert (entry.published, entry.date) == (None, NOON)


def test_updated_moves_to_the_time_at_which_the_better_text_came() -> None:
    better = copy("b", first_seen=NOON + 3 * HOUR)
    assert choose(member(copy("a", text=PART)), member(better)).article.updated == NOON + 3 * HOUR


def test_updated_stays_where_the_words_are_the_same() -> None:
    entry = choose(
        member(copy("a", origin="乙报")), member(copy("b", first_seen=NOON + HOUR), "乙报")
    ).article
    assert (entry.url, entry.updated) == ("https://b.example/1.html", None)


def test_updated_stays_where_the_better_text_came_with_the_first() -> None:
    assert choose(member(copy("a", text=PART)), member(copy("b"))).article.updated is None


def test_a_third_copy_that_brings_the_first_words_back_is_a_change_too() -> None:
    """The whole text of b took the place of a's summary, until c named a as the origin."""
    first, better = member(copy("a", text=PART), "甲报"), member(copy("b", first_seen=NOON + HOUR))
    naming = member(copy("c", text=PART, origin="甲报", first_seen=NOON + 2 * HOUR))
    found = choose(first, better, naming)
    assert (found.of, found.article.updated, found.article.text) == ("a", NOON + 2 * HOUR, PART)


def test_an_edit_of_the_copy_that_is_shown_counts_as_the_entrys() -> None:
    edited = copy("b", first_seen=NOON + HOUR, updated=NOON + 5 * HOUR, revision=2)
    assert choose(member(copy("a", text=PART)), member(edited)).article.updated == NOON + 5 * HOUR


def test_a_date_of_change_that_a_copy_came_with_is_none_of_the_entrys() -> None:
    came = copy("b", published=NOON - HOUR, first_seen=NOON + HOUR, updated=NOON + 9 * HOUR)
    assert choose(member(copy("a")), member(came)).article.updated is None


# -- laws

FACTS = st.fixed_dictionaries(
    {
        "text": st.sampled_from([WHOLE, PART, "", f"{WHOLE}\n责任编辑：李四"]),
        "published": st.sampled_from([None, NOON - HOUR, NOON, NOON + HOUR]),
        "origin": st.sampled_from([None, "名b", "名c"]),
        "minutes": st.integers(0, 3),
    }
)


@given(st.lists(FACTS, min_size=2, max_size=4), st.sampled_from(["first", "longest", "priority"]))
def test_whatever_the_order_the_same_copy_is_printed(facts: list[dict[str, Any]], prefer: Prefer) -> None:
    members = []
    for uid, given_ in zip("abcd", facts, strict=False):
        minutes = given_.pop("minutes")
        seen = NOON + timedelta(minutes=minutes)
        members.append(member(copy(uid, **given_, first_seen=seen), f"名{uid}", priority=minutes))
    first, *others = members
    found = {choose(first, *order, prefer=prefer) for order in permutations(others)}
    assert len(found) == 1
    (one,) = found
    assert one.of in {each.article.uid for each in members}
    assert (one.article.uid, one.article.date) == ("a", first.article.date)
    assert {
        shown(each, [other for other in members if other is not each], prefer).of for each in members
    } == {one.of}
