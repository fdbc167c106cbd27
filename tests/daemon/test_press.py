"""What the daemon publishes, when, and what becomes of failures; and retention, which waits for the press."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.pipeline import retain
from aggregator.publish import Publisher, PublishError
from storage.errors import StorageError
from storage.model import Article
from tests.daemon.running import MILLISECOND, PACE, config, eventually, plan, running
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok


@pytest.mark.parametrize(
    "error", [PublishError("disk full"), StorageError("disk full"), KeyError("disk full")], ids=type
)
async def test_a_printing_that_fails_is_reported_and_made_good(
    room: Room, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    room.web.answer("/a", ok(rss(item(1))), ok(rss(item(1), item(2))))
    async with running(room, config("a")) as office:
        await eventually(lambda: "新闻1".encode() in room.published("world.atom"))

        def full(*_: object) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(Publisher, "write", full)
            room.clock.forward(hours=1)
            await eventually(lambda: office.desk.press.last_error is not None)
            assert "disk full" in (office.desk.press.last_error or "")
        room.clock.forward(hours=1)
        await eventually(lambda: "新闻2".encode() in room.published("world.atom"))
        await eventually(lambda: office.desk.press.last_error is None)


async def test_what_another_process_changed_by_hand_is_printed_without_a_poll(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    async with running(room, config("a")) as office:
        await eventually(lambda: "新闻1".encode() in room.published("world.atom"))
        polled = office.polled()
        (article,) = room.articles()
        with room.store.by_hand() as hand:
            hand.save([replace(article, title="由人改过")])
        await eventually(lambda: "由人改过".encode() in room.published("world.atom"))
        assert office.polled() == polled


async def test_what_is_wanted_at_once_cuts_the_rest_short(room: Room) -> None:
    hour = timedelta(hours=1)
    room.web.answer("/a", ok(rss(item(1))))
    async with running(room, config("a"), replace(PACE, rest=hour / MILLISECOND, longest=hour)) as office:
        await eventually(lambda: office.polled()["a"])
        await office.ticks(20)
        assert "新闻1".encode() not in room.published("world.atom"), "what a poll brings waits for more of it"
        office.daemon.printing.want(at_once=True)
        await eventually(lambda: "新闻1".encode() in room.published("world.atom"))


async def test_what_failed_to_print_after_a_reload_is_printed_by_the_new_plan(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    async with running(room, config("a")) as office:
        await eventually(lambda: "新闻1".encode() in room.published("world.atom"))

        def full(*_: object) -> None:
            raise PublishError("disk full")

        with monkeypatch.context() as patch:
            patch.setattr(Publisher, "write", full)
            office.next_plan = plan(
                room, config("a").replace("title: 国际", "title: 国际, description: 天下")
            )
            assert await office.daemon.reload()
            await eventually(lambda: office.desk.press.last_error is not None)
        room.clock.forward(hours=1)
        await eventually(lambda: "天下".encode() in room.published("world.atom"))


async def test_who_is_told_of_a_printing_and_stumbles_does_not_end_the_press(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))), ok(rss(item(1), item(2))))
    async with running(room, config("a")) as office:

        def stumble(_: object) -> None:
            office.desk.on_print = office.reports.append
            raise KeyError("metrics")

        await eventually(lambda: "新闻1".encode() in room.published("world.atom"))
        office.desk.on_print = stumble
        room.clock.forward(hours=1)
        await eventually(lambda: "新闻2".encode() in room.published("world.atom"))
        await eventually(lambda: office.desk.on_print is not stumble)
        assert not office.task.done()
        before = len(office.reports)
        office.daemon.printing.want()
        await eventually(lambda: len(office.reports) > before)


# -- retention

SHORT = "retention: {articles: 10d, bodies: 5d}\n"


async def test_retention_spares_what_is_printed_and_reduces_the_rest(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1), item(2))))
    yaml = SHORT + config("a").replace("title: 国际}", "title: 国际, limit: 1}")
    pace = replace(PACE, retention=timedelta(milliseconds=1))
    async with running(room, yaml, pace) as office:
        await eventually(lambda: office.polled()["a"] == 1)
        await eventually(lambda: b"<entry" in room.published("world.atom"))  # what is printed is spared
        room.clock.forward(days=30)
        await eventually(lambda: len(room.titles()) == 1)
        (printed,) = room.articles()
        assert printed.text
        await eventually(lambda: printed.title.encode() in room.published("world.atom"))


async def test_retention_waits_until_the_press_knows_what_it_prints(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    yaml = SHORT + config("a")
    await room.poll(yaml)
    room.clock.forward(days=30)
    async with room.desk(yaml) as desk:
        assert retain(room.store, desk.plan, desk.press, room.clock()) is None
        desk.press.publish()
        assert retain(room.store, desk.plan, desk.press, room.clock()) == 0
        desk.press.take(desk.plan)
        assert retain(room.store, desk.plan, desk.press, room.clock()) is None
    assert room.titles() == ["新闻1"]


async def test_copies_named_beside_a_printed_article_are_spared_too(room: Room) -> None:
    story = "<p>" + "雾里的汽笛一声接一声，码头上的人却都听得出是哪一条船。" * 4 + "</p>"
    for number, name in enumerate("ab"):
        entry = item(number, text=story, guid=name, link=f"http://{name}.example/")
        room.web.answer(f"/{name}", ok(rss(entry)))
    yaml = SHORT + config("a", "b")
    await room.poll(yaml)
    room.clock.forward(days=30)
    async with room.desk(yaml) as desk:
        desk.press.publish()
        assert len(desk.press.printed() or ()) == 2
        assert retain(room.store, desk.plan, desk.press, room.clock()) == 0


async def test_without_limits_everything_is_kept(room: Room) -> None:
    old = Article(
        uid="old", source="a", first_seen=room.clock() - timedelta(days=9999), text="t", story="old"
    )
    yaml = "retention: {articles: null, bodies: null}\n" + config("a")
    async with room.desk(yaml) as desk:
        (claim,) = room.store.claim_due(
            now=room.clock(), limit=1, lease=timedelta(minutes=1), owner="test", early=True
        )
        with room.store.poll(claim) as unit:
            unit.save([old])
        desk.press.publish()
        assert retain(room.store, desk.plan, desk.press, room.clock()) == 0
