"""How the daemon ends: what is under way is finished or given back, what came is published."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from aggregator.daemon import Pace
from aggregator.pipeline.plan import Plan
from storage.errors import StorageError
from storage.model import Claim
from tests.daemon.running import PACE, Gate, config, eventually, running
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok, silence

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
