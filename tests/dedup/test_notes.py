"""One source, the same few words, many titles: each is an article."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from aggregator.dedup import Deduplicator
from aggregator.dedup.notes import is_note_text, name_two
from storage.model import Article
from tests.dedup.test_decide import BRIDGE, NOW, RIVER, article, decided, kinds

NOTE = (
    "The show notes, links and all music that was played stand on our site, where you can also write to us."
)
TITLES = (
    "Bees in winter",
    "A lighthouse keeper",
    "The longest bridge",
    "Salt from the valley",
    "Who owns the sea",
)


def posts(text: str = NOTE, titles: Sequence[str] = TITLES, source: str = "a", **more: Any) -> list[Article]:
    return [
        article(
            source,
            f"{source}{n}",
            f"{source}.example/{n}",
            text,
            title=title,
            published=NOW + timedelta(minutes=n),
            **more,
        )
        for n, title in enumerate(titles)
    ]


def test_five_posts_with_one_short_text_under_five_titles_are_five_articles() -> None:
    assert kinds(decided(posts())) == ["new"] * 5


def test_so_they_are_when_they_come_one_by_one() -> None:
    stored: list[Article] = []
    for post in posts():
        [resolution] = decided([post], stored)
        assert resolution.kind == "new"
        assert resolution.article is not None
        stored.append(resolution.article)


def test_whatever_their_order() -> None:
    for order in permutations(posts(titles=TITLES[:4])):
        assert kinds(decided(order)) == ["new"] * 4


def test_as_long_as_a_story_it_is_one_article_whatever_it_is_called() -> None:
    assert kinds(decided(posts(text=NOTE * 8))) == ["new", *["copy"] * 4]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The old bridge is closed", "The old bridge is closed until summer"),
        ("老桥昨夜关闭", "老桥昨夜关闭，修复到夏天"),
        ("Bees in winter", "BEES IN WINTER"),
        ("Bees in winter", ""),
    ],
)
def test_under_a_title_that_was_reworded_it_is_a_copy(before: str, after: str) -> None:
    assert kinds(decided(posts(titles=(before, after)))) == ["new", "copy"]


def test_issues_of_a_series_are_two() -> None:
    assert kinds(decided(posts(titles=("Weekly letter 12", "Weekly letter 13")))) == ["new", "new"]


def test_another_source_with_the_same_words_has_copied_them() -> None:
    ours, theirs = posts(text=BRIDGE, titles=TITLES[:1]), posts(text=BRIDGE, titles=TITLES[1:2], source="b")
    assert kinds(decided([*ours, *theirs])) == ["new", "copy"]


def test_an_entry_that_has_no_name_of_its_own_is_a_copy_under_any_title() -> None:
    nameless = [article("a", text=NOTE, title=title) for title in TITLES[:2]]
    assert kinds(decided(nameless)) == ["new", "copy"]


def test_near_copies_are_looked_for_in_the_same_way() -> None:
    """Each has words of its own: their hashes differ, and what is like is found by its runs."""
    known = Deduplicator()
    for n, title in enumerate(TITLES):
        text = f"{NOTE} This time {title.split()[-1]}."
        [one] = known.add(
            [article("a", f"n{n}", f"a.example/{n}", text, title=title, first_seen=NOW + timedelta(hours=n))]
        )
        assert (one.verdict, one.of) == ("new", None)


def test_the_measure_of_a_note() -> None:
    assert is_note_text("桥" * 200)
    assert not is_note_text("桥" * 201)
    assert is_note_text("a" * 600)
    assert not is_note_text("a" * 601)


def test_a_flash_that_grew_into_a_story_is_one_article() -> None:
    known = Deduplicator()
    known.add([article("a", "flash", "a.example/1", NOTE, title="Bees in winter")])
    full = f"{NOTE} {RIVER} {RIVER.upper().replace('RIVER', 'OTHER STREAM')} The engineers will come again in March."
    [one] = known.add([article("a", "full", "a.example/2", full, title="What they live on")])
    assert one.verdict == "near"


@pytest.mark.parametrize(
    ("one", "other", "two"),
    [
        ("Bees in winter", "A lighthouse keeper", True),
        ("蜜蜂过冬", "灯塔看守人", True),
        ("Letter 12", "Letter 13", True),
        ("老橋昨夜關閉", "老桥昨夜关闭", False),
        ("Bees in winter", "Winter bees", False),
        ("Bees", "", False),
        ("?!", "Bees", False),
    ],
)
def test_titles_that_name_two_things(one: str, other: str, two: bool) -> None:
    assert name_two(one, other) is name_two(other, one) is two
