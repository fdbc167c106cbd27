"""Of a feed that has changed, only the entries that are not known are read."""

from __future__ import annotations

import pytest

from aggregator import documents
from aggregator.pipeline.known import SLICES
from aggregator.sources import parse_feed
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok

ONE = """
sources:
  - {id: morning, url: "{web}/feed", section: 国际}
sections:
  - {id: world, title: 国际}
"""


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many entries each document gave that was read."""
    counts: list[int] = []

    def counting(body: bytes, **options: object) -> object:
        feed = parse_feed(body, **options)  # type: ignore[arg-type]  # passed on as they come
        counts.append(len(feed.items))
        return feed

    monkeypatch.setattr(documents, "parse_feed", counting)
    return counts


async def test_only_new_and_edited_entries_are_read(room: Room, read: list[int]) -> None:
    room.web.answer(
        "/feed",
        ok(rss(item(1), item(2))),
        ok(rss(item(3), item(1), item(2))),
        ok(rss(item(3), item(1), item(2, "改过的标题"))),
    )
    for _ in range(3):
        await room.poll(ONE)
    assert read == [2, 1, 1]
    assert len(room.articles()) == 3
    assert "改过的标题" in room.titles()


async def test_a_document_that_differs_in_its_dates_alone_writes_nothing(room: Room, read: list[int]) -> None:
    dated = rss(item(1)).replace(
        b"<description>d", b"<lastBuildDate>Mon, 02 Mar 2026 08:00:00 GMT</lastBuildDate><description>d"
    )
    room.web.answer("/feed", ok(rss(item(1))), ok(dated))
    await room.poll(ONE)
    published, kept = room.published("world.atom"), room.store.note("morning", SLICES)
    result = await room.poll(ONE)
    assert read == [1, 0]
    assert (result["morning"].kind, result["morning"].resolutions) == ("taken", ())
    assert (room.published("world.atom"), room.store.note("morning", SLICES)) == (published, kept)
    assert room.report is not None
    assert room.report.written == ()


async def test_entries_that_first_fetch_leaves_out_are_known_all_the_same(
    room: Room, read: list[int]
) -> None:
    limited = ONE + "defaults: {allow_private: 127.0.0.0/8, first_fetch: {max_items: 1}}\n"
    room.web.answer("/feed", ok(rss(item(1), item(2))), ok(rss(item(3), item(1), item(2))))
    await room.poll(limited)
    await room.poll(limited)
    assert read == [2, 1]
    assert len(room.articles()) == 2


async def test_an_entry_from_the_future_is_read_until_its_time_has_come(room: Room, read: list[int]) -> None:
    yaml = ONE.replace("section: 国际}", "section: 国际, future_dates: drop}", 1)
    early = item(2, date="Tue, 03 Mar 2026 07:00:00 GMT")
    room.web.answer(
        "/feed", ok(rss(item(1), early)), ok(rss(item(3), item(1), early)), ok(rss(item(1), early))
    )
    await room.poll(yaml)
    await room.poll(yaml)
    room.clock.forward(days=2)
    await room.poll(yaml)
    assert read == [2, 2, 1]
    assert "id-2" in {article.guid for article in room.articles()}


async def test_another_manner_of_reading_makes_all_entries_new(room: Room, read: list[int]) -> None:
    room.web.answer("/feed", ok(rss(item(1), item(2))))
    await room.poll(ONE)
    await room.poll(ONE.replace("section: 国际}", "section: 国际, language: en}", 1))
    assert read == [2, 2]


async def test_entries_of_a_poll_that_was_not_kept_are_not_known(
    room: Room, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/feed", ok(rss(item(1))), ok(rss(item(2), item(1))))
    await room.poll(ONE)
    with monkeypatch.context() as patched:
        patched.setattr("aggregator.pipeline.commit.take_in", lambda *_: 1 / 0)
        assert (await room.poll(ONE))["morning"].error is not None
    room.clock.forward(days=1)
    await room.poll(ONE)
    assert read == [1, 1, 1]
    assert len(room.articles()) == 2


async def test_the_note_is_not_looked_at_where_the_document_is_the_same(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/feed", ok(rss(item(1))))
    await room.poll(ONE)

    def refuse(*_: str) -> bytes:
        raise AssertionError("asked for")

    monkeypatch.setattr(room.store, "note", refuse)
    assert (await room.poll(ONE))["morning"].ok


async def test_the_length_of_a_document_counts_known_entries(room: Room, read: list[int]) -> None:
    room.web.answer("/feed", ok(rss(item(1), item(2))), ok(rss(item(3), item(1), item(2))))
    await room.poll(ONE)
    await room.poll(ONE)
    assert room.source("morning").memory["length"] == 3
