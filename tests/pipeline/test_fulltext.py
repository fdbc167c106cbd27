"""``full_text``: the pages behind the entries of a feed that only summarises."""

import pytest

from tests.support.documents import WORDS, item, page, rss
from tests.support.room import Room
from tests.support.web import NOT_MODIFIED, ok

FEED = """
site: {timezone: Asia/Shanghai}
sources:
  - {id: thin, url: "{web}/feed", full_text: MODE}
sections:
  - {id: world, title: 国际}
"""
AUTO = FEED.replace("MODE", "auto")
SUMMARY = "潮汐闸启用之后的第一个渔季……"


def html(body: bytes) -> bytes:
    return ok(body, content_type="text/html")


def entries(room: Room, *numbers: int, text: str = SUMMARY, title: str = "") -> bytes:
    return rss(
        *(
            item(n, title or f"简讯{n}", text=f"{n}：{text}" if text else "", link=room.web.url(f"/{n}.html"))
            for n in numbers
        )
    )


def story(number: int) -> bytes:
    return html(page(f"页上的题目{number}", f"第{number}段。{WORDS}", f"其后的第{number}段。{WORDS}"))


async def test_a_thin_entry_gets_the_body_of_its_page_and_keeps_what_the_feed_says(room: Room) -> None:
    room.web.answer("/feed", ok(entries(room, 1)))
    room.web.answer("/1.html", story(1))
    result = await room.poll(AUTO)
    (article,) = room.articles()
    assert result["thin"].counts == {"new": 1}
    assert article.text == f"第1段。{WORDS}\n其后的第1段。{WORDS}"
    assert (article.title, article.guid) == ("简讯1", "id-1")
    assert article.published is not None
    assert article.published.isoformat() == "2026-03-02T07:00:00+00:00"
    assert article.breadcrumb == ("江边网", "国际")
    assert article.sections == ("world",)
    assert article.summary.startswith("1：潮汐闸")


FULL = f"<p>一。{WORDS}</p><p>二。{WORDS}</p>"


@pytest.mark.parametrize(
    ("mode", "text", "asked"),
    [
        ("never", SUMMARY, False),
        ("auto", SUMMARY, True),
        ("auto", "", True),
        ("auto", "<p>One sentence.</p><p>Continue reading the story »</p>", True),
        ("auto", FULL, False),
        ("auto", f"<p>{WORDS * 10}</p>", False),
        ("always", FULL, True),
    ],
)
async def test_the_page_is_asked_for_by_mode_and_by_what_the_entry_holds(
    room: Room, mode: str, text: str, asked: bool
) -> None:
    room.web.answer("/feed", ok(entries(room, 1, text=text)))
    room.web.answer("/1.html", story(1))
    await room.poll(FEED.replace("MODE", mode))
    assert ("/1.html" in room.web.paths()) is asked


async def test_a_page_that_says_less_leaves_the_entry(room: Room) -> None:
    room.web.answer("/feed", ok(entries(room, 1, text=f"<p>{WORDS}</p><p>{WORDS}又。</p>")))
    room.web.answer("/1.html", html(page("短页", "请登录后阅读全文的短短一段，仅此而已。")))
    await room.poll(FEED.replace("MODE", "always"))
    assert room.articles()[0].text.startswith("1：")


async def test_a_wall_in_front_of_all_pages_is_no_body(room: Room) -> None:
    room.web.answer("/feed", ok(entries(room, 1, 2)))
    for n in (1, 2):
        room.web.answer(f"/{n}.html", html(page("同意书", WORDS * 2, WORDS * 3)))
    result = await room.poll(AUTO)
    assert all(WORDS not in article.text for article in room.articles())
    assert "behind another entry" in " ".join(result["thin"].faults)


async def test_known_entries_are_never_asked_for_again(room: Room) -> None:
    room.web.answer("/feed", ok(entries(room, 1)), ok(entries(room, 2, 1)))
    for n in (1, 2):
        room.web.answer(f"/{n}.html", story(n))
    await room.poll(AUTO)
    room.web.requests.clear()
    result = await room.poll(AUTO)
    assert room.web.paths() == ["/feed", "/2.html"]
    assert result["thin"].counts["new"] == 1
    assert all(WORDS in article.text for article in room.articles())


