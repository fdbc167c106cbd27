"""A server that sends new entries only (226, RFC 3229): they are taken, and what is not there says nothing."""

import pytest

from tests.support.documents import item, page, rss
from tests.support.room import Room
from tests.support.web import NOT_MODIFIED, ok

ONE = """
sources:
  - {id: a, url: "{web}/a"}
sections:
  - {id: world, title: 国际, include: ["*"]}
"""
ADAPTIVE = ONE.replace('/a"}', '/a", interval: {base: 1h, adaptive: true}}')


def part(*items: str, im: str = "feed", **headers: bytes | str) -> bytes:
    return ok(rss(*items), status="226 IM Used", im=im, **headers)


async def test_the_new_entries_are_asked_for_as_soon_as_there_is_a_validator(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1)), etag=b'"1"'), NOT_MODIFIED)
    for _ in range(2):
        await room.poll(ONE)
    assert [asked["a-im"] for asked in room.web.requests] == [None, b"feed"]


async def test_a_page_is_never_asked_for_its_new_entries(room: Room) -> None:
    room.web.answer("/a", ok(page("故事"), etag=b'"1"', content_type="text/html"))
    for _ in range(2):
        await room.poll(ONE.replace('/a"}', '/a", type: page}'))
    assert [asked["a-im"] for asked in room.web.requests] == [None] * len(room.web.requests)


@pytest.mark.parametrize(
    "unread", [part(item(2), im="vcdiff"), ok(b"\xd6\xc3\xc4", status="226 IM Used", im="feed")]
)
async def test_after_a_part_that_cannot_be_read_the_whole_is_asked_for(room: Room, unread: bytes) -> None:
    room.web.answer("/a", ok(rss(item(1)), etag=b'"1"'), unread, ok(rss(item(1), item(2)), etag=b'"2"'))
    for _ in range(3):
        await room.poll(ONE)
        room.clock.forward(hours=1)
    assert [asked["a-im"] for asked in room.web.requests] == [None, b"feed", None]
    assert room.web.requests[2]["if-none-match"] == b'"1"'
    assert sorted(room.titles()) == ["新闻1", "新闻2"]
    assert room.source("a").last_error is None


async def test_a_part_adds_its_entries_and_takes_none_away(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1), item(2)), etag=b'"1"'), part(item(3), etag=b'"2"'), NOT_MODIFIED)
    for _ in range(3):
        await room.poll(ONE)
    assert sorted(room.titles()) == ["新闻1", "新闻2", "新闻3"]
    assert room.web.requests[2]["if-none-match"] == b'"2"'
    assert room.source("a").last_error is None


async def test_a_part_without_validators_leaves_those_it_was_reckoned_from(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1)), etag=b'"1"'), part(item(2)), NOT_MODIFIED)
    for _ in range(3):
        await room.poll(ONE)
    assert room.web.requests[2]["if-none-match"] == b'"1"'


async def test_the_whole_document_is_known_again_after_a_part(room: Room) -> None:
    whole = ok(rss(item(1), item(2)), etag=b'"1"')
    room.web.answer("/a", whole, part(item(3)), whole)
    kinds = [(await room.poll(ONE))["a"].kind for _ in range(3)]
    assert kinds == ["taken", "taken", "unchanged"]


async def test_a_part_that_is_the_whole_feed_brings_nothing_twice(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1)), etag=b'"1"'), part(item(2), item(1), etag=b'"2"'))
    await room.poll(ONE)
    result = (await room.poll(ONE))["a"]
    assert result.counts == {"new": 1, "unchanged": 1}


async def test_a_part_that_nobody_asked_for_is_taken_all_the_same(room: Room) -> None:
    room.web.answer("/a", part(item(1)), ok(rss(item(1), item(2))))
    for _ in range(2):
        assert (await room.poll(ONE))["a"].ok
    assert sorted(room.titles()) == ["新闻1", "新闻2"]


async def test_a_difference_of_bytes_is_no_feed(room: Room) -> None:
    room.web.answer(
        "/a", ok(rss(item(1)), etag=b'"1"'), part(item(2), im="vcdiff", etag=b'"2"'), NOT_MODIFIED
    )
    for _ in range(3):
        await room.poll(ONE)
    assert room.titles() == ["新闻1"]
    assert room.web.requests[2]["if-none-match"] == b'"1"'


@pytest.mark.parametrize("second", [part(item(9, date="Mon, 02 Mar 2026 07:59:00 GMT")), NOT_MODIFIED])
async def test_how_much_the_feed_holds_is_still_known_after_a_part(room: Room, second: bytes) -> None:
    """Five entries at sixty an hour: asked again before half of them have gone by."""
    times = [f"Mon, 02 Mar 2026 07:5{n}:00 GMT" for n in range(5)]
    whole = rss(*(item(n, date=times[n]) for n in range(5)))
    room.web.answer("/a", ok(whole, etag=b'"1"'), second)
    yaml = ADAPTIVE.replace("base: 1h", "min: 1s, base: 1h")
    await room.poll(yaml)
    room.clock.forward(minutes=1)
    await room.poll(yaml)
    record = room.source("a")
    assert (record.next_poll - room.clock()).total_seconds() < 3600
    assert record.memory["length"] == 5


async def test_what_a_part_leaves_out_is_still_heeded(room: Room) -> None:
    room.web.answer("/a", ok(rss("<ttl>300</ttl>", item(1)), etag=b'"1"'), part(item(2)))
    for _ in range(2):
        await room.poll(ONE)
    assert room.source("a").next_poll_reason.startswith("ttl")
