"""The processes that read: bounded, killed where they must be, gone when there is nothing to do."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from aggregator.pipeline.readers import LONG, Bounds, Readers, ReadingStopped
from aggregator.sources import NotAFeed, parse_feed
from tests.sources.conftest import NOW, SHANGHAI, URL, rss
from tests.support import hostile

QUICK = Bounds(seconds=0.3, patience=3, memory=64 << 20, idle=0.2)


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    pool = Readers(1, QUICK)
    yield pool
    pool.close()


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def test_a_feed_is_read_in_a_process_of_its_own() -> None:
    readers = Readers(1)
    try:
        document = rss("<item><title>a</title></item>").encode()
        feed = await readers.run(parse_feed, document, url=URL, zone=SHANGHAI, now=NOW)
        assert feed == parse_feed(document, url=URL, zone=SHANGHAI, now=NOW)
        assert await readers.run(hostile.own_pid) != os.getpid()
    finally:
        readers.close()


async def test_what_the_work_raises_is_raised_here(readers: Readers) -> None:
    with pytest.raises(NotAFeed, match="empty body") as caught:
        await readers.run(parse_feed, b"", url=URL, zone=SHANGHAI, now=NOW)
    assert caught.value.reason == "empty body"
    assert "in a reading process" in caught.value.__notes__[0]


@pytest.mark.parametrize("work", [hostile.raises_odd, hostile.unpicklable])
async def test_what_cannot_cross_is_an_error_like_any_other(
    readers: Readers, work: Callable[[], object]
) -> None:
    with pytest.raises(Exception, match=r"Odd: what|pickle"):
        await readers.run(work)


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (hostile.loops, "longer than 0.3 s"),
        (hostile.loops_in_c, "longer than 0.3 s"),
        (hostile.sleeps, "longer than 0.3 s"),
        (hostile.swells, "more than 64 MiB"),
        (hostile.is_killed, "was killed"),
        (hostile.breaks_down, "broke down .SIGSEGV"),
        (hostile.leaves, "broke down .status 3"),
    ],
)
async def test_a_reading_that_does_not_end_is_stopped_and_the_next_goes_on(
    readers: Readers, work: Callable[[], object], reason: str
) -> None:
    before = await readers.run(hostile.own_pid)
    with pytest.raises(ReadingStopped, match=reason):
        await readers.run(work)
    assert await readers.run(hostile.own_pid) != before
    await until(lambda: not is_there(before))


async def test_what_a_library_prints_does_not_spoil_the_answer(readers: Readers) -> None:
    assert await readers.run(hostile.prints) == "answer"


async def test_a_process_is_kept_while_there_is_work_and_ends_when_there_is_none(readers: Readers) -> None:
    assert readers.pids == ()
    first = await readers.run(hostile.own_pid)
    assert await readers.run(hostile.own_pid) == first
    await until(lambda: readers.pids == () and not is_there(first))
    assert await readers.run(hostile.own_pid) != first


async def test_a_process_that_has_grown_gives_its_memory_back() -> None:
    readers = Readers(1)
    try:
        first = await readers.run(hostile.own_pid)
        assert await readers.run(hostile.keeps, 150) == 150 << 20
        assert await readers.run(hostile.own_pid) != first
    finally:
        readers.close()


async def test_a_process_that_died_while_it_was_idle_costs_nothing(readers: Readers) -> None:
    pid = await readers.run(hostile.own_pid)
    os.kill(pid, 9)
    await until(lambda: not is_there(pid))
    assert await readers.run(hostile.own_pid) != pid


async def test_more_work_than_processes_waits_its_turn() -> None:
    readers = Readers(2)
    try:
        pids = await asyncio.gather(*(readers.run(hostile.own_pid) for _ in range(20)))
        assert 1 <= len(set(pids)) <= 2
    finally:
        readers.close()


async def test_one_that_hangs_holds_up_the_others_for_a_moment_only() -> None:
    readers = Readers(1, Bounds(seconds=5, slow=0.1))
    try:
        hanging = asyncio.create_task(readers.run(hostile.loops))
        await until(lambda: bool(readers.pids))
        pids = await asyncio.gather(*(readers.run(hostile.own_pid) for _ in range(5)))
        assert not hanging.done()
        assert len(set(pids)) == 1
        assert len(readers.pids) == 2
    finally:
        readers.close()
    with pytest.raises(ReadingStopped):
        await hanging


async def test_a_second_that_hangs_has_no_third_begun() -> None:
    readers = Readers(1, Bounds(seconds=0.5, slow=0.05))
    try:
        hanging = [asyncio.create_task(readers.run(hostile.loops)) for _ in range(3)]
        await until(lambda: len(readers.pids) == 2)
        await asyncio.sleep(0.2)
        assert len(readers.pids) == 2
        for one in hanging:
            with pytest.raises(ReadingStopped):
                await one
        assert await readers.run(hostile.own_pid)
    finally:
        readers.close()


LONG_ONE = b"x" * LONG


@pytest.mark.parametrize("number", [1, 2, 4])
async def test_long_documents_never_take_the_last_process(number: int) -> None:
    # Without a lane of their own the short one would wait until one of them is given up.
    readers = Readers(number, Bounds(seconds=60, slow=60))
    hanging = [asyncio.create_task(readers.run(hostile.loops_over, LONG_ONE)) for _ in range(31)]
    try:
        await until(lambda: len(readers.pids) == max(1, number - 1))
        async with asyncio.timeout(30):
            for _ in range(5):
                assert await readers.run(hostile.own_pid)
        assert not any(one.done() for one in hanging)
        assert len(readers.pids) == max(2, number)
    finally:
        readers.close()
        await asyncio.gather(*hanging, return_exceptions=True)


async def test_short_documents_never_keep_a_long_one_waiting_for_all_of_them() -> None:
    readers = Readers(1, Bounds(seconds=60, slow=60))
    hanging = [asyncio.create_task(readers.run(hostile.loops)) for _ in range(3)]
    try:
        await until(lambda: len(readers.pids) == 1)
        async with asyncio.timeout(30):
            assert await readers.run(hostile.pid_over, LONG_ONE)
    finally:
        readers.close()
        await asyncio.gather(*hanging, return_exceptions=True)


async def test_long_documents_take_all_but_one_of_the_processes() -> None:
    readers = Readers(3)
    try:
        pids = await asyncio.gather(*(readers.run(hostile.pid_over, LONG_ONE) for _ in range(20)))
        assert 1 <= len(set(pids)) <= 2
    finally:
        readers.close()


async def test_closing_does_not_wait_for_what_hangs() -> None:
    readers = Readers(1)
    hanging = asyncio.create_task(readers.run(hostile.sleeps))
    await until(lambda: bool(readers.pids))
    (pid,) = readers.pids
    started = time.monotonic()
    await asyncio.to_thread(readers.close)
    with pytest.raises(ReadingStopped):
        await hanging
    assert time.monotonic() - started < 5
    assert not is_there(pid)
    with pytest.raises((ReadingStopped, RuntimeError)):
        await readers.run(hostile.own_pid)


async def test_whoever_stops_waiting_is_let_go_at_once(readers: Readers) -> None:
    hanging = asyncio.create_task(readers.run(hostile.sleeps))
    await until(lambda: bool(readers.pids))
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging


async def test_a_reader_of_feeds_does_not_load_the_program(readers: Readers) -> None:
    await readers.run(parse_feed, rss("").encode(), url=URL, zone=SHANGHAI, now=NOW)
    loaded = await readers.run(hostile.modules)
    heavy = {
        "sqlalchemy",
        "httpx",
        "apscheduler",
        "pydantic",
        "starlette",
        "asyncio",
        "ssl",
        "aggregator.pipeline",
    }
    assert heavy.isdisjoint(loaded)


async def test_where_no_process_can_be_started_none_is_tried_again_and_again(
    readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    document = b" " * 300_000  # more than a pipe takes unread
    with pytest.raises(ReadingStopped, match="no process"):
        await readers.run(parse_feed, document, url=URL, zone=SHANGHAI, now=NOW)
