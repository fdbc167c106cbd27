"""How the daemon ends: what is under way is finished or given back, what came is published."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.daemon import Pace
from aggregator.pipeline import Press
from aggregator.pipeline.plan import Plan
from aggregator.publish import atom
from storage.errors import StorageError
from storage.model import Claim
from tests.daemon.running import PACE, Gate, config, eventually, running
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok, silence

SHORT = replace(PACE, last_edition=timedelta(milliseconds=30))
IMPATIENT = Pace(tick=PACE.tick, drain=timedelta(milliseconds=30), edition=timedelta(), rest=0)


def claimable(room: Room) -> list[str]:
    """What another process could poll at once."""
    claims = room.store.claim_due(now=room.clock(), limit=10, lease=timedelta(minutes=1), owner="next")
    return [claim.source.id for claim in claims]


async def test_polls_under_way_are_waited_for_and_published(room: Room) -> None:
    gate = Gate()
    room.web.answer("/a", gate.script())
    async with running(room, config("a")) as office:
        await eventually(lambda: gate.waiting == 1)
        office.daemon.stop()
        await asyncio.sleep(0.02)
        assert not office.task.done()
        gate.opened.set()
        await office.task
    assert office.polled() == {"a": 1}
    assert "新闻1".encode() in room.published("world.atom")


async def test_nothing_is_claimed_once_it_is_stopping(room: Room) -> None:
    gate = Gate()
    room.web.answer("/a", gate.script())
    async with running(room, config("a", "b", concurrency=1)) as office:
        await eventually(lambda: gate.waiting == 1)
        office.daemon.stop()
        gate.opened.set()
        await office.task
        await office.daemon.tick()
    assert room.web.paths() == ["/a"]
    assert claimable(room) == ["b"]


async def test_what_does_not_end_in_time_is_given_back(room: Room) -> None:
    room.web.answer("/a", silence)
    room.web.answer("/b", ok(rss(item(1))))
    async with running(room, config("a", "b"), IMPATIENT) as office:
        await eventually(lambda: office.polled() == {"b": 1} and "/a" in room.web.paths())
        await office.stop()
    assert claimable(room) == ["a"]
    assert "新闻1".encode() in room.published("world.atom")


async def test_a_second_stop_waits_for_no_poll_and_gives_its_claim_back(room: Room) -> None:
    room.web.answer("/a", silence)
    async with running(room, config("a")) as office:
        await eventually(lambda: room.web.requests)
        office.daemon.stop()
        await asyncio.sleep(0.02)
        assert not office.task.done()
        office.daemon.stop()
        async with asyncio.timeout(2):
            await office.task
    assert claimable(room) == ["a"]


async def test_a_claim_that_is_on_its_way_when_it_stops_is_given_back(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/a", silence)
    real = room.store.claim_due
    async with running(room, config("a"), IMPATIENT) as office:
        loop = asyncio.get_running_loop()

        def claim_and_stop(**options: object) -> list[Claim]:
            claims = real(**options)  # type: ignore[arg-type]  # as they came
            asyncio.run_coroutine_threadsafe(stop(), loop).result()
            return claims

        async def stop() -> None:
            office.daemon.stop()

        monkeypatch.setattr(room.store, "claim_due", claim_and_stop)
        await office.task
    monkeypatch.undo()
    assert room.web.requests == []
    assert claimable(room) == ["a"]


async def test_a_long_poll_keeps_its_lease(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    room.web.answer("/a", gate.script())
    renewals: list[str] = []
    real = room.store.renew

    def renew(claim: Claim, **options: object) -> Claim:
        renewals.append(claim.source.id)
        if len(renewals) == 1:
            raise StorageError("busy")
        return real(claim, **options)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(room.store, "renew", renew)
    monkeypatch.setattr(Plan, "lease", lambda *_: timedelta(milliseconds=15))
    async with running(room, config("a")) as office:
        await eventually(lambda: len(renewals) > 3)
        gate.opened.set()
        await eventually(lambda: office.polled() == {"a": 1})
        assert office.results[0].error is None


class Endless:
    """Entries in Atom that take until their printing is broken off, one by one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()
        self.rendered = 0
        real, break_off = atom.atom_entry, Press.break_off

        def entry(*given: Any) -> bytes:
            self.begun.set()
            self.ended.wait(20)
            self.rendered += 1
            return real(*given)

        def broken_off(press: Press) -> None:
            break_off(press)
            self.ended.set()

        monkeypatch.setattr(atom, "atom_entry", entry)
        monkeypatch.setattr(Press, "break_off", broken_off)


async def test_a_printing_that_takes_long_is_broken_off_and_made_good_at_the_next_start(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/a", ok(rss(item(1), item(2), item(3))), ok(rss(item(1), item(2), item(3), item(4))))
    with monkeypatch.context() as patch:
        endless = Endless(patch)
        async with running(room, config("a"), SHORT) as office:
            await asyncio.to_thread(endless.begun.wait)
            async with asyncio.timeout(5):
                await office.stop()
        assert endless.rendered == 1
        assert office.reports[-1].broken_off
    folder = room.folder / "var" / "public"
    assert not list(folder.rglob("*.tmp"))
    assert "新闻1".encode() not in room.published("world.atom")
    async with running(room, config("a"), SHORT) as office:
        await eventually(lambda: "新闻1".encode() in room.published("world.atom"))


async def test_the_first_printing_does_not_hold_up_the_end_either(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    async with running(room, config("a"), SHORT) as office:
        await eventually(lambda: "新闻1".encode() in room.published("world.atom"))
        await office.stop()
    endless = Endless(monkeypatch)
    async with running(room, config("a"), SHORT) as office:
        await asyncio.to_thread(endless.begun.wait)
        async with asyncio.timeout(5):
            await office.stop()
    assert office.polled() == {}
    assert office.reports[0].broken_off


async def test_nothing_is_printed_once_it_is_broken_off(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    async with running(room, config("a"), SHORT) as office:
        await eventually(lambda: "新闻1".encode() in room.published("world.atom"))
        office.desk.press.break_off()
        report = office.desk.press.publish(everything=True)
        assert report.broken_off
        assert not report.written
