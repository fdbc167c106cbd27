"""What happens seldom, and must not lose or flood anything."""

import pytest

from tests.support.documents import item, listing, page, rss
from tests.support.room import Room
from tests.support.web import NOT_MODIFIED, ok

BUSY = ok(b"", status="503 Service Unavailable", retry_after="600")


def config(more: str = "") -> str:
    return f"""
sources:
  - {{id: a, url: "{{web}}/a"{more}}}
sections:
  - {{id: world, title: 国际, include: ["*"]}}
"""


def portal(room: Room, *links: str, date: str = "2026-03-02") -> bytes:
    for link in links:
        room.web.answer(link, ok(page(f"故事{link}", date=date), content_type="text/html"))
    return ok(listing(*links), content_type="text/html")


async def test_a_rule_that_is_taken_back_takes_effect_though_the_feed_is_unchanged(room: Room) -> None:
    room.web.answer(
        "/a", ok(rss(item(1), item(2, "广告")), etag=b'"1"'), ok(rss(item(1), item(2, "广告")), etag=b'"1"')
    )
    await room.poll(config(", block: {title: 广告}"))
    assert room.titles() == ["新闻1"]
    await room.poll(config())
    assert len(room.titles()) == 2
    assert room.web.requests[1]["if-none-match"] is None


async def test_pages_that_a_rule_refused_come_when_it_is_taken_back(room: Room) -> None:
    room.web.answer("/a", portal(room, "/g/1.html", "/g/2.html", "/g/3.html"))
    await room.poll(config(", block: {title: 故事}"))
    assert room.titles() == []
    await room.poll(config())
    assert len(room.titles()) == 3


async def test_an_unchanged_configuration_never_asks_unconditionally_again(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1)), etag=b'"1"'), NOT_MODIFIED)
    for _ in range(4):
        await room.poll(config())
    assert [asked["if-none-match"] for asked in room.web.requests] == [None, b'"1"', b'"1"', b'"1"']


async def test_a_page_that_is_busy_is_waited_for_and_left_alone_meanwhile(room: Room) -> None:
    room.web.answer("/a", portal(room, "/g/1.html", "/g/2.html", "/g/3.html"))
    room.web.answer("/g/3.html", *[BUSY] * 5, ok(page("迟到的故事"), content_type="text/html"))
    await room.poll(config())
    room.clock.forward(minutes=5)
    await room.poll(config())
    assert room.web.paths().count("/g/3.html") == 1  # ten minutes were asked for
    for _ in range(6):
        room.clock.forward(minutes=20)
        await room.poll(config())
    assert "迟到的故事" in room.titles()


async def test_a_page_is_not_waited_for_longer_than_a_week(room: Room) -> None:
    room.web.answer("/a", portal(room, "/g/1.html", "/g/2.html", "/g/3.html"))
    room.web.answer("/g/3.html", BUSY)
    for _ in range(10):
        await room.poll(config())
        room.clock.forward(days=1)
    assert room.web.paths().count("/g/3.html") == 8


async def test_an_empty_feed_is_no_past(room: Room) -> None:
    room.web.answer("/a", ok(rss()), ok(rss(*(item(n) for n in range(50)))))
    for _ in range(2):
        await room.poll(config(", first_fetch: {max_items: 5}"))
    assert len(room.titles()) == 5


async def test_the_past_is_cut_by_age_also_where_it_takes_several_polls(room: Room) -> None:
    links = [f"/g/{n}.html" for n in range(1, 9)]
    room.web.answer("/a", portal(room, *links, date="2020-01-05"))
    for _ in range(4):
        await room.poll(config(", max_articles: 3, first_fetch: {max_age: 7d}"))
    assert room.titles() == []


async def test_links_that_are_away_for_a_while_do_not_come_back_as_new(room: Room) -> None:
    links = [f"/g/{n}.html" for n in range(1, 21)]
    full = portal(room, *links)
    room.web.answer("/a", full, ok(listing(*links[:3]), content_type="text/html"), full)
    for _ in range(3):
        await room.poll(config(", first_fetch: {max_items: 5}"))
    assert len([path for path in room.web.paths() if path.startswith("/g/")]) == 5


async def test_a_page_dated_ahead_is_taken_when_its_day_has_come(room: Room) -> None:
    links = ["/g/1.html", "/g/2.html", "/g/3.html"]
    room.web.answer("/a", portal(room, *links[:2]), portal(room, *links))
    room.web.answer("/g/2.html", ok(page("明天的故事", date="2026-03-04"), content_type="text/html"))
    await room.poll(config(", future_dates: drop"))
    assert "明天的故事" not in room.titles()
    room.clock.forward(days=2)
    await room.poll(config(", future_dates: drop"))
    assert "明天的故事" in room.titles()


@pytest.mark.parametrize("count", [2_500])
async def test_of_a_document_without_end_the_first_entries_are_read_and_the_rest_is_named(
    room: Room, count: int
) -> None:
    room.web.answer(
        "/a", ok(rss(*(f"<item><title>条{n}</title><guid>{n}</guid></item>" for n in range(count))))
    )
    result = await room.poll(config(", first_fetch: {max_items: 5}"))
    assert result["a"].items == 2_000
    assert any("2500" in fault for fault in result["a"].faults)
