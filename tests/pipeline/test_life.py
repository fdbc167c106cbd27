"""The life of a feed: it is emptied, renamed, rewritten, dated wrongly. No flood of new entries, and nothing lost."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from storage.model import Health
from tests.support.documents import item, rss
from tests.support.room import MORNING, Room
from tests.support.web import NOT_MODIFIED, ok

ONE = """
sources:
  - {id: a, url: "{web}/a"}
sections:
  - {id: world, title: 国际, include: ["*"]}
"""
LATER = "Tue, 03 Mar 2026 07:00:00 GMT"


def date(number: int) -> str:
    return f"Mon, 02 Mar 2026 {number // 60:02}:{number % 60:02}:00 GMT"


def dated(number: int, title: str | None = None, **more: str) -> str:
    return item(number, title, date=more.pop("date", date(number)), **more)


def old(*numbers: int) -> bytes:
    return rss(*(dated(n) for n in numbers))


async def both(room: Room, first: bytes, second: bytes, yaml: str = ONE) -> dict[str, int]:
    """What the second document comes to after the first."""
    room.web.answer("/a", ok(first), ok(second))
    await room.poll(yaml)
    room.clock.forward(hours=1)
    return (await room.poll(yaml))["a"].counts


def dates_shown(room: Room) -> set[tuple[datetime | None, int]]:
    return {(article.updated, article.revision) for article in room.articles(limit=None)}


# -- emptied


async def test_a_feed_that_is_emptied_loses_nothing_and_is_named(room: Room) -> None:
    room.web.answer("/a", ok(old(*range(20))), ok(rss(), etag=b'"empty"'), NOT_MODIFIED)
    await room.poll(ONE)
    before = room.published("world.atom")
    result = (await room.poll(ONE))["a"]
    assert result.ok
    assert result.faults == ("a feed without entries, where 20 were; what is known of it stays",)
    record = room.source("a")
    assert record.memory["faults"] == list(result.faults)
    assert (record.health, record.failures) == (Health.OK, 0)
    assert record.next_poll - room.clock() < timedelta(minutes=30)
    assert len(room.articles()) == 20
    assert room.published("world.atom") == before
    assert (await room.poll(ONE))["a"].faults == ()  # counted once


async def test_what_comes_after_an_emptied_feed_is_no_news_where_it_was_known(room: Room) -> None:
    room.web.answer("/a", ok(old(1, 2)), ok(rss()), ok(old(1, 2, 3)))
    await room.poll(ONE)
    await room.poll(ONE)
    assert (await room.poll(ONE))["a"].counts == {"unchanged": 2, "new": 1}
    assert room.source("a").memory["faults"] == []


async def test_a_feed_that_never_held_anything_is_not_suspicious(room: Room) -> None:
    room.web.answer("/a", ok(rss()))
    assert (await room.poll(ONE))["a"].faults == ()


# -- all names change at once


def _guid(n: int) -> str:
    return dated(n, guid=f"urn:new:{n}")


def _https(n: int) -> str:
    return dated(n, guid=f"https://paper.example/{n}.html", link=f"https://www.paper.example/{n}.html")


def _path(n: int) -> str:
    return dated(n, guid=f"https://new.example/a/{n}", link=f"https://new.example/a/{n}")


def _path_and_text(n: int) -> str:
    return dated(
        n,
        guid=f"new-{n}",
        link=f"http://paper.example/p/{n}",
        text=f"<p>新版第{n}条。{'全新的正文，' * 20}</p>",
    )


def _path_and_date(n: int) -> str:
    return dated(n, guid=f"new-{n}", link=f"http://paper.example/p/{n}", date="Mon, 02 Mar 2026 08:30:00 GMT")


@pytest.mark.parametrize("renamed", [_guid, _https, _path, _path_and_text, _path_and_date])
async def test_a_source_whose_names_all_change_brings_nothing_new(
    room: Room, renamed: Callable[[int], str]
) -> None:
    await both(room, old(*range(1, 21)), rss(*(renamed(n) for n in range(1, 21))))
    uids = {article.uid for article in room.articles(limit=None)}
    assert len(uids) == 20
    assert {updated for updated, _ in dates_shown(room)} == {None}
    room.web.answer("/a", ok(rss(dated(99), *(renamed(n) for n in range(1, 21)))))
    assert (await room.poll(ONE))["a"].counts == {"unchanged": 20, "new": 1}


async def test_a_renamed_article_leads_to_its_new_address(room: Room) -> None:
    await both(room, old(1, 2, 3), rss(*(_path(n) for n in (1, 2, 3))))
    assert {article.url for article in room.articles()} == {f"https://new.example/a/{n}" for n in (1, 2, 3)}
    assert room.published("world.atom").count(b"<entry") == 3
    assert "另见".encode() not in room.published("world.atom")


async def test_news_among_renamed_articles_is_news(room: Room) -> None:
    counts = await both(room, old(*range(1, 9)), rss(dated(50), *(_path(n) for n in range(1, 9))))
    assert counts["new"] == 1
    assert len(room.articles()) == 9


async def test_titles_alone_are_known_again_by_their_dates(room: Room) -> None:
    before = rss(*(dated(n, text="") for n in range(1, 6)))
    after = rss(*(dated(n, text="", guid=f"new-{n}", link=f"http://new.example/{n}") for n in range(1, 6)))
    assert "new" not in await both(room, before, after)
    assert len(room.articles()) == 5


async def test_a_past_that_was_not_printed_does_not_come_back_under_new_names(room: Room) -> None:
    few = ONE.replace('/a"}', '/a", first_fetch: {max_items: 3}}')
    counts = await both(room, old(*range(1, 21)), rss(*(_path(n) for n in range(1, 21))), few)
    assert "new" not in counts
    assert len(room.articles()) == 3
    room.web.answer("/a", ok(rss(dated(99), *(_path(n) for n in range(1, 21)))))
    assert (await room.poll(few))["a"].counts == {"unchanged": 20, "new": 1}


async def test_a_column_that_comes_round_every_day_is_news_every_day(room: Room) -> None:
    def day(n: int) -> bytes:
        return rss(item(n, "每日一句", text="", date=f"Mon, {n:02} Feb 2026 07:00:00 GMT"))

    room.web.answer("/a", *(ok(day(n)) for n in range(1, 6)))
    for _ in range(5):
        await room.poll(ONE)
    assert len(room.articles()) == 5


async def test_a_fresh_page_of_other_articles_is_news(room: Room) -> None:
    counts = await both(room, old(*range(1, 21)), old(*range(21, 41)))
    assert counts == {"new": 20}


# -- two servers, one behind the other


def version(text: str, *, updated: str | None = None) -> bytes:
    entry = dated(1, text=f"<p>{text}</p>")
    if updated:
        said = f'<dcterms:modified xmlns:dcterms="http://purl.org/dc/terms/">{updated}</dcterms:modified>'
        entry = entry.replace("</item>", f"{said}</item>")
    return rss(entry, dated(2), dated(3))


async def test_an_article_that_goes_to_and_fro_between_two_versions_is_dated_anew_once(room: Room) -> None:
    old_text, new_text = "渔港的堤坝要加高一米。" * 9, "渔港的堤坝要加高两米。" * 9
    room.web.answer("/a", *(ok(version(text)) for text in (old_text, new_text) * 3))
    counts = []
    for _ in range(6):
        counts.append((await room.poll(ONE))["a"].counts)
        room.clock.forward(hours=1)
    assert counts[1] == {"update": 1, "unchanged": 2}
    assert counts[2:] == [{"silent": 1, "unchanged": 2}] * 4
    (article,) = [one for one in room.articles() if one.revision == 2]
    assert (article.updated, article.text) == (MORNING + timedelta(hours=1), new_text)


async def test_a_text_that_its_source_puts_back_and_dates_anew_is_dated_anew(room: Room) -> None:
    old_text, new_text = "渔港的堤坝要加高一米。" * 9, "渔港的堤坝要加高两米。" * 9
    restored = MORNING + timedelta(minutes=90)
    documents = [version(old_text), version(new_text), version(old_text, updated=restored.isoformat())]
    room.web.answer("/a", *map(ok, documents))
    for _ in documents:
        await room.poll(ONE)
        room.clock.forward(hours=1)
    (article,) = [one for one in room.articles() if one.revision > 1]
    assert (article.revision, article.updated) == (3, restored)


# -- reused names


async def test_a_guid_that_is_used_for_another_article_another_day_loses_neither(room: Room) -> None:
    """The top story of the day, under one guid and one address."""

    def top(n: int, day: str) -> bytes:
        text = f"<p>{'潮汐闸昨夜启用，' * 10}</p>" if n == 1 else f"<p>{'春茶的拍卖推迟到夏天，' * 10}</p>"
        return rss(item(n, f"头条{n}", guid="top", link="http://paper.example/top", text=text, date=day))

    counts = await both(room, top(1, date(1)), top(2, LATER))
    assert counts == {"new": 1}
    assert sorted(room.titles()) == ["头条1", "头条2"]
    assert (await room.poll(ONE))["a"].kind == "unchanged"
    room.web.answer("/a", ok(top(2, LATER) + b"\n"))
    assert (await room.poll(ONE))["a"].counts == {"unchanged": 1}


async def test_an_article_that_grows_under_another_title_is_the_same_one(room: Room) -> None:
    text = "潮汐闸昨夜启用，渔民们在岸边看了一夜。"
    first = rss(item(1, "快讯：闸门启用", text=f"<p>{text}</p>"))
    second = rss(item(1, "潮汐闸启用记", text=f"<p>{text}{'后来的事情是这样的。' * 20}</p>", date=LATER))
    assert await both(room, first, second) == {"update": 1}


# -- rewritten


async def test_another_template_of_the_site_dates_nothing_anew(room: Room) -> None:
    def rewritten(n: int) -> str:
        return dated(
            n, text=f"<p>第{n}条。{'港口的起重机缓缓转动。' * 9}</p><p>点此下载客户端，阅读全文。</p>"
        )

    counts = await both(room, old(*range(1, 21)), rss(*(rewritten(n) for n in range(1, 21))))
    assert counts == {"silent": 20}
    assert dates_shown(room) == {(None, 1)}
    assert all("下载客户端" in article.text for article in room.articles())


@pytest.mark.parametrize("entries", [20, 500])
async def test_an_article_that_is_really_updated_among_many_is_dated_anew(room: Room, entries: int) -> None:
    wide = ONE.replace('/a"}', '/a", first_fetch: {max_items: 1000}}')
    numbers = range(1, entries + 1)
    edited = [dated(n, text="<p>" + "更正：数字有误。" * 9 + "</p>") if n == 7 else dated(n) for n in numbers]
    counts = await both(room, old(*numbers), rss(*edited), wide)
    assert counts == {"update": 1, "unchanged": entries - 1}
    (article,) = [one for one in room.articles(limit=None) if one.revision == 2]
    assert article.updated == room.clock()


async def test_many_articles_may_be_updated_in_one_hour(room: Room) -> None:
    text = "<p>" + "后续报道已经补充。" * 9 + "</p>"
    edited = [dated(n, text=f"{n}{text}") if n <= 9 else dated(n) for n in range(1, 21)]
    assert await both(room, old(*range(1, 21)), rss(*edited)) == {"update": 9, "unchanged": 11}


@pytest.mark.parametrize(
    ("updates", "kind", "title"),
    [("bump", "update", "改"), ("silent", "silent", "改"), ("ignore", "unchanged", "新闻1")],
)
async def test_a_source_says_what_an_update_does(room: Room, updates: str, kind: str, title: str) -> None:
    yaml = ONE.replace('/a"}', f'/a", updates: {updates}}}')
    counts = await both(room, old(1), rss(dated(1, "改")), yaml)
    assert counts == {kind: 1}
    assert title in room.titles()
    (entry,) = feedparser.parse(io.BytesIO(room.published("world.atom"))).entries
    assert entry.title == title
    moved = tuple(entry.updated_parsed) > tuple(entry.published_parsed)
    assert moved == (kind == "update")  # readers show what moved as changed, and nothing else
    assert (b"dcterms:modified>" in room.published("world.rss")) == moved


# -- dates


@pytest.mark.parametrize(
    ("said", "taken"), [("clamp", MORNING), ("keep", datetime(2026, 3, 9, 7, tzinfo=UTC)), ("drop", None)]
)
async def test_a_date_ahead_of_now_is_settled_once(room: Room, said: str, taken: datetime | None) -> None:
    yaml = ONE.replace('/a"}', f'/a", future_dates: {said}}}')
    future = item(1, date="Mon, 09 Mar 2026 07:00:00 GMT")
    await both(room, rss(future), rss(future, item(2)), yaml)
    found = [article.published for article in room.articles() if article.guid == "id-1"]
    assert found == ([] if taken is None else [taken])


async def test_an_article_dropped_for_its_future_date_comes_when_that_has_come(room: Room) -> None:
    yaml = ONE.replace('/a"}', '/a", future_dates: drop}')
    room.web.answer("/a", ok(rss(item(1, date=LATER))), ok(rss(item(1, date=LATER), item(2))))
    await room.poll(yaml)
    room.clock.forward(days=2)
    await room.poll(yaml)
    assert len(room.titles()) == 2


async def test_an_undated_article_keeps_the_moment_at_which_it_was_first_seen(room: Room) -> None:
    undated = item(1, date="")
    await both(room, rss(undated), rss(undated, item(2)))
    (article,) = [one for one in room.articles() if one.guid == "id-1"]
    assert (article.published, article.date) == (None, MORNING)


async def test_undated_articles_under_new_names_are_known_by_their_text(room: Room) -> None:
    before = rss(*(item(n, date="") for n in range(1, 6)))
    after = rss(*(item(n, date="", guid=f"new-{n}", link=f"http://new.example/{n}") for n in range(1, 6)))
    assert "new" not in await both(room, before, after)
    assert len(room.articles()) == 5
