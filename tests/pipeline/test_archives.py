"""Older documents of a feed (RFC 5005): read on the first poll and after a gap, bounded, politely, each entry once."""

from __future__ import annotations

import json

import pytest

from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok

ONE = """
sources:
  - {id: a, url: "{web}/a"}
sections:
  - {id: world, title: 国际, include: ["*"]}
"""


def limited(limits: str) -> str:
    return ONE.replace('/a"}', f'/a", first_fetch: {{{limits}}}}}')


def day(number: int) -> str:
    return f"Mon, {number:02} Feb 2026 07:00:00 GMT"


def link(rel: str, href: str) -> str:
    return f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="{rel}" href="{href}"/>'


def document(*numbers: int, older: str = "", rel: str = "prev-archive") -> bytes:
    """Entry n is of the nth of February."""
    head = [link(rel, older)] if older else []
    return rss(*head, *(item(n, date=day(n)) for n in numbers))


def archive(room: Room, *, rel: str = "prev-archive") -> None:
    """Entries 28 and 27, behind them 26 and 25, and so on down to 1."""
    for first in range(26, 0, -2):
        older = f"/old/{first - 2}" if first > 2 else ""
        room.web.answer(f"/old/{first}", ok(document(first, first - 1, older=older, rel=rel)))
    room.web.answer("/a", ok(document(28, 27, older="/old/26", rel=rel)))


@pytest.mark.parametrize("rel", ["prev-archive", "next"])
async def test_a_new_source_is_read_back_through_a_few_older_documents(room: Room, rel: str) -> None:
    archive(room, rel=rel)
    result = (await room.poll(ONE))["a"]
    assert room.web.paths() == ["/a", "/old/26", "/old/24", "/old/22", "/old/20", "/old/18"]
    assert room.titles() == [f"新闻{n}" for n in range(28, 16, -1)]
    assert result.counts == {"new": 12}


async def test_they_are_not_read_again_at_the_next_poll(room: Room) -> None:
    archive(room)
    await room.poll(ONE)
    room.web.answer("/a", ok(document(29, 28, older="/old/26")))
    await room.poll(ONE)
    assert room.web.paths()[6:] == ["/a"]
    assert room.titles()[0] == "新闻29"


@pytest.mark.parametrize(
    ("limits", "asked"),
    [
        ("archives: 0", []),
        ("archives: 1", ["/old/26"]),
        ("max_items: 2", []),
        ("max_items: 4", ["/old/26"]),
        (
            "max_age: 6d",
            ["/old/26", "/old/24"],
        ),  # six days before the 2nd of March was the 24th, an hour later
    ],
)
async def test_no_further_back_than_the_first_fetch_reaches(
    room: Room, limits: str, asked: list[str]
) -> None:
    archive(room)
    await room.poll(limited(limits))
    assert room.web.paths()[1:] == asked


async def test_where_nothing_in_a_document_is_known_the_gap_is_filled(room: Room) -> None:
    room.web.answer("/a", ok(document(2, 1, older="")))
    await room.poll(ONE)
    archive(room)
    room.web.answer("/old/26", ok(document(26, 25, older="/old/24")))
    room.web.answer("/old/24", ok(document(24, 2, older="/old/22")))
    room.web.requests.clear()
    await room.poll(limited("max_items: 1"))
    assert room.web.paths() == ["/a", "/old/26", "/old/24"]  # there the 2nd is met, which is known
    assert room.titles() == [f"新闻{n}" for n in (28, 27, 26, 25, 24, 2, 1)]


async def test_a_gap_that_is_too_wide_is_filled_as_far_as_allowed(room: Room) -> None:
    room.web.answer("/a", ok(document(1)))
    await room.poll(ONE)
    archive(room)
    await room.poll(limited("archives: 2"))
    assert len(room.titles()) == 1 + 2 + 4


async def test_one_known_entry_shows_that_there_is_no_gap(room: Room) -> None:
    archive(room)
    await room.poll(limited("archives: 0"))
    room.web.answer("/a", ok(document(29, 28, older="/old/26")))
    room.web.requests.clear()
    await room.poll(ONE)
    assert room.web.paths() == ["/a"]


async def test_a_part_of_a_feed_is_new_throughout_and_no_gap(room: Room) -> None:
    room.web.answer("/a", ok(document(1), etag=b'"1"'))
    await room.poll(ONE)
    part = ok(document(3, 2, older="/old/26"), status="226 IM Used", im="feed", etag=b'"2"')
    room.web.answer("/a", part)
    await room.poll(ONE)
    assert "/old/26" not in room.web.paths()