async def test_entries_read_anew_under_another_rule_keep_their_bodies(room: Room) -> None:
    room.web.answer("/feed", ok(entries(room, 1)))
    room.web.answer("/1.html", story(1))
    await room.poll(AUTO)
    result = await room.poll(AUTO.replace("full_text", "future_dates: keep, full_text"))
    assert room.web.paths().count("/1.html") == 1
    assert result["thin"].counts == {"unchanged": 1}
    assert WORDS in room.articles()[0].text


async def test_entries_known_from_before_the_key_was_set_are_left_as_they_are(room: Room) -> None:
    room.web.answer("/feed", ok(entries(room, 1)))
    room.web.answer("/1.html", story(1))
    await room.poll(FEED.replace("MODE", "never"))
    await room.poll(AUTO.replace("full_text", "future_dates: keep, full_text"))
    assert "/1.html" not in room.web.paths()


async def test_an_entry_that_really_changed_has_its_page_read_again(room: Room) -> None:
    room.web.answer("/feed", ok(entries(room, 1)), ok(entries(room, 1, title="更正")))
    room.web.answer("/1.html", story(1), story(7))
    await room.poll(AUTO)
    result = await room.poll(AUTO)
    (article,) = room.articles()
    assert result["thin"].counts == {"update": 1}
    assert article.title == "更正"
    assert article.text.startswith("第7段")


async def test_the_entry_is_there_at_once_and_its_late_page_replaces_it_silently(room: Room) -> None:
    room.web.answer("/feed", ok(entries(room, 1), etag=b'"1"'), NOT_MODIFIED)
    room.web.answer("/1.html", ok(b"", status="502 Bad Gateway"), story(1))
    result = await room.poll(AUTO)
    assert [article.text for article in room.articles()] == [f"1：{SUMMARY}"]
    assert "502" in " ".join(result["thin"].faults)
    result = await room.poll(AUTO)
    (article,) = room.articles()
    assert result["thin"].counts == {"silent": 1}
    assert article.text.startswith("第1段")
    assert (article.revision, article.updated, article.sections) == (1, None, ("world",))
    assert room.published("world.atom").count(WORDS.encode()) >= 2


async def test_a_page_that_never_comes_is_given_up(room: Room) -> None:
    room.web.answer("/feed", ok(entries(room, 1), etag=b'"1"'), NOT_MODIFIED)
    room.web.answer("/1.html", ok(b"", status="502 Bad Gateway"))
    for _ in range(6):
        await room.poll(AUTO)
    assert room.web.paths().count("/1.html") == 3
    assert room.titles() == ["简讯1"]


async def test_pages_beyond_a_polls_share_come_with_the_next_poll(room: Room) -> None:
    room.web.answer("/feed", ok(entries(room, 1, 2, 3), etag=b'"1"'), NOT_MODIFIED)
    for n in (1, 2, 3):
        room.web.answer(f"/{n}.html", story(n))
    sparing = AUTO.replace("full_text", "max_articles: 2, full_text")
    for expected in (2, 3):
        await room.poll(sparing)
        assert len(room.articles()) == 3
        assert sum(WORDS in article.text for article in room.articles()) == expected


async def test_of_a_new_feeds_past_only_the_pages_of_printed_entries_are_asked_for(room: Room) -> None:
    room.web.answer("/feed", ok(entries(room, 1, 2, 3)))
    for n in (1, 2, 3):
        room.web.answer(f"/{n}.html", story(n))
    await room.poll(AUTO.replace("full_text", "first_fetch: {max_items: 1}, full_text"))
    assert room.web.paths() == ["/feed", "/robots.txt", "/1.html"]


async def test_a_page_that_robots_txt_forbids_is_not_asked_for(room: Room) -> None:
    room.web.answer("/robots.txt", ok(b"User-agent: *\nDisallow: /1.html\n"))
    room.web.answer("/feed", ok(entries(room, 1)))
    await room.poll(AUTO)
    assert "/1.html" not in room.web.paths()
    assert room.titles() == ["简讯1"]
