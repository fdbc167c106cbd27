"""Trades that wait for each other: nothing more is read while what was read is not stored."""

from __future__ import annotations

import asyncio
import threading

from aggregator.pipeline.readers import Readers
from aggregator.pipeline.staff import AHEAD, Staff
from aggregator.pipeline.threads import Threads
from tests.support import hostile


async def soon() -> None:
    """Whatever can go on without a thread or a process has gone on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_threads_are_nearly_done_when_few_enough_works_are_waited_for() -> None:
    threads, go_on = Threads("commits", 1), threading.Semaphore(0)
    works = [asyncio.create_task(threads.run(go_on.acquire)) for _ in range(3)]
    await soon()
    await threads.nearly_done(4)
    waiting = asyncio.create_task(threads.nearly_done(2))
    go_on.release()
    await works[0]
    await soon()
    assert not waiting.done()
    go_on.release(2)
    await asyncio.gather(waiting, *works)
    threads.close()


async def test_work_that_is_waited_for_no_more_holds_up_nobody() -> None:
    threads, go_on = Threads("commits", 1), threading.Event()
    works = [asyncio.create_task(threads.run(go_on.wait)) for _ in range(2)]
    await soon()
    waiting = asyncio.create_task(threads.nearly_done(1))
    for work in works:
        work.cancel()
    await waiting
    go_on.set()
    threads.close()


async def test_nothing_is_read_while_many_documents_wait_for_their_commits() -> None:
    staff, go_on = Staff(), threading.Event()
    assert isinstance(staff.reading, Readers)
    commits = [asyncio.create_task(staff.commits.run(go_on.wait)) for _ in range(AHEAD)]
    await soon()
    reading = asyncio.create_task(staff.reading.run(hostile.own_pid))
    cut_off = asyncio.create_task(staff.reading.run(hostile.own_pid))
    await soon()
    assert staff.reading.pids == ()
    cut_off.cancel()
    go_on.set()
    await asyncio.gather(*commits)
    assert await reading in staff.reading.pids
    assert cut_off.cancelled()
    await staff.close()
