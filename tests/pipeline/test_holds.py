"""429 is of the whole site, 503 of one address; and what is held is not asked, over restarts too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from aggregator.daemon import poll_round
from aggregator.fetch import Fetcher
from aggregator.pipeline import SiteHolds
from storage import open_store
from storage.sites import Hold, site_of
from tests.pipeline.test_pages import LINKS, PORTAL, portal
from tests.support.documents import item, page, rss
from tests.support.room import Room
from tests.support.web import Web, ok, redirect

SLOW = ok(b"", status="429 Slow Down", retry_after="7200")
BUSY = ok(b"", status="503 Busy", retry_after="600")
HOUR = timedelta(hours=1)


def sources(*ids: str) -> str:
    """One source each, at the path that is its id, asked one after the other."""
    lines = [
        f'  - {{id: {one}, url: "{{web}}/{one}", section: 国际, per_host: {{concurrency: 1}}}}' for one in ids
    ]
    return "\n".join(["sources:", *lines, "sections:", "  - {id: world, title: 国际}"])


@pytest.fixture
def durable(room: Room, tmp_path: Path) -> Iterator[Room]:
    room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield room
    room.store.close()


def feeds(room: Room, *ids: str) -> None:
    for number, one in enumerate(ids):
        room.web.answer(f"/{one}", ok(rss(item(number, link=f"http://{one}.example/1"))))


async def test_a_429_holds_every_source_of_its_site_and_a_restart_does_not_end_it(
    durable: Room, tmp_path: Path
) -> None:
    room = durable
    feeds(room, "a", "b", "c")
    room.web.answer("/a", SLOW, ok(rss(item(9))))
    results = await room.poll(sources("a", "b", "c"))
    asked = len(room.web.requests)
    assert results["a"].kind == "limited"
    room.store.close()
    room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    room.clock.forward(minutes=119)
    assert await room.poll(sources("a", "b", "c")) == {}  # early, as `run --once --all`
    assert len(room.web.requests) == asked
    for one in "abc":
        assert "retry-after 2h" in room.source(one).next_poll_reason
    room.clock.forward(minutes=15)
    results = await room.poll(sources("a", "b", "c"), early=False)
    assert {one: result.error for one, result in results.items()} == {"a": None, "b": None, "c": None}


async def test_who_waited_behind_a_429_is_put_off_without_a_poll_or_a_failure(room: Room) -> None:
    feeds(room, "b", "c")
    room.web.answer("/a", SLOW)
    results = await room.poll(sources("a", "b", "c"))
    # One that has not been claimed yet when the 429 is committed is not claimed any more.
    put_off = [one for one in "bc" if one not in results or results[one].kind == "held"]
    assert len(room.web.requests) == 3 - len(put_off)
    assert put_off  # the queue of the host is one exchange wide
    for one in put_off:
        record = room.source(one)
        assert (record.polls, record.failures, record.last_status, record.last_error) == (0, 0, None, None)
        assert record.next_poll == record.hold_until == room.clock() + 2 * HOUR
        assert record.next_poll_reason == f"retry-after 2h, said by {site_of(room.web.url())} (429)"
        assert one not in results or results[one].ok


async def test_another_site_is_polled_as_ever(room: Room) -> None:
    async with Web() as other:
        address = other.answer("/feed", ok(rss(item(1))))
        room.web.answer("/a", SLOW)
        yaml = sources("a").replace(
            "sections:", f'  - {{id: other, url: "{address}", section: 国际}}\nsections:'
        )
        await room.poll(yaml)
        results = await room.poll(yaml)
        assert list(results) == ["other"]
        assert len(other.requests) == 2


@pytest.mark.parametrize("header", [None, "garbage", "0", "-5", "Sun, 01 Mar 2020 00:00:00 GMT"])
async def test_without_a_usable_retry_after_the_site_is_held_for_an_hour(
    room: Room, header: str | None
) -> None:
    feeds(room, "b")
    room.web.answer("/a", ok(b"", status="429 Slow Down", **({"retry_after": header} if header else {})))
    await room.poll(sources("a"))
    room.clock.forward(minutes=59)
    assert await room.poll(sources("a", "b")) == {}
    room.clock.forward(minutes=1)
    assert "b" in await room.poll(sources("a", "b"), early=False)


async def test_a_site_that_says_429_again_and_again_is_held_twice_as_long_each_time_whoever_asks(
    room: Room,
) -> None:
    for one in "abc":
        room.web.answer(f"/{one}", ok(b"", status="429 Slow Down"))
    asked: list[int] = []
    async with room.desk(sources("a", "b", "c")) as desk:
        for hour in range(24):
            await poll_round(desk, early=False)
            asked += [hour] * (len(room.web.requests) - len(asked))
            room.clock.forward(hours=1, seconds=1)
        assert asked == [0, 1, 3, 7, 15]
        feeds(room, "a", "b", "c")
        room.clock.forward(hours=8)
        await poll_round(desk, early=False)
        room.web.answer("/b", ok(b"", status="429 Slow Down"))
        room.clock.forward(hours=1)
        await poll_round(desk, early=False)
        hold = room.store.site_hold(site_of(room.web.url()), room.clock())
        assert hold is not None
        assert hold[0] == room.clock() + HOUR  # the row had ended


async def test_a_retry_after_of_two_days_is_kept_to(room: Room) -> None:
    room.web.answer("/a", ok(b"", status="429 Slow Down", retry_after="172800"))
    await room.poll(sources("a"))
    room.clock.forward(hours=47)
    assert await room.poll(sources("a", "b")) == {}
    assert room.source("b").next_poll == room.clock() + HOUR


async def test_the_site_at_the_end_of_a_redirect_is_the_one_that_said_429(room: Room) -> None:
    async with Web() as other:
        other.answer("/feed", SLOW)
        for one in ("a", "b"):
            room.web.answer(f"/{one}", redirect(302, other.url("/feed")))
        feeds(room, "c")
        await room.poll(sources("a"))
        assert room.store.site_hold(site_of(other.url()), room.clock()) is not None
        assert room.store.site_hold(site_of(room.web.url()), room.clock()) is None
        results = await room.poll(sources("a", "b", "c"))
        assert {one: result.kind for one, result in results.items()} == {"b": "held", "c": "taken"}
        assert len(other.requests) == 1
        assert room.source("b").next_poll == room.clock() + 2 * HOUR


async def test_a_503_holds_its_own_address_alone(room: Room) -> None:
    feeds(room, "b")
    room.web.answer("/a", BUSY, ok(rss(item(9))))
    await room.poll(sources("a", "b"))
    results = await room.poll(sources("a", "b"))
    assert list(results) == ["b"]
    room.clock.forward(minutes=12)
    assert (await room.poll(sources("a", "b")))["a"].kind == "taken"


@pytest.mark.parametrize(("own", "polled"), [(False, []), (True, ["d"])])
async def test_three_busy_sources_are_a_busy_site_unless_it_is_our_own(
    room: Room, monkeypatch: pytest.MonkeyPatch, own: bool, polled: list[str]
) -> None:
    async def is_own(*_: object) -> bool:
        return own

    monkeypatch.setattr(Fetcher, "is_own", is_own)
    feeds(room, "d")
    for one in "abc":
        room.web.answer(f"/{one}", BUSY)
    await room.poll(sources("a", "b"))
    assert room.store.site_holds(room.clock()) == {}
    await room.poll(sources("a", "b", "c"))
    assert list(await room.poll(sources("a", "b", "c", "d"))) == polled


async def test_one_source_that_is_busy_three_times_is_not_a_busy_site(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_own(*_: object) -> bool:
        return False

    monkeypatch.setattr(Fetcher, "is_own", is_own)
    room.web.answer("/a", BUSY)
    for _ in range(4):
        await room.poll(sources("a"))
        room.clock.forward(hours=1)
    assert room.store.site_holds(room.clock() - HOUR) == {}


async def test_a_429_of_an_article_page_holds_its_site_and_the_pages_stay_owed(room: Room) -> None:
    portal(room, *LINKS[:3])
    for link in LINKS[:3]:
        room.web.answer(link, SLOW, ok(page("迟到的故事"), content_type="text/html"))
    await room.poll(PORTAL)
    assert sum(path in LINKS for path in room.web.paths()) <= 2  # those that were on their way already
    assert await room.poll(PORTAL) == {}
    assert room.articles() == []
    for _ in range(4):
        room.clock.forward(hours=3)
        await room.poll(PORTAL)
    assert room.source("portal").memory["owed"] == []
    assert len(room.articles()) == 3


async def test_a_busy_article_page_waits_alone(room: Room) -> None:
    portal(room, *LINKS[:2])
    room.web.answer(LINKS[0], BUSY, ok(page("迟到的故事"), content_type="text/html"))
    for _ in range(3):
        await room.poll(PORTAL)
    assert room.web.paths().count(LINKS[0]) == 1
    assert len(room.articles()) == 1
    room.clock.forward(minutes=11)
    await room.poll(PORTAL)
    assert room.web.paths().count(LINKS[0]) == 2


async def test_a_hold_that_is_stored_while_holds_are_looked_up_is_not_forgotten(room: Room) -> None:
    async with room.desk(sources("a")) as desk:
        held = {"a.example": (room.clock() + HOUR, "429")}

        def stored(_: datetime) -> dict[str, Hold]:
            holds.forget(held)  # a poll commits just after the reading
            return {}

        holds = SiteHolds(stored, room.clock, desk.staff)
        holds.answered("a.example", 429, {"retry-after": "3600"})
        held["a.example"] = holds.hold("a.example") or held["a.example"]
        await holds.refresh()
        assert holds.hold("a.example") == held["a.example"]
