"""Near copies through the whole pipeline: found at the commit, printed once, shown with their clause."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest

from aggregator.pipeline.byhand import Stories
from aggregator.pipeline.stories import related_to
from storage import Article, ArticleStore, open_store
from tests.dedup.texts import COPIES, Story, copy_of, originals, reports, sentences
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok

TWO = """
sources:
  - {id: first, name: 甲报, url: "{web}/a", section: 国际}
  - {id: second, name: 乙报, url: "{web}/b", section: 财经}
sections:
  - {id: world, title: 国际}
  - {id: business, title: 财经}
"""
BRIDGE, SCHOOL, KELP = originals("zh")
DATE = "Mon, 02 Mar 2026 0{}:00:00 GMT"


@pytest.fixture(params=["memory", "sqlite"])
def newsroom(request: pytest.FixtureRequest, room: Room, tmp_path: Path) -> Room:
    """Over the store in memory, and over the one in a file."""
    if request.param == "sqlite":
        room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    return room


def entry(story: Story, number: int | str, *, hour: int = 7, title: str | None = None) -> str:
    html = "".join(f"<p>{escape(line)}</p>" for line in story.text.splitlines())
    return item(number, title if title is not None else story.title, text=html, date=DATE.format(hour))


def serve(room: Room, *, a: list[bytes] = (), b: list[bytes] = ()) -> None:  # type: ignore[assignment]  # an empty one
    for path, documents in (("/a", a), ("/b", b)):
        room.web.answer(path, *(ok(document) for document in documents or [rss()]))


def by_title(room: Room, title: str) -> Article:
    (found,) = (one for one in room.articles() if one.title == title)
    return found


def stories(store: ArticleStore, room: Room) -> set[frozenset[str]]:
    """The titles of the articles of each story."""
    found: dict[str, set[str]] = {}
    for one in room.articles():
        found.setdefault(one.copy_of or one.uid, set()).add(one.title)
    return {frozenset(titles) for titles in found.values()}


async def test_a_near_copy_is_printed_once_in_both_sections_and_recorded_with_its_clause(
    newsroom: Room,
) -> None:
    copy = copy_of(BRIDGE, "wrapped, traditional, dropped", "zh")
    serve(newsroom, a=[rss(entry(BRIDGE, 1))], b=[rss(), rss(entry(copy, 2, title="石橋要關半年"))])
    await newsroom.poll(TWO)
    results = await newsroom.poll(TWO)
    assert results["second"].counts == {"copy": 1}
    (printed,) = newsroom.articles(copies=False)
    assert set(printed.sections) == {"world", "business"}
    near = by_title(newsroom, "石橋要關半年")
    assert (near.copy_of, near.story) == (printed.uid, printed.story)
    (decision,) = newsroom.store.decisions(near.uid)
    assert (decision.verdict, decision.of) == ("near", printed.uid)
    assert decision.similarity > 0.8
    assert "contains" in decision.clause
    assert "乙报" in newsroom.published("world.atom").decode()


@pytest.mark.parametrize("kind", sorted(COPIES))
async def test_every_kind_of_copy_is_found_over_a_store_in_a_file(
    room: Room, tmp_path: Path, kind: str
) -> None:
    room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    firsts = [entry(story, n) for n, story in enumerate(originals("zh"))]
    copies = [
        entry(copy_of(story, kind, "zh"), f"c{n}", title=f"另题其{n}")
        for n, story in enumerate(originals("zh"))
    ]
    serve(room, a=[rss(*firsts)], b=[rss(), rss(*copies)])
    await room.poll(TWO)
    room.store.close()
    room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")  # nothing is in memory any more
    await room.poll(TWO)
    assert len(room.articles(copies=False)) == 3
    assert len(room.articles()) == 6


async def test_copies_in_one_batch_are_one_story(newsroom: Room) -> None:
    found = [BRIDGE, copy_of(BRIDGE, "wrapped", "zh"), copy_of(BRIDGE, "summary", "zh"), SCHOOL]
    serve(newsroom, a=[rss(*(entry(one, n, title=f"题目第{n}") for n, one in enumerate(found)))])
    await newsroom.poll(TWO)
    assert stories(newsroom.store, newsroom) == {
        frozenset(("题目第0", "题目第1", "题目第2")),
        frozenset(("题目第3",)),
    }


async def test_what_two_parts_were_printed_as_is_one_story_when_the_whole_arrives(newsroom: Room) -> None:
    found = sentences(BRIDGE.text)
    head, tail = (replace(BRIDGE, text="".join(part)) for part in (found[:3], found[2:]))
    again = replace(tail, text=tail.text + "\n本报将继续关注工程的进展。")
    serve(
        newsroom,
        a=[
            rss(entry(head, 1, hour=5, title="石桥要修")),
            rss(entry(BRIDGE, 4, hour=7, title="老桥将封闭半年")),
        ],
        b=[rss(entry(tail, 2, hour=6, title="渡船免费")), rss(entry(again, 3, hour=6, title="渡船免费乘坐"))],
    )
    await newsroom.poll(TWO)
    newsroom.clock.forward(hours=1)
    await newsroom.poll(TWO)
    (printed,) = newsroom.articles(copies=False)
    assert printed.title == "石桥要修"
    assert {one.copy_of for one in newsroom.articles()} == {None, printed.uid}
    assert {one.story for one in newsroom.articles()} == {printed.story}
    assert set(printed.sections) == {"world", "business"}
    last = newsroom.store.decisions(by_title(newsroom, "渡船免费").uid)[-1]
    assert (last.verdict, last.of) == ("near", printed.uid)
    assert last.clause.startswith("one story by another copy: ")


async def test_reports_of_a_series_stay_apart(newsroom: Room) -> None:
    template = "今日港口集装箱吞吐量{}箱，比前一日变化{}箱，在港船舶{}艘，平均候泊{}小时。港务局提醒货主提前预约，避开每日高峰时段提箱。"
    found = [entry(one, n, title="港口日报") for n, one in enumerate(reports("zh", template, 12))]
    serve(newsroom, a=[rss(*found[:6])], b=[rss(*found[6:])])
    await newsroom.poll(TWO)
    assert len(newsroom.articles(copies=False)) == 12


async def test_an_article_whose_text_changes_is_found_by_its_new_one(newsroom: Room) -> None:
    stub = replace(
        BRIDGE, text="老石桥的消息稍后公布，本报记者正在赶往现场，请读者留意今晚的后续报道和明天的专版。"
    )
    serve(
        newsroom,
        a=[rss(entry(stub, 1, title="最新消息")), rss(entry(BRIDGE, 1, title="最新消息"))],
        b=[rss(), rss(), rss(entry(copy_of(BRIDGE, "wrapped", "zh"), 2, title="老桥"))],
    )
    for _ in range(3):
        await newsroom.poll(TWO)
        newsroom.clock.forward(minutes=20)
    assert by_title(newsroom, "老桥").copy_of == by_title(newsroom, "最新消息").uid


async def test_a_flash_that_grows_into_a_printed_story_is_a_copy_of_it_with_its_own_copies(
    newsroom: Room,
) -> None:
    flash = "最新消息：柳河老石桥的修复方案今天傍晚公布，本报记者正在现场采访有关各方，完整的报道将在稍后刊出，敬请读者留意。镇政府的发布会预计六点半开始，届时有图文直播。"
    stub = replace(BRIDGE, text=flash)
    serve(
        newsroom,
        a=[
            rss(entry(KELP, 9)),
            rss(entry(stub, 1, title="快讯")),
            rss(entry(stub, 1, title="快讯")),
            rss(entry(copy_of(BRIDGE, "wrapped", "zh"), 1, title="快讯")),
        ],
        b=[
            rss(entry(BRIDGE, 2)),
            rss(entry(BRIDGE, 2)),
            rss(entry(replace(stub, text=flash + "（完）"), 3, title="快讯转发")),
            rss(),
        ],
    )
    for _ in range(4):
        await newsroom.poll(TWO)
        newsroom.clock.forward(minutes=20)
    printed = by_title(newsroom, BRIDGE.title)
    assert printed.copy_of is None
    assert [by_title(newsroom, title).copy_of for title in ("快讯", "快讯转发")] == [printed.uid, printed.uid]
    assert set(printed.sections) == {"world", "business"}


async def test_the_fuller_copy_of_a_summary_stands_for_the_story_too(newsroom: Room) -> None:
    lines = BRIDGE.text.splitlines()
    brief = replace(BRIDGE, text="".join(lines[:2])[:100])
    serve(
        newsroom,
        a=[
            rss(entry(brief, 1, title="短讯")),
            rss(),
            rss(entry(replace(BRIDGE, text="\n".join(lines[2:])), 3, title="后半")),
        ],
        b=[rss(), rss(entry(BRIDGE, 2, title="全文"))],
    )
    for _ in range(3):
        await newsroom.poll(TWO)
        newsroom.clock.forward(minutes=20)
    printed = by_title(newsroom, "短讯")
    assert [by_title(newsroom, title).copy_of for title in ("全文", "后半")] == [printed.uid, printed.uid]


async def test_about_the_same_is_remembered_and_not_merged(newsroom: Room) -> None:
    other = (
        "柳河镇的老石桥要修了。镇政府宣布，横跨柳河的老石桥将于下月动工修复。本报走访了两岸：种菜的、送货的都盼着早日通车，"
        "桥头的杂货铺主人陈阿婆说没有桥的日子生意难做。施工期间，两岸居民可以乘坐免费渡船往来，船工老赵表示人手还不够。"
        "去年夏天的洪水之后，第三个桥墩下的河床被冲深，桥面出现裂缝，不少家长担心孩子上学的路。"
    )
    serve(
        newsroom,
        a=[rss(entry(BRIDGE, 1))],
        b=[rss(), rss(entry(replace(BRIDGE, text=other), 2, title="石桥将修"))],
    )
    await newsroom.poll(TWO)
    await newsroom.poll(TWO)
    first, second = by_title(newsroom, BRIDGE.title), by_title(newsroom, "石桥将修")
    assert (first.copy_of, second.copy_of) == (None, None)
    assert [one.other for one in newsroom.store.kin([first.uid])[first.uid]] == [second.uid]
    assert newsroom.store.kin([second.uid])[second.uid][0].similarity > 0.3
    found = related_to(newsroom.store, {first.uid: [first], second.uid: [second]})
    assert [one.uid for one, _ in found[first.uid]] == [second.uid]
    assert [one.uid for one, _ in found[second.uid]] == [first.uid]
    assert related_to(newsroom.store, {first.uid: [first, second]}) == {}


# -- keys of the configuration


@pytest.mark.parametrize(
    ("keys", "printed"),
    [
        ("dedup: {near: {enabled: yes}}", 1),
        ("dedup: {near: {enabled: no}}", 2),
        ("dedup: {near: {threshold: 1}}", 2),
        ("dedup: {near: {min_chars: 2000}}", 2),
        ("dedup: {scope: section}", 2),
        ("dedup: {scope: source}", 2),
        ("dedup: {window: 1h}", 2),
        ("defaults: {allow_private: 127.0.0.0/8, dedup: exact}", 2),
        ("defaults: {allow_private: 127.0.0.0/8, dedup: off}", 2),
    ],
)
async def test_the_configuration_says_where_and_how_near_copies_are_found(
    newsroom: Room, keys: str, printed: int
) -> None:
    copy = copy_of(BRIDGE, "two fifths dropped", "zh")
    copy = replace(copy, text=copy.text + "\n" + SCHOOL.text.splitlines()[1][:60])
    serve(newsroom, a=[rss(entry(BRIDGE, 1, hour=4))], b=[rss(), rss(entry(copy, 2, title="老桥封闭"))])
    await newsroom.poll(keys + TWO)
    await newsroom.poll(keys + TWO)
    assert len(newsroom.articles(copies=False)) == printed


@pytest.mark.parametrize(("keys", "printed"), [("", 1), ("dedup: {fold_variants: no}", 2)])
async def test_the_other_script_is_a_copy_unless_it_is_not_to_be(
    newsroom: Room, keys: str, printed: int
) -> None:
    copy = copy_of(BRIDGE, "traditional", "zh")
    serve(newsroom, a=[rss(entry(BRIDGE, 1))], b=[rss(), rss(entry(copy, 2, title="老橋封閉"))])
    await newsroom.poll(keys + TWO)
    await newsroom.poll(keys + TWO)
    assert len(newsroom.articles(copies=False)) == printed


@pytest.mark.parametrize(("scope", "printed"), [("all", 1), ("section", 2), ("source", 2)])
async def test_exact_copies_keep_to_the_scope(newsroom: Room, scope: str, printed: int) -> None:
    serve(newsroom, a=[rss(entry(BRIDGE, 1))], b=[rss(), rss(entry(BRIDGE, 2, title="老桥封闭"))])
    for _ in range(2):
        await newsroom.poll(f"dedup: {{scope: {scope}}}" + TWO)
    assert len(newsroom.articles(copies=False)) == printed


# -- time


async def test_the_index_forgets_what_is_out_of_the_window(newsroom: Room) -> None:
    serve(newsroom, a=[rss(entry(BRIDGE, 1))], b=[rss()])
    await newsroom.poll(TWO)
    (first,) = newsroom.articles()
    assert newsroom.store.expire_sketches(newsroom.clock() + timedelta(days=1)) == 1
    assert newsroom.store.article(first.uid) is not None


async def test_a_copy_of_a_story_that_has_expired_is_a_story_of_its_own(newsroom: Room) -> None:
    wrapped, prefixed = copy_of(BRIDGE, "wrapped", "zh"), copy_of(BRIDGE, "prefixed", "zh")
    serve(
        newsroom,
        a=[rss(entry(BRIDGE, 1))],
        b=[rss(), rss(entry(wrapped, 2, title="老桥封闭")), rss(entry(prefixed, 3, title="老桥将修"))],
    )
    await newsroom.poll(TWO)
    newsroom.clock.forward(hours=2)
    await newsroom.poll(TWO)
    newsroom.store.expire(articles_before=newsroom.clock() - timedelta(hours=1), bodies_before=None)
    newsroom.clock.forward(hours=1)
    await newsroom.poll(TWO)
    assert by_title(newsroom, "老桥将修").copy_of is None


async def test_what_was_taken_out_of_a_story_by_hand_stays_out(newsroom: Room) -> None:
    wrapped, again = copy_of(BRIDGE, "wrapped", "zh"), copy_of(BRIDGE, "two fifths dropped", "zh")
    serve(
        newsroom,
        a=[rss(entry(BRIDGE, 1))],
        b=[rss(), rss(entry(wrapped, 2, title="老桥封闭")), rss(entry(again, 3, title="老桥将修"))],
    )
    await newsroom.poll(TWO)
    await newsroom.poll(TWO)
    async with newsroom.desk(TWO) as desk:
        assert Stories(newsroom.store, desk.plan, newsroom.clock()).split(by_title(newsroom, "老桥封闭").uid)
    await newsroom.poll(TWO)
    assert by_title(newsroom, "老桥将修").copy_of == by_title(newsroom, "老桥封闭").uid
