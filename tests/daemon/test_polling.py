"""Which sources the daemon polls, when, and how many at a time."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from aggregator import documents
from aggregator.pipeline import visit
from aggregator.pipeline.readers import LONG, Bounds, Readers
from storage.errors import StorageError
from tests.daemon.running import PACE, Gate, config, eventually, plan, running
from tests.support.documents import item, rss
from tests.support.hostile import hanging_read_feed
from tests.support.room import Room
from tests.support.web import ok, silence


async def test_only_sources_that_are_due_are_polled(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    async with running(room, config("a")) as office:
        await eventually(lambda: office.polled()["a"] == 1)
        await office.ticks()
        assert office.polled() == {"a": 1}
        room.clock.now = room.source("a").next_poll
        await eventually(lambda: office.polled()["a"] == 2)


async def test_polls_of_one_source_never_overlap(room: Room) -> None:
    gate = Gate()
    room.web.answer("/a", gate.script())
    async with running(room, config("a")) as office:
        await eventually(lambda: gate.waiting == 1)
        for _ in range(5):
            room.clock.forward(hours=1)  # far beyond the lease
            await office.ticks()
        assert gate.most == 1
        gate.opened.set()
        await eventually(lambda: office.results)
        assert office.results[0].error is None
        assert room.titles() == ["新闻1"]


async def test_no_more_polls_go_on_at_a_time_than_are_allowed(room: Room) -> None:
    gate = Gate()
    names = [f"s{number}" for number in range(12)]
    for name in names:
        room.web.answer(f"/{name}", gate.script())
    async with running(room, config(*names, concurrency=4)) as office:
        await eventually(lambda: gate.waiting == 4)
        await office.ticks()
        assert gate.most == 4
        gate.opened.set()
        await eventually(lambda: len(office.results) == 12)
        assert gate.most == 4


async def test_sources_that_hang_do_not_delay_the_others(room: Room) -> None:
    hanging, good = ([f"{kind}{number:02}" for number in range(20)] for kind in ("a", "b"))
    for name in hanging:
        room.web.answer(f"/{name}", silence)
    for number, name in enumerate(good):
        room.web.answer(f"/{name}", ok(rss(item(number, link=f"http://{name}.example/", guid=name))))
    async with running(room, config(*hanging, *good)) as office:
        await eventually(lambda: len(office.results) == 20)
        assert office.polled() == Counter(good)
        await eventually(lambda: b"b19.example" in room.published("world.atom"))


@pytest.mark.parametrize(
    ("deed", "said"), [("hang", "longer than 0.5 s"), ("swell", "more than 128 MiB"), ("kill", "was killed")]
)
async def test_a_document_that_is_too_much_for_its_reader_costs_its_source_one_poll(
    room: Room, monkeypatch: pytest.MonkeyPatch, deed: str, said: str
) -> None:
    monkeypatch.setattr(visit, "read_feed", hanging_read_feed)
    bounds = Bounds(seconds=0.5, patience=20.0, memory=128 << 20)
    room.reading = lambda: Readers(1, bounds)
    for name in ("bad", "worse"):
        room.web.answer(f"/{name}", ok(rss(item(1, f"{deed} the reader"))))
    room.web.answer("/a", ok(rss(item(2))))
    async with running(room, config("bad", "worse", "a")) as office:
        await eventually(lambda: office.polled() == {"a": 1, "bad": 1, "worse": 1})
        await eventually(lambda: office.reports)
    assert room.source("a").last_error is None
    assert said in (room.source("bad").last_error or "")
    assert said in (room.source("worse").last_error or "")
    assert room.source("bad").next_poll_reason.startswith("back-off")


async def test_long_documents_that_hang_hold_up_no_other_source(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "read_feed", hanging_read_feed)
    room.reading = lambda: Readers(1, Bounds(seconds=120, slow=120))
    hostile, good = [f"h{n}" for n in range(31)], [f"g{n}" for n in range(10)]
    for name in hostile:
        room.web.answer(f"/{name}", ok(rss(item(1, "hang the reader")) + b" " * LONG))
    for number, name in enumerate(good):
        room.web.answer(f"/{name}", ok(rss(item(10 + number))))
    async with running(room, config(*hostile, *good)) as office:
        await eventually(lambda: len(office.results) == len(good))
        assert office.polled() == Counter(good)


async def test_the_end_does_not_wait_for_a_parser_that_hangs(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "read_feed", hanging_read_feed)
    readers = Readers(1)
    room.reading = lambda: readers
    room.web.answer("/bad", ok(rss(item(1, "hang the reader"))))
    pace = replace(PACE, drain=timedelta(seconds=0.1))
    async with running(room, config("bad"), pace) as office:
        await eventually(lambda: readers.pids)
        (pid,) = readers.pids
        await office.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_an_error_of_the_store_in_a_tick_does_not_end_the_daemon(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    real = room.store.claim_due
    failures: list[int] = []

    def failing(**options: Any) -> object:
        if len(failures) < 3:
            failures.append(1)
            raise StorageError("the disk is full") if len(failures) < 3 else KeyError("a bug")
        return real(**options)

    monkeypatch.setattr(room.store, "claim_due", failing)
    async with running(room, config("a")) as office:
        await eventually(lambda: office.polled()["a"] == 1)
    assert len(failures) == 3


async def test_a_source_that_fails_by_a_fault_of_ours_is_not_asked_again_at_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> object:
        raise KeyError("oops")

    monkeypatch.setattr(documents, "normalise_all", broken)
    room.web.answer("/a", ok(rss(item(1))))
    async with running(room, config("a")) as office:
        await eventually(lambda: office.results)
        await office.ticks(5)
        assert room.web.paths() == ["/a"]
        assert "KeyError" in (room.source("a").last_error or "")


# -- many at once


async def test_the_first_polls_of_many_new_sources_are_spread(room: Room) -> None:
    names = [f"s{number:03}" for number in range(400)]
    for name in names:
        room.web.answer(f"/{name}", ok(rss()))

    def waiting() -> list[str]:
        return [r.id for r in room.store.sources() if not r.polls and r.next_poll <= room.clock()]

    async with running(room, config(*names, concurrency=400)) as office:
        await eventually(lambda: len(room.store.sources()) == 400)
        started: list[int] = [0]
        for _ in range(11):
            await office.ticks(1)
            await eventually(lambda: not waiting())
            started.append(sum(record.polls for record in room.store.sources()))
            room.clock.forward(seconds=1)
        assert started[-1] == 400
        assert max(later - before for before, later in pairwise(started)) <= 41, started


async def test_a_few_new_sources_are_polled_at_once_and_one_more_at_a_reload(room: Room) -> None:
    names = [f"s{number:03}" for number in range(300)]
    for name in [*names, "zz"]:
        room.web.answer(f"/{name}", ok(rss()))
    async with running(room, config(*names[:60])) as office:
        await eventually(lambda: len(office.results) == 60)
        office.next_plan = plan(room, config(*names[:60], "zz"))
        await office.daemon.reload()
        await eventually(lambda: office.polled()["zz"] == 1)


async def test_after_a_long_stop_the_longest_overdue_are_polled_first_and_few_at_a_time(room: Room) -> None:
    gate = Gate(body=rss())
    gate.opened.set()
    names = [f"s{number:02}" for number in range(30)]
    for name in names:
        room.web.answer(f"/{name}", gate.script())
    async with running(room, config(*names, concurrency=4)) as office:
        await eventually(lambda: len(office.results) == 30)
    due = sorted(names, key=lambda name: room.source(name).next_poll)
    room.clock.forward(days=2)
    room.web.requests.clear()
    gate.most = 0
    async with running(room, config(*names, concurrency=4)) as office:
        await eventually(lambda: len(office.results) == 30)
    asked = [path[1:] for path in room.web.paths()]
    assert gate.most <= 4
    assert all(abs(due.index(name) - place) < 4 for place, name in enumerate(asked))


@pytest.mark.parametrize("interval", ["2s", "{base: 2s, min: 1s, max: 1h, jitter: 0}"])
async def test_an_interval_of_seconds_is_kept_to_the_second(room: Room, interval: str) -> None:
    room.web.answer("/a", ok(rss(item(1))), ok(rss(item(1))), ok(b"", status="500 Broken"), ok(rss(item(1))))
    yaml = config("a").replace("interval: 15m", f"interval: {interval}")
    waits: list[float] = []
    async with running(room, yaml) as office:
        while len(waits) < 5:
            await eventually(lambda: len(office.results) == len(waits) + 1)
            waits.append((room.source("a").next_poll - room.clock()).total_seconds())
            room.clock.now = room.source("a").next_poll
    slack = 1.34 if interval == "2s" else 1.0
    for wait, expected in zip(waits, [2, 2, 4, 2, 2], strict=True):
        assert expected / slack <= wait <= expected * slack


# -- the clock


async def test_a_clock_set_forward_by_a_day_starts_no_stampede(room: Room) -> None:
    names = [f"s{number:02}" for number in range(60)]
    for name in names:
        room.web.answer(f"/{name}", ok(rss()))
    async with running(room, config(*names), clock_is_set=True) as office:
        await eventually(lambda: len(office.results) == 60)
        before = {name: room.source(name).next_poll - room.clock() for name in names}
        room.clock.forward(days=1)
        await office.ticks(5)
        after = {name: room.source(name).next_poll - room.clock() for name in names}
    assert len(room.web.requests) == 60
    for name in names:
        assert after[name].total_seconds() == pytest.approx(before[name].total_seconds() / 2, abs=2)


async def test_a_clock_set_forward_shortens_no_wait_that_was_asked_for(room: Room) -> None:
    room.web.answer("/a", ok(b"", status="429 Slow Down", retry_after="7200"))
    async with running(room, config("a"), clock_is_set=True) as office:
        await eventually(lambda: len(office.results) == 1)
        wait = room.source("a").next_poll - room.clock()
        room.clock.forward(days=1)
        await office.ticks(5)
        record = room.source("a")
        assert abs(record.next_poll - room.clock() - wait) < timedelta(seconds=2)
        assert record.hold_until is not None
        assert abs(record.hold_until - room.clock() - timedelta(hours=2)) < timedelta(seconds=2)
        assert room.web.paths() == ["/a"]


async def test_after_time_has_gone_by_all_that_is_overdue_is_polled(room: Room) -> None:
    gate = Gate()
    gate.opened.set()
    names = [f"s{number}" for number in range(12)]
    for name in names:
        room.web.answer(f"/{name}", gate.script())
    async with running(room, config(*names, concurrency=4)) as office:
        await eventually(lambda: len(office.results) == 12)
        gate.opened.clear()
        room.clock.forward(days=1)
        await eventually(lambda: gate.waiting == 4)
        await office.ticks()
        assert gate.most == 4
        gate.opened.set()
        await eventually(lambda: len(office.results) == 24)
        await office.ticks()
        assert set(office.polled().values()) == {2}


async def test_a_clock_set_back_by_a_day_stalls_nothing(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    async with running(room, config("a"), clock_is_set=True) as office:
        await eventually(lambda: office.polled()["a"] == 1)
        wait = room.source("a").next_poll - room.clock()
        room.clock.forward(days=-1)
        await eventually(lambda: room.source("a").next_poll <= room.clock() + wait)
        await office.ticks()
        assert office.polled()["a"] == 1
    room.clock.now += wait
    async with running(room, config("a")) as office:
        await eventually(lambda: office.polled()["a"] == 1)


async def test_a_clock_that_was_set_back_while_the_daemon_was_down_stalls_nothing(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    async with running(room, config("a")) as office:
        await eventually(lambda: office.polled()["a"] == 1)
    room.clock.forward(days=-1)
    async with running(room, config("a")) as office:
        await eventually(lambda: room.source("a").next_poll < room.clock() + timedelta(hours=1))
        room.clock.forward(hours=1)
        await eventually(lambda: office.polled()["a"] == 1)
