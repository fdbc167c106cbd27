"""A source that has moved for good, and what becomes of it when the new address fails."""

from __future__ import annotations

import pytest

from storage.model import Health
from tests.pipeline.test_feeds import ONE
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok, redirect

GONE = {
    "404": ok(b"", status="404 Not Found"),
    "410": ok(b"", status="410 Gone"),
    "no feed": ok(b"<html><p>for sale</p></html>", content_type="text/html"),
}


async def moved(room: Room) -> None:
    room.web.answer("/feed", redirect(301, "/new"))
    room.web.answer("/new", ok(rss(item(1)), etag='"1"'))
    for _ in range(3):
        await room.poll(ONE)
        room.clock.forward(hours=13)
    assert room.source("morning").url == room.web.url("/new")


@pytest.mark.parametrize("answer", GONE.values(), ids=GONE)
async def test_an_adopted_address_that_fails_three_times_gives_way_to_the_configured_one(
    room: Room, answer: bytes
) -> None:
    await moved(room)
    room.web.answer("/new", answer)
    room.web.answer("/feed", ok(rss(item(1), item(2))))
    room.web.requests.clear()
    for _ in range(4):
        await room.poll(ONE)
        room.clock.forward(days=1)
    assert room.web.paths() == ["/new", "/new", "/new", "/feed"]
    assert room.web.requests[-1]["if-none-match"] is None
    assert room.source("morning").last_error is None
    assert sorted(room.titles()) == ["新闻1", "新闻2"]


async def test_a_server_that_is_down_does_not_undo_a_move(room: Room) -> None:
    await moved(room)
    room.web.answer("/new", ok(b"", status="500 Broken"))
    for _ in range(5):
        await room.poll(ONE)
        room.clock.forward(days=1)
    assert room.source("morning").url == room.web.url("/new")


@pytest.mark.parametrize(("status", "health"), [(302, Health.FAILING), (301, Health.GONE)])
async def test_what_a_temporary_redirect_leads_to_is_not_the_source_that_is_gone(
    room: Room, status: int, health: Health
) -> None:
    room.web.answer("/feed", redirect(status, "/new"))
    room.web.answer("/new", GONE["410"])
    for _ in range(3):
        await room.poll(ONE)
        room.clock.forward(hours=25)
    record = room.source("morning")
    assert (record.health, record.last_status) == (health, 410)
    assert record.last_error is not None
    assert record.last_error.startswith(f"redirected to {room.web.url('/new')}: HTTP 410 Gone")
