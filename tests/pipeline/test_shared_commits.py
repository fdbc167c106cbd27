"""Polls whose articles are committed together: who shares, who does not, and whom a fault costs what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from aggregator.pipeline import PollResult, takein
from aggregator.pipeline.commit import Committer, Ended
from aggregator.pipeline.staff import Awaited
from tests.daemon.running import eventually
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok

NAMES = ("morning", "noon", "evening")


def three(room: Room) -> str:
    """A feed of one article each, and the configuration of all."""
    for at, name in enumerate(NAMES):
        room.web.answer(f"/{name}", ok(rss(item(at))))
    sources = "".join(f'  - {{id: {name}, url: "{{web}}/{name}"}}\n' for name in NAMES)
    return f"sections: [{{id: all, title: All, include: ['*']}}]\nsources:\n{sources}"


@pytest.fixture
def together(room: Room, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many polls each transaction was to hold; they wait for each other for as long as it takes."""
    monkeypatch.setattr("aggregator.pipeline.poll.PATIENCE", 60)
    numbers: list[int] = []
    committed, run = Committer.commit, Awaited.run

    async def once_all_have_answered(reading: Awaited, work: Any, /, *args: Any, **kwargs: Any) -> Any:
        with reading.backlog:
            await eventually(lambda: len(room.web.requests) == len(NAMES))
            return await run(reading, work, *args, **kwargs)

    def commit(committer: Committer, ended: Sequence[Ended]) -> list[PollResult]:
        numbers.append(len(ended))
        return committed(committer, ended)

    monkeypatch.setattr(Awaited, "run", once_all_have_answered)
    monkeypatch.setattr(Committer, "commit", commit)
    return numbers


async def test_polls_that_bring_articles_share_a_transaction(room: Room, together: list[int]) -> None:
    results = await room.poll(three(room))
    assert {name: result.counts for name, result in results.items()} == {name: {"new": 1} for name in NAMES}
    assert together == [3]


async def test_a_fault_costs_none_of_the_polls_that_are_committed_with_it(
    room: Room, together: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_in(unit: Any, plan: Any, batch: takein.Batch, *rest: Any) -> Any:
        if batch.source.id == "noon":
            raise KeyError("oops")
        return takein.take_in(unit, plan, batch, *rest)

    monkeypatch.setattr("aggregator.pipeline.commit.take_in", take_in)
    results = await room.poll(three(room))
    assert together == [3, 1, 1, 1]
    assert [name for name in NAMES if results[name].error is not None] == ["noon"]
    assert sorted(room.titles()) == ["新闻0", "新闻2"]
    assert room.source("noon").failures == 1


async def test_what_is_compared_by_meaning_is_committed_alone(
    room: Room, together: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an article means is found by others once it is committed: they must not stand beside it unseen."""
    monkeypatch.setattr(Committer, "prepares", lambda *_: True)
    monkeypatch.setattr(Committer, "prepare", lambda *_: None)
    await room.poll(three(room))
    assert together == [1, 1, 1]
