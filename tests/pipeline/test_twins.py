"""Sources that share an address are fetched once for all of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import feedparser
import pytest

from aggregator.daemon import poll_round
from storage.model import Health
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import NOT_MODIFIED, Asked, ok, redirect, silence

TWO = """
sources:
  - {id: a, url: "{web}/feed", section: 国际}
  - {id: b, url: "{web}/feed", section: 国际, interval: 6h}
sections:
  - {id: world, title: 国际}
"""


async def test_one_request_serves_two_sources_that_are_due_together(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1), item(2)), etag='"1"'))
    results = await room.poll(TWO)
    assert room.web.paths() == ["/feed"]
    assert {one: result.kind for one, result in results.items()} == {"a": "taken", "b": "taken"}
    for one in "ab":
        assert len(room.articles(source=one)) == 2
        assert (room.source(one).polls, room.source(one).validators.etag) == (1, b'"1"')


async def test_a_source_shares_what_its_twin_fetches_long_before_its_own_time(room: Room) -> None:
    room.web.answer(
        "/feed", ok(rss(item(1)), etag='"1"'), NOT_MODIFIED, ok(rss(item(1), item(2)), etag='"2"')
    )
    await room.poll(TWO)
    for polls in (2, 3):
        room.clock.forward(hours=1)  # the time of `a` alone
        assert room.source("b").next_poll > room.clock()
        results = await room.poll(TWO, early=False)
        assert set(results) == {"a", "b"}
        assert [room.source(one).polls for one in "ab"] == [polls, polls]
        assert len(room.web.requests) == polls
    assert [len(room.articles(source=one)) for one in "ab"] == [2, 2]
    assert room.source("b").not_modified == 1


async def test_each_goes_by_its_own_interval(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1))))
    await room.poll(TWO)
    await room.poll(TWO)
    assert room.source("a").next_poll < room.clock() + timedelta(hours=2)
    assert room.source("b").next_poll >= room.clock() + timedelta(hours=6)


@pytest.mark.parametrize("answer", [ok(b"", status="500 Broken"), ok(b"<html>no feed</html>"), b""])
async def test_a_failure_is_one_request_and_one_poll_of_each(room: Room, answer: bytes) -> None:
    room.web.answer("/feed", answer or silence)
    timeout = TWO.replace("section: 国际", "section: 国际, timeout: 200ms")
    results = await room.poll(timeout)
    assert room.web.paths().count("/feed") == 1
    assert not any(result.ok for result in results.values())
    assert [(room.source(one).polls, room.source(one).failures) for one in "ab"] == [(1, 1), (1, 1)]


@pytest.mark.parametrize("key", ["user_agent: other/1", "verify: false", "allow_private: [127.0.0.1/32]"])
async def test_who_would_ask_otherwise_asks_for_itself(room: Room, key: str) -> None:
    room.web.answer("/feed", ok(rss(item(1))))
    await room.poll(TWO.replace("interval: 6h", f"interval: 6h, {key}"))
    assert len(room.web.requests) == 2


async def test_a_twin_whose_validators_differ_asks_for_itself_until_they_are_the_same(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1)), etag='"1"'))
    alone = TWO.replace('  - {id: b, url: "{web}/feed", section: 国际, interval: 6h}\n', "")
    await room.poll(alone)
    await room.poll(TWO)
    assert [asked["if-none-match"] for asked in room.web.requests].count(None) == 2
    before = len(room.web.requests)
    await room.poll(TWO)
    assert len(room.web.requests) == before + 1


async def test_a_source_that_has_moved_to_another_shares_its_requests(room: Room) -> None:
    yaml = TWO.replace("/feed", "/old", 1)
    room.web.answer("/old", redirect(301, "/feed"))
    room.web.answer("/feed", ok(rss(item(1)), etag='"1"'))
    for _ in range(4):
        await room.poll(yaml)
        room.clock.forward(hours=13)
    assert room.source("a").url == room.source("b").url == room.web.url("/feed")
    before = room.web.paths()
    await room.poll(yaml)
    assert room.web.paths() == [*before, "/feed"]
    assert [len(room.articles(source=one)) for one in "ab"] == [1, 1]


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize("guid", ["<guid isPermaLink='false'>{}</guid>", ""])
async def test_what_a_redirect_brings_from_another_source_is_printed_once(
    room: Room, status: int, guid: str
) -> None:
    yaml = TWO.replace("/feed", "/old", 1)
    room.web.answer("/old", redirect(status, "/feed"))
    for last in (2, 3, 4, 5):
        entries = (
            f"<item><title>新闻{n}</title><link>/{n}.html</link>{guid.format(n)}</item>"
            for n in range(last, 0, -1)
        )
        room.web.answer("/feed", ok(rss(*entries)))
        await room.poll(yaml)
        printed = feedparser.parse(room.published("world.atom")).entries
        assert sorted(entry.title for entry in printed) == [f"新闻{n}" for n in range(1, last + 1)]
        assert {one: len(room.articles(source=one)) for one in "ab"} == {"a": last, "b": last}
        room.clock.forward(hours=13)


async def test_a_paused_twin_and_one_that_is_gone_are_left_alone(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1))))
    await room.poll(TWO.replace("interval: 6h", "enabled: false"))
    assert (room.source("b").health, room.source("b").polls) == (Health.PAUSED, 0)


async def test_a_round_that_is_cut_off_gives_every_claim_back(room: Room) -> None:
    asked = asyncio.Event()

    async def hang(_: Asked, __: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    room.web.answer("/feed", hang)
    async with room.desk(TWO) as desk:
        under_way = asyncio.create_task(poll_round(desk))
        await asked.wait()
        under_way.cancel()
        await asyncio.gather(under_way, return_exceptions=True)
        assert desk.poller.under_way == set()
    assert len(claims(room)) == 2


async def test_a_round_cut_off_while_twins_read_gives_their_claims_back(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/feed", ok(rss(item(1))), ok(rss(item(2))))
    reading = asyncio.Event()
    async with room.desk(TWO) as desk:
        await poll_round(desk)
        room.clock.forward(hours=1)

        async def hang(*_: object) -> None:
            reading.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(desk.poller, "_visited", hang)
        under_way = asyncio.create_task(poll_round(desk))
        await reading.wait()
        under_way.cancel()
        await asyncio.gather(under_way, return_exceptions=True)
    assert len(claims(room)) == 2


def claims(room: Room) -> list[object]:
    minute = timedelta(minutes=1)
    return room.store.claim_due(now=room.clock(), limit=9, lease=minute, owner="test", early=True)  # type: ignore[return-value]  # only counted
