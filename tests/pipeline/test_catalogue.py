"""What readers find: what the paper shows, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from aggregator.pipeline import catalogue as catalogue_module
from aggregator.pipeline.catalogue import Catalogue
from aggregator.publish import FeedQuery, Hits
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok

PAPER = """
defaults: {allow_private: 127.0.0.0/8, first_fetch: {max_age: null}}
sources:
  - {id: a, url: "{web}/a", section: 国际}
  - {id: b, url: "{web}/b", section: 财经}
sections:
  - {id: world, title: 国际, block: {title: 广告}, limit: 1}
  - {id: business, title: 财经, delay: 2h}
"""


@asynccontextmanager
async def catalogue(room: Room, yaml: str = PAPER) -> AsyncIterator[Catalogue]:
    async with room.desk(yaml) as desk:
        folder = room.folder / "var" / "public"
        yield Catalogue(desk.present, lambda: "https://paper.example", folder, room.clock)


async def found(room: Room, offset: int = 0, limit: int = 20, **asked: str) -> Hits:
    async with catalogue(room) as made:
        return made.find(room.store, FeedQuery(**asked), offset=offset, limit=limit)


def titles(hits: Hits) -> list[str]:
    return [one.article.title for one in hits.articles]


async def test_words_find_what_stands_in_title_or_text(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1, "潮汐闸启用"), item(2, "渡轮夜航"))))
    await room.poll(PAPER)
    assert titles(await found(room, words="潮汐")) == ["潮汐闸启用"]
    assert titles(await found(room, words="无此词")) == []


async def test_what_no_section_shows_is_not_found(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1, "广告：潮汐表"), item(2, "潮汐闸启用"))))
    await room.poll(PAPER)
    assert len(room.articles(search="潮汐")) == 2
    assert titles(await found(room, words="潮汐")) == ["潮汐闸启用"]


async def test_what_is_held_back_is_found_when_it_is_shown(room: Room) -> None:
    room.web.answer("/b", ok(rss(item(1, "潮汐债券"))))
    await room.poll(PAPER)
    assert titles(await found(room, words="潮汐")) == []
    room.clock.forward(hours=2)
    assert titles(await found(room, words="潮汐")) == ["潮汐债券"]


async def test_filters_hold_together(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1, "潮汐甲"))))
    room.web.answer("/b", ok(rss(item(2, "潮汐乙"))))
    await room.poll(PAPER)
    room.clock.forward(hours=3)
    assert titles(await found(room, words="潮汐", source="b")) == ["潮汐乙"]
    assert titles(await found(room, words="潮汐", section="world")) == ["潮汐甲"]
    assert titles(await found(room, words="潮汐", section="world", source="b")) == []
    assert titles(await found(room, tag="无此标签")) == []
    hits = await found(room, words="潮汐")
    assert {(id, count) for id, _, count in hits.sources} == {("a", 1), ("b", 1)}


async def test_a_copy_is_named_beside_its_original_and_not_listed(room: Room) -> None:
    long = "<p>" + "潮汐闸今天启用，渔船不必转移。" * 20 + "</p>"
    for path in ("/a", "/b"):
        room.web.answer(path, ok(rss(item(1, "潮汐闸启用", link=f"http://x.example{path}", text=long))))
    await room.poll(PAPER)
    room.clock.forward(hours=3)
    hits = await found(room, words="潮汐")
    assert [len(one.also) for one in hits.articles] == [1]


async def test_an_article_without_a_page_of_ours_is_told_apart(room: Room) -> None:
    early, late = "Mon, 02 Mar 2026 06:00:00 GMT", "Mon, 02 Mar 2026 07:00:00 GMT"
    room.web.answer("/a", ok(rss(item(2, "潮汐乙", date=late), item(1, "潮汐甲", date=early))))
    await room.poll(PAPER)  # the section prints one
    hits = await found(room, words="潮汐")
    assert titles(hits) == ["潮汐乙", "潮汐甲"]
    assert hits.without_page == {hits.articles[1].article.uid}


async def test_results_come_page_by_page_and_not_without_end(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_module, "MOST", 30)
    monkeypatch.setattr(catalogue_module, "_PORTION", 7)
    entries = [item(n, f"潮汐{n}", date=f"Sun, 01 Mar 2026 07:{n:02}:00 GMT") for n in range(40)]
    room.web.answer("/a", ok(rss(*entries)))
    await room.poll(PAPER)
    first, second = await found(room, words="潮汐"), await found(room, offset=20, words="潮汐")
    assert (first.total, first.more) == (30, True)
    assert titles(first) + titles(second) == [f"潮汐{n}" for n in range(39, 9, -1)]
    assert titles(await found(room, offset=30, words="潮汐")) == []
