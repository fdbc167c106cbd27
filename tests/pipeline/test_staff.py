"""Trades that wait for each other: nothing more is read while what was read is not stored."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from aggregator.pipeline.backlog import Backlog
from aggregator.pipeline.readers import Readers
from aggregator.pipeline.staff import Staff
from tests.support import hostile


async def soon() -> None:
    """Whatever can go on without a thread or a process has gone on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_backlog_is_waited_for_until_enough_of_it_has_ended() -> None:
    backlog, go_on = Backlog(2), asyncio.Semaphore(0)

    async def work() -> None:
        with backlog:
            await go_on.acquire()

    await backlog.room()
    works = [asyncio.create_task(work()) for _ in range(3)]
    await soon()
    waiting = asyncio.create_task(backlog.room())
    go_on.release()
    await soon()
    assert not waiting.done()
    works[2].cancel()
    await waiting
    go_on.release()
    await asyncio.gather(*works, return_exceptions=True)
    assert backlog.works == 0


async def test_nothing_is_read_while_many_documents_wait_for_their_commits() -> None:
    readers = Readers(1, ready=lambda: staff.unstored.room())
    staff = Staff(readers)
    with ExitStack() as stored:
        for _ in range(staff.unstored.most):
            stored.enter_context(staff.unstored)
        reading = asyncio.create_task(staff.reading.run(hostile.own_pid))
        cut_off = asyncio.create_task(staff.reading.run(hostile.own_pid))
        await soon()
        assert (readers.pids, staff.reading.backlog.works) == ((), 2)
        cut_off.cancel()
    assert await reading in readers.pids
    assert cut_off.cancelled()
    assert staff.reading.backlog.works == 0
    await staff.close()
