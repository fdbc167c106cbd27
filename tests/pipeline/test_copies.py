"""One story once: exact copies within a source and across sources."""

import feedparser

from tests.support.documents import WORDS, item, rss
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
STORY = f"<p>{WORDS}</p><p>{WORDS[::-1]}</p>"


async def test_the_same_text_from_two_sources_is_printed_once_in_both_sections(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1, text=STORY))))
    room.web.answer("/b", ok(rss(item(7, "另一个题目", text=STORY, link="http://b.example/7", guid="b7"))))
    await room.poll(TWO)
    printed = room.articles(copies=False)
    assert len(room.articles()) == 2
    assert len(printed) == 1
    assert set(printed[0].sections) == {"world", "business"}
    (copy,) = (article for article in room.articles() if article.copy_of)
    assert (copy.copy_of, copy.story) == (printed[0].uid, printed[0].story)


async def test_the_other_copy_is_named_under_the_printed_one(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1, text=STORY))))
    room.web.answer(
        "/b",
        ok(b"", status="500 Not Yet"),
        ok(rss(item(7, text=STORY, link="http://b.example/7", guid="b7"))),
    )
    await room.poll(TWO)
    await room.poll(TWO)
    (entry,) = feedparser.parse(room.published("world.atom")).entries
    assert "乙报" in entry.content[0].value
    assert any(link.href == "http://b.example/7" and link.rel == "related" for link in entry.links)


async def test_the_same_address_in_two_sources_is_one_story(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1, link="https://www.news.example/x.html?utm_source=a"))))
    room.web.answer("/b", ok(rss(item(2, link="http://news.example/x.html#top"))))
    await room.poll(TWO)
    assert len(room.articles(copies=False)) == 1


async def test_a_copy_in_traditional_characters_is_a_copy(room: Room) -> None:
    simplified = (
        "<p>潮汐闸的设计者说，闸门启用以后，渔港每年可以多出五十六个作业日，渔民的收入也会随之增加。</p>"
    )
    traditional = (
        "<p>潮汐閘的設計者說，閘門啟用以後，漁港每年可以多出五十六個作業日，漁民的收入也會隨之增加。</p>"
    )
    room.web.answer("/a", ok(rss(item(1, text=simplified))))
    room.web.answer("/b", ok(rss(item(2, text=traditional, link="http://b.example/2"))))
    await room.poll(TWO)
    assert len(room.articles(copies=False)) == 1


async def test_a_source_whose_guids_all_change_brings_nothing_new(room: Room) -> None:
    room.web.answer(
        "/a",
        ok(rss(*(item(n) for n in range(5)))),
        ok(rss(*(item(n, guid=f"http://new/{n}") for n in range(5)))),
    )
    await room.poll(TWO)
    result = await room.poll(TWO)
    assert result["first"].counts.get("new", 0) == 0
    assert len(room.articles()) == 5


async def test_short_entries_of_one_source_with_the_same_words_are_told_apart_by_their_titles(
    room: Room,
) -> None:
    titles = ["港口开工", "灯塔换灯", "盐田分红", "桥梁检修", "夜航恢复"]
    entries = [item(n, title, text=f"<p>{WORDS}</p>") for n, title in enumerate(titles)]
    room.web.answer("/a", ok(rss(*entries[:3])), ok(rss(*entries)))
    room.web.answer("/b", ok(rss()))
    await room.poll(TWO)
    await room.poll(TWO)
    assert {article.title for article in room.articles(copies=False)} == set(titles)
