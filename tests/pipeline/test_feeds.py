"""Feed sources from the request to the published file."""

import feedparser
import pytest

from storage.model import Health
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import NOT_MODIFIED, ok, redirect

ONE = """
sources:
  - {id: morning, url: "{web}/feed", section: 国际}
sections:
  - {id: world, title: 国际}
"""


async def test_an_item_of_a_feed_is_stored_placed_and_published(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1, "潮汐闸启用"))))
    await room.poll(ONE)
    (article,) = room.articles()
    assert (article.title, article.guid, article.url) == ("潮汐闸启用", "id-1", "http://paper.example/1.html")
    assert article.sections == ("world",)
    entry = feedparser.parse(room.published("world.atom")).entries[0]
    assert (entry.title, entry.link) == ("潮汐闸启用", "http://paper.example/1.html")
    assert "起重机" in entry.content[0].value


async def test_from_the_second_poll_on_requests_are_conditional(room: Room) -> None:
    room.web.answer(
        "/feed",
        ok(rss(item(1)), etag=b'W/"a\xe9"', last_modified="Sunday, 06-Nov-94 08:49:37 GMT"),
        NOT_MODIFIED,
    )
    await room.poll(ONE)
    result = await room.poll(ONE)
    assert room.web.requests[0]["if-none-match"] is None
    assert room.web.requests[1]["if-none-match"] == b'W/"a\xe9"'
    assert room.web.requests[1]["if-modified-since"] == b"Sunday, 06-Nov-94 08:49:37 GMT"
    assert result["morning"].kind == "not_modified"


async def test_a_second_poll_over_unchanged_sources_writes_nothing(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1), item(2))))
    await room.poll(ONE)
    before = {
        path: (path.stat().st_mtime_ns, path.read_bytes())
        for path in room.folder.rglob("*.*")
        if path.is_file()
    }
    await room.poll(ONE)
    after = {
        path: (path.stat().st_mtime_ns, path.read_bytes())
        for path in room.folder.rglob("*.*")
        if path.is_file()
    }
    assert after == before
    assert room.report is not None
    assert room.report.written == ()


async def test_a_feed_that_changes_only_its_build_date_brings_nothing(room: Room) -> None:
    same = item(1)
    room.web.answer(
        "/feed",
        ok(rss("<lastBuildDate>Mon, 02 Mar 2026 07:00:00 GMT</lastBuildDate>", same)),
        ok(rss("<lastBuildDate>Mon, 02 Mar 2026 08:00:00 GMT</lastBuildDate>", same)),
    )
    await room.poll(ONE)
    result = await room.poll(ONE)
    assert result["morning"].counts == {"unchanged": 1}
    assert room.articles()[0].revision == 1


async def test_an_older_entry_that_is_edited_is_updated_in_place(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1, "初稿"), item(2))), ok(rss(item(1, "改定稿"), item(2))))
    await room.poll(ONE)
    uid = next(article.uid for article in room.articles() if article.title == "初稿")
    room.clock.forward(minutes=30)
    await room.poll(ONE)
    edited = room.store.article(uid)
    assert edited is not None
    assert (edited.title, edited.revision) == ("改定稿", 2)
    assert len(room.articles()) == 2


async def test_the_order_of_undated_items_is_the_order_of_the_document(room: Room) -> None:
    room.web.answer("/feed", ok(rss(*(item(n, date="") for n in (3, 1, 2)))))
    await room.poll(ONE)
    assert room.titles() == ["新闻3", "新闻1", "新闻2"]


async def test_what_lies_beyond_the_first_fetch_is_remembered_but_never_printed(room: Room) -> None:
    limited = "defaults: {allow_private: 127.0.0.0/8, first_fetch: {max_items: 2}}\n" + ONE
    dated = [item(n, date=f"Mon, 02 Mar 2026 0{n}:00:00 GMT") for n in range(1, 6)]
    room.web.answer("/feed", ok(rss(*dated)), ok(rss(item(9), *dated)))
    await room.poll(limited)
    assert room.titles() == ["新闻5", "新闻4"]
    await room.poll(limited)
    assert sorted(room.titles()) == ["新闻4", "新闻5", "新闻9"]


async def test_one_source_failing_touches_no_other_and_keeps_what_was_published(room: Room) -> None:
    two = ONE.replace("sections:", '  - {id: other, url: "{web}/other", section: 国际}\nsections:')
    room.web.answer("/feed", ok(rss(item(1))), ok(b"", status="500 Broken"))
    room.web.answer(
        "/other", ok(rss(item(2, link="http://b.example/2"))), ok(rss(item(3, link="http://b.example/3")))
    )
    await room.poll(two)
    results = await room.poll(two)
    assert not results["morning"].ok
    assert results["other"].counts == {"new": 1}
    assert {entry.title for entry in feedparser.parse(room.published("world.atom")).entries} == {
        "新闻1",
        "新闻2",
        "新闻3",
    }


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ok(b"", status="404 Not Found"), "HTTP 404"),
        (ok(b""), "empty body"),
        (
            ok(b"<html><body><h1>Please log in</h1></body></html>", content_type="text/html"),
            "HTML page, not a feed",
        ),
        (ok(b"<opml/>", content_type="text/xml"), "no feed"),
    ],
)
async def test_a_source_that_brings_no_feed_is_failing_with_the_reason(
    room: Room, answer: bytes, reason: str
) -> None:
    room.web.answer("/feed", answer)
    result = await room.poll(ONE)
    assert reason in (result["morning"].error or "")
    record = room.source("morning")
    assert record.health is Health.FAILING
    assert reason in (record.last_error or "")
    assert record.next_poll > room.clock()


async def test_an_unreadable_body_leaves_the_old_validators(room: Room) -> None:
    room.web.answer(
        "/feed",
        ok(rss(item(1)), etag=b'"good"'),
        ok(b"<html>maintenance</html>", etag=b'"bad"'),
        NOT_MODIFIED,
    )
    for _ in range(3):
        await room.poll(ONE)
    assert room.web.requests[2]["if-none-match"] == b'"good"'


async def test_a_broken_entry_costs_only_itself(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1), "<item></item>", item(2))))
    await room.poll(ONE)
    assert sorted(room.titles()) == ["新闻1", "新闻2"]


async def test_a_429_is_kept_to_even_when_everything_is_polled_early(room: Room) -> None:
    room.web.answer("/feed", ok(b"", status="429 Slow Down", retry_after="7200"), ok(rss(item(1))))
    await room.poll(ONE)
    assert await room.poll(ONE) == {}
    room.clock.forward(seconds=7201)
    assert (await room.poll(ONE))["morning"].ok


async def test_a_source_that_is_not_due_is_left_alone(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1))))
    await room.poll(ONE, early=False)
    assert await room.poll(ONE, early=False) == {}


async def test_a_feed_behind_a_temporary_redirect_is_asked_at_its_own_address_each_time(room: Room) -> None:
    room.web.answer("/feed", redirect(302, "/real"))
    room.web.answer("/real", ok(rss(item(1))))
    await room.poll(ONE)
    await room.poll(ONE)
    assert room.web.paths() == ["/feed", "/real", "/feed", "/real"]


async def test_loopback_is_refused_until_it_is_named(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1))))
    result = await room.poll("defaults: {interval: 15m}\n" + ONE)
    assert "allow_private" in (result["morning"].error or "")
    assert room.web.requests == []


async def test_a_blocked_article_is_not_taken(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1, "广告：潮汐手表"), item(2))))
    await room.poll(ONE.replace("section: 国际}", "section: 国际, block: {title: 广告}}"))
    assert room.titles() == ["新闻2"]
