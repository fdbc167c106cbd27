"""Small work that is done for many at once: who shares it, and who pays for a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from aggregator.pipeline.together import Together


class Bench:
    """Work on numbers that says what was done together; it waits for ``gate``, and breaks down over ``bad`` ones."""

    def __init__(self) -> None:
        self.done: list[list[int]] = []
        self.bad: set[int] = set()
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def work(self, parts: Sequence[int]) -> list[str]:
        self.begun.set()
        await self.gate.wait()
        self.done.append(list(parts))
        if self.bad.intersection(parts):
            raise ValueError(f"{parts} broke down")
        return [str(part) for part in parts]


async def test_whoever_is_alone_waits_for_nobody() -> None:
    bench = Bench()
    together = Together(bench.work, company=lambda: 1)
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert await together.do(1) == "1"
    assert await together.do(2) == "2"
    assert bench.done == [[1], [2]]
    assert loop.time() - before < 0.01


async def test_who_comes_while_others_are_under_way_is_waited_for_and_shares() -> None:
    bench = Bench()
    together = Together(bench.work, company=lambda: 3)
    first = asyncio.create_task(together.do(1))
    await asyncio.sleep(0)
    assert [await together.do(2), await first] == ["2", "1"]
    assert bench.done == [[1, 2]]


async def test_nobody_is_waited_for_who_comes_no_more() -> None:
    bench, company = Bench(), 2
    together = Together(bench.work, company=lambda: company, patience=60)
    first = asyncio.create_task(together.do(1))
    await asyncio.sleep(0)
    company = 1
    together.look()
    assert await first == "1"


async def test_who_is_waited_for_is_waited_for_no_longer_than_patience_lasts() -> None:
    bench = Bench()
    together = Together(bench.work, company=lambda: 2, patience=0)
    assert await together.do(1) == "1"


async def test_so_much_is_done_at_a_time_as_is_bearable_and_then_nobody_is_waited_for() -> None:
    bench = Bench()
    together = Together(
        bench.work,
        company=lambda: 9 if len(bench.done) < 2 else 0,
        patience=60,
        weight=lambda part: part,
        most=10,
    )
    tasks = [asyncio.create_task(together.do(number)) for number in (4, 5, 6, 90, 2, 3)]
    assert await asyncio.gather(*tasks) == ["4", "5", "6", "90", "2", "3"]
    assert bench.done == [[4, 5, 6], [90], [2, 3]]


async def test_who_comes_while_the_work_is_done_shares_the_next() -> None:
    bench = Bench()
    bench.gate.clear()
    together = Together(bench.work, company=lambda: 0)
    first = asyncio.create_task(together.do(1))
    await bench.begun.wait()
    later = [asyncio.create_task(together.do(number)) for number in (2, 3)]
    await asyncio.sleep(0)
    bench.gate.set()
    assert await asyncio.gather(first, *later) == ["1", "2", "3"]
    assert bench.done == [[1], [2, 3]]


async def test_what_fails_fails_for_the_one_whose_fault_it_is() -> None:
    bench = Bench()
    bench.bad = {2}
    together = Together(bench.work, company=lambda: 0)
    first, second, third = (asyncio.create_task(together.do(number)) for number in (1, 2, 3))
    with pytest.raises(ValueError, match=r"\[2\] broke down"):
        await second
    assert [await first, await third] == ["1", "3"]
    assert bench.done == [[1, 2, 3], [1], [2], [3]]


async def test_who_has_gone_is_left_out() -> None:
    bench = Bench()
    bench.gate.clear()
    together = Together(bench.work, company=lambda: 0)
    first = asyncio.create_task(together.do(1))
    await bench.begun.wait()
    gone, stays = asyncio.create_task(together.do(2)), asyncio.create_task(together.do(3))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    bench.gate.set()
    assert [await first, await stays] == ["1", "3"]
    assert bench.done == [[1], [3]]


async def test_who_goes_while_the_work_is_done_disturbs_nobody() -> None:
    bench = Bench()
    bench.gate.clear()
    together = Together(bench.work, company=lambda: 0)
    gone, stays = asyncio.create_task(together.do(1)), asyncio.create_task(together.do(2))
    await bench.begun.wait()
    gone.cancel()
    bench.gate.set()
    assert await stays == "2"
    assert await together.do(3) == "3"
