"""What of a source's past comes to light after its first poll: no flood of it, and no news is taken for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.documents import item, rss
from tests.support.room import MORNING, Room
from tests.support.web import ok

ONE = """
sources:
  - {id: a, url: "{web}/a"}
sections:
  - {id: world, title: 国际, include: ["*"]}
"""


def limited(limits: str) -> str:
    return ONE.replace('/a"}', f'/a", first_fetch: {{{limits}}}}}')


def days_ago(number: float) -> str:
    return f"{MORNING - timedelta(days=number):%a, %d %b %Y %H:%M:%S} GMT"


def entries(*days: int, **more: str) -> bytes:
    """One for each number, from so many days ago."""
    return rss(*(item(n, date=days_ago(n), **more) for n in days))


async def polled(room: Room, *documents: bytes, yaml: str = ONE) -> dict[str, int]:
    """What the last of the documents comes to."""
    room.web.answer("/a", *map(ok, documents))
    for _ in documents:
        counts = (await room.poll(yaml))["a"].counts
        room.clock.forward(hours=1)
    return counts


@pytest.mark.parametrize("first", [[1], [1, 2, 3, 4]], ids=["one", "four"])
async def test_a_feed_that_is_made_longer_does_not_print_its_past(room: Room, first: list[int]) -> None:
    counts = await polled(room, entries(*first), entries(*range(60)))
    assert counts == {"new": 1, "seen": 60 - 1 - len(first), "unchanged": len(first)}
    assert len(room.articles()) == len(first) + 1


async def test_what_was_not_printed_of_the_past_does_not_come_back_with_other_names_and_texts(
    room: Room,
) -> None:
    moved = rss(
        *(
            item(
                n, guid=f"new-{n}", link=f"http://new.example/{n}", text=f"<p>第{n}条…</p>", date=days_ago(n)
            )
            for n in range(1, 41)
        )
    )
    counts = await polled(room, entries(*range(1, 41)), moved, yaml=limited("max_items: 10"))
    assert "new" not in counts
    assert len(room.articles()) == 10


async def test_where_nothing_of_the_past_is_printed_it_ends_with_its_newest(room: Room) -> None:
    counts = await polled(room, entries(3, 4), entries(*range(1, 20)), yaml=limited("max_items: 0"))
    assert counts["new"] == 2
    assert len(room.articles()) == 2


async def test_the_past_of_a_feed_whose_first_document_is_torn_begins_with_the_next(room: Room) -> None:
    whole = entries(*range(1, 31))
    torn = whole[: whole.index(b"<item>", whole.index(b"<item>") + 1) + 20]
    await polled(room, torn, whole, yaml=limited("max_items: 10"))
    assert len(room.articles()) == 1 + 10


async def test_a_feed_that_is_always_torn_has_a_past_that_ends(room: Room) -> None:
    cut = len(b"</channel></rss>") + 5
    torn = [entries(*days)[:-cut] for days in ([9, 10, 11], [8, 9, 10], [3, 4, 5, 6, 7, 8])]
    counts = await polled(room, *torn, yaml=limited("max_items: 2"))
    assert counts["new"] == 5


@pytest.mark.parametrize("documents", [[[1], [0, 50, 51]], [[1], [0, 50, 60, 70, 80, 90]]])
async def test_a_few_articles_that_are_dated_back_are_news(room: Room, documents: list[list[int]]) -> None:
    counts = await polled(room, *(entries(*days) for days in documents))
    assert counts["new"] == len(documents[1])


async def test_a_source_that_does_not_list_by_date_may_date_its_articles_as_it_likes(room: Room) -> None:
    """Old pictures, dated by what they show."""
    years = [900, 20_000, 4_000, 31_000, 7_000, 15_000, 2_000, 26_000, 11_000]
    counts = await polled(room, entries(500, 800), entries(*years))
    assert counts == {"new": len(years)}


async def test_a_rule_that_is_taken_back_brings_what_it_kept_out(room: Room) -> None:
    strict = ONE.replace('/a"}', '/a", keep: {title: "新闻[12]$"}}')
    room.web.answer("/a", ok(entries(*range(1, 31))))
    await room.poll(strict)
    assert len(room.articles()) == 2
    assert (await room.poll(ONE))["a"].counts["new"] == 28


async def test_articles_without_dates_are_news(room: Room) -> None:
    undated = rss(*(item(n) for n in range(50)))
    assert await polled(room, entries(60), undated) == {"new": 50}


async def test_what_is_newer_than_the_past_is_news_however_much_it_is(room: Room) -> None:
    assert (await polled(room, entries(100, 101), entries(*range(90))))["new"] == 90