async def test_a_chain_that_breaks_off_is_taken_up_where_it_broke(room: Room) -> None:
    archive(room)
    whole = room.web.answer("/old/24", ok(b"", status="500 Broken"), ok(document(24, 23, older="/old/22")))
    first = (await room.poll(ONE))["a"]
    assert any(whole in fault and "HTTP 500" in fault for fault in first.faults)
    assert len(room.titles()) == 4
    room.web.requests.clear()
    await room.poll(ONE)
    assert room.web.paths() == ["/a", "/old/24", "/old/22", "/old/20", "/old/18"]
    assert room.titles() == [f"新闻{n}" for n in range(28, 16, -1)]
    room.web.requests.clear()
    await room.poll(ONE)
    assert room.web.paths() == ["/a"]


async def test_what_comes_belatedly_does_not_make_a_document_whole(room: Room) -> None:
    room.web.answer("/a", ok(document(1)))
    await room.poll(ONE)
    archive(room)
    room.web.answer("/old/26", ok(b"", status="500 Broken"), ok(document(26, 25, older="/old/24")))
    await room.poll(ONE)
    namesake = item(99, "新闻28", date=day(28))  # another article of the same day under the same title
    entries = (namesake, item(28, date=day(28)), item(27, date=day(27)))
    room.web.answer("/a", ok(rss(link("prev-archive", "/old/26"), *entries)))
    await room.poll(ONE)
    assert {"id-28", "id-99"} <= {article.guid for article in room.articles()}


async def test_what_comes_belatedly_does_not_count_count_as_news_of_the_moment(room: Room) -> None:
    archive(room)
    room.web.answer("/old/26", ok(b"", status="500 Broken"), ok(document(26, 25, older="/old/24")))
    await room.poll(ONE)
    rate = room.source("a").memory["rhythm"]["items"]
    await room.poll(ONE)
    assert len(room.titles()) == 12
    assert room.source("a").memory["rhythm"]["items"] == pytest.approx(rate)


async def test_a_chain_that_stays_broken_is_given_up(room: Room) -> None:
    archive(room)
    room.web.answer("/old/26", ok(b"", status="500 Broken"))
    for _ in range(5):
        await room.poll(ONE)
    assert room.web.paths().count("/old/26") == 3
    assert room.titles() == ["新闻28", "新闻27"]
    assert "older" not in room.source("a").memory


async def test_a_wait_that_an_older_document_asks_for_is_kept(room: Room) -> None:
    archive(room)
    room.web.answer("/old/26", ok(b"", status="429 Slow Down", retry_after="7200"), ok(document(26)))
    await room.poll(ONE)
    assert await room.poll(ONE) == {}
    room.clock.forward(seconds=7201)
    await room.poll(ONE)
    assert "新闻26" in room.titles()


@pytest.mark.parametrize("back", ["/a", "/old/26"])
async def test_older_documents_that_lead_in_a_circle_end(room: Room, back: str) -> None:
    archive(room)
    room.web.answer("/old/26", ok(document(26, 25, older=back)))
    result = (await room.poll(ONE))["a"]
    assert room.web.paths() == ["/a", "/old/26"]
    assert "circle" in result.faults[0]
    assert len(room.titles()) == 4


async def test_an_older_document_at_a_forbidden_address_is_not_asked_for(room: Room) -> None:
    room.web.answer("/a", ok(document(2, 1, older="http://169.254.169.254/latest")))
    result = (await room.poll(ONE))["a"]
    assert result.ok
    assert "169.254.169.254" in result.faults[0]
    assert len(room.titles()) == 2
    assert "older" not in room.source("a").memory


async def test_what_is_no_feed_ends_the_chain(room: Room) -> None:
    room.web.answer("/a", ok(document(2, 1, older="/old")))
    room.web.answer("/old", ok(b"<html><body>log in</body></html>", content_type="text/html"))
    result = (await room.poll(ONE))["a"]
    assert "HTML page" in result.faults[0]
    assert "older" not in room.source("a").memory


async def test_the_pages_of_a_json_feed_are_older_documents_too(room: Room) -> None:
    def page(number: int, more: dict[str, str]) -> bytes:
        entry = {"id": f"{number}", "url": f"http://p.example/{number}", "content_text": f"第{number}条。"}
        body = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [entry], **more}
        return ok(json.dumps(body).encode(), content_type="application/feed+json")

    room.web.answer("/a", page(2, {"next_url": "/old"}))
    room.web.answer("/old", page(1, {}))
    await room.poll(ONE)
    assert {article.guid for article in room.articles()} == {"1", "2"}


async def test_what_is_in_two_documents_is_taken_once(room: Room) -> None:
    room.web.answer("/a", ok(document(3, 2, older="/old")))
    room.web.answer("/old", ok(document(2, 1)))
    await room.poll(ONE)
    assert room.titles() == ["新闻3", "新闻2", "新闻1"]


async def test_a_rule_of_the_source_holds_for_its_past_too(room: Room) -> None:
    archive(room)
    await room.poll(ONE.replace('/a"}', "/a\", block: {title: '新闻26'}}"))
    assert "新闻26" not in room.titles()
    assert "新闻25" in room.titles()
