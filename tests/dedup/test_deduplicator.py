from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedup import Decision, Deduplicator

DAY = timedelta(days=1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
BRIDGE = "上游的老桥昨夜在雨后关闭，工程师说桥墩下的河床被冲深了两米，修复要到夏天才能完成，渡船今天起恢复。"
RIVER = (
    "The river rose by two metres overnight and the old bridge was closed until the summer, engineers said."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The least that can be compared."""

    uid: str
    source: str = "a"
    guid: str = ""
    url: str = ""
    title: str = "题"
    text: str = ""
    language: str | None = "zh-CN"
    published: datetime | None = None
    first_seen: datetime = NOW


FIRST = Story(uid="1", guid="g1", url="https://a.example/n/1", text=BRIDGE)


@pytest.mark.parametrize(
    ("second", "verdict", "clause"),
    [
        (Story(uid="2", guid="g1", url="https://a.example/n/1", text=BRIDGE), "update", "same guid, unchanged"),
        (Story(uid="2", guid="g1", url="https://a.example/n/9", text=RIVER), "update", "same guid, changed"),
        (Story(uid="1", text=RIVER, title="另"), "update", "same entry, changed"),
        (
            Story(uid="2", guid="g2", url="http://www.a.example/n/1/?utm_source=x", text=RIVER),
            "update",
            "same address in the source, changed",
        ),
        (Story(uid="2", source="b", url="https://m.a.example/n/1", text=RIVER), "exact", "same address"),
        (Story(uid="2", source="b", guid="g1", url="https://b.example/1", text=BRIDGE), "exact", "same text"),
        (Story(uid="2", source="b", text=BRIDGE.replace("，", ",  ").replace("桥", "橋")), "exact", "same text"),
        (Story(uid="2", guid="g2", url="https://a.example/n/2", text=BRIDGE), "exact", "same text"),
        (Story(uid="2", source="b", text=BRIDGE, published=NOW + 13 * DAY), "exact", "same text"),
        (Story(uid="2", source="b", text=BRIDGE, published=NOW + 15 * DAY), "new", "nothing like it is known"),
        (Story(uid="2", source="b", guid="g1", url="https://b.example/1", text=RIVER), "new", "nothing like it is known"),
        (Story(uid="2", source="b", title="题", text="短讯"), "new", "nothing like it is known"),
        (Story(uid="2", source="b"), "new", "nothing like it is known"),
    ],
)  # fmt: skip
def test_a_second_article_is_judged_against_the_first(second: Story, verdict: str, clause: str) -> None:
    known = Deduplicator()
    assert known.add([FIRST]) == [Decision(verdict="new")]
    [decision] = known.add([second])
    assert (decision.verdict, decision.clause) == (verdict, clause)
    assert decision.of == (None if verdict == "new" else "1")
    assert decision.similarity == (0.0 if verdict == "new" else 1.0)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_copies_in_one_batch_are_found_and_the_one_first_seen_is_printed(order: tuple[int, ...]) -> None:
    stories = [
        FIRST,
        Story(uid="2", source="b", url="https://b.example/1", text=BRIDGE, first_seen=NOW + DAY),
        Story(uid="3", source="c", url="https://b.example/1", text=RIVER, first_seen=NOW + 2 * DAY),
    ]
    decisions = Deduplicator().add([stories[at] for at in order])
    by_uid = {stories[at].uid: decision for at, decision in zip(order, decisions, strict=True)}
    assert by_uid["1"].verdict == "new"
    assert (by_uid["2"].of, by_uid["2"].clause) == ("1", "same text")
    assert (by_uid["3"].of, by_uid["3"].clause) == ("1", "same address")


def test_a_copy_of_a_copy_is_of_the_printed_article() -> None:
    known = Deduplicator()
    known.add([FIRST])
    known.add([Story(uid="2", source="b", url="https://b.example/1", text=BRIDGE)])
    [decision] = known.add([Story(uid="3", source="c", url="https://b.example/1", text=RIVER)])
    assert decision.of == "1"


def test_the_window_is_as_wide_as_it_is_made() -> None:
    known = Deduplicator(window=timedelta(hours=1))
    known.add([FIRST])
    [decision] = known.add([Story(uid="2", source="b", text=BRIDGE, published=NOW + DAY)])
    assert decision.verdict == "new"


def test_a_crowd_of_the_same_text_far_apart_costs_no_more_than_its_length() -> None:
    crowd = [
        Story(uid=f"{n:05}", source=f"s{n}", text=BRIDGE, published=NOW + n * 30 * DAY) for n in range(2_000)
    ]
    assert {decision.verdict for decision in Deduplicator().add(crowd)} == {"new"}


# -- laws

STORIES = st.builds(
    Story,
    uid=st.uuids().map(str),
    source=st.sampled_from("ab"),
    guid=st.sampled_from(["", "g1", "g2", "https://a.example/"]),
    url=st.sampled_from(
        ["", "https://a.example/1", "https://a.example/2", "http://www.a.example/1#x", "https://a.example/"]
    ),
    title=st.sampled_from(["题", "另题"]),
    text=st.sampled_from(["", "短", BRIDGE, BRIDGE + "。", RIVER]),
    published=st.one_of(st.none(), st.integers(0, 40).map(lambda days: NOW + days * DAY)),
)
BATCHES = st.lists(STORIES, max_size=7).map(
    lambda stories: [replace(story, first_seen=NOW + timedelta(minutes=n)) for n, story in enumerate(stories)]
)


def groups(stories: Sequence[Story], decisions: Sequence[Decision]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for story, decision in zip(stories, decisions, strict=True):
        found.setdefault(decision.of or story.uid, set()).add(story.uid)
    return {frozenset(group) for group in found.values()}


@given(BATCHES)
def test_every_article_gets_one_decision_of_something_printed(stories: list[Story]) -> None:
    decisions = Deduplicator().add(stories)
    assert len(decisions) == len(stories)
    printed = {s.uid for s, decision in zip(stories, decisions, strict=True) if decision.verdict == "new"}
    for decision in decisions:
        assert (decision.of is None) == (decision.verdict == "new")
        assert decision.of is None or decision.of in printed
        assert 0 <= decision.similarity <= 1


@given(BATCHES)
def test_the_same_batch_again_brings_nothing_new(stories: list[Story]) -> None:
    known = Deduplicator()
    known.add(stories)
    assert all(decision.verdict == "update" for decision in known.add(stories))


@given(BATCHES, BATCHES, st.randoms(use_true_random=False))
def test_the_order_of_a_batch_does_not_change_what_belongs_together(
    before: list[Story], stories: list[Story], random: object
) -> None:
    shuffled = list(stories)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = Deduplicator(), Deduplicator()
    one.add(before)
    other.add(before)
    assert groups(stories, one.add(stories)) == groups(shuffled, other.add(shuffled))
