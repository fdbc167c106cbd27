"""One round over what is due, as cron runs it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aggregator.cli import main
from aggregator.daemon import poll_round
from storage import Article, ArticleQuery, SourceSeed, open_store
from storage.errors import StorageError
from storage.model import Claim
from tests.daemon.running import Gate, config, eventually
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import NOT_MODIFIED, ok, silence


async def test_a_round_longer_than_a_lease_polls_every_source_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"s{number}" for number in range(9)]
    for name in names:
        room.web.answer(f"/{name}", ok(rss(item(name))))
    real = room.store.claim_due

    def slow(**options: Any) -> list[Claim]:
        room.clock.forward(minutes=3)  # what comes later finds every lease of the beginning run out
        return real(**options)

    monkeypatch.setattr(room.store, "claim_due", slow)
    async with room.desk(config(*names, concurrency=2)) as desk:
        results = await poll_round(desk, early=True)
    assert sorted(result.source for result in results) == names
    assert [result.error for result in results] == [None] * 9


async def test_a_source_that_another_worker_polls_is_left_to_it(room: Room) -> None:
    for name in "ab":
        room.web.answer(f"/{name}", ok(rss(item(name))))
    async with room.desk(config("a", "b")) as desk:
        room.store.claim_due(now=room.clock(), limit=1, lease=timedelta(minutes=5), owner="other", only=["a"])
        results = await poll_round(desk, early=True)
    assert [result.source for result in results] == ["b"]


async def test_a_round_that_is_broken_off_gives_its_claims_back(room: Room) -> None:
    gate = Gate()
    room.web.answer("/a", gate.script())
    room.web.answer("/b", silence)
    async with room.desk(config("a", "b")) as desk:
        task = asyncio.create_task(poll_round(desk))
        await eventually(lambda: len(room.web.requests) == 2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        free = room.store.claim_due(now=room.clock(), limit=9, lease=timedelta(minutes=1), owner="next")
    assert [claim.source.id for claim in free] == ["a", "b"]


async def test_sources_whose_polls_end_together_are_claimed_together(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"s{number:02}" for number in range(40)]
    for name in names:
        room.web.answer(f"/{name}", ok(rss(item(name)), etag='"1"'), NOT_MODIFIED)
    yaml = config(*names, concurrency=10)
    await room.poll(yaml)
    claim_due, claimed = room.store.claim_due, list[int]()

    def counted(**options: Any) -> list[Claim]:
        claims = claim_due(**options)
        claimed.append(len(claims))
        return claims

    monkeypatch.setattr(room.store, "claim_due", counted)
    results = await room.poll(yaml)
    assert {result.kind for result in results.values()} == {"not_modified"}
    assert sum(claimed) == 40
    assert claimed[0] == 15  # all who have a place, at once
    assert len(claimed) <= 20


async def test_a_store_that_does_not_answer_ends_the_round_and_says_why(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> list[Claim]:
        raise StorageError("the disk is full")

    async with room.desk(config("a", "b")) as desk:
        monkeypatch.setattr(room.store, "claim_due", full)
        with pytest.raises(StorageError, match="disk is full"):
            await poll_round(desk)


def test_run_once_applies_retention_after_publishing(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(
        "sources: [{id: a, url: http://a.example/, enabled: no, section: 国际}]\n"
        "sections: [{id: world, title: 国际, limit: 1}]\n",
        encoding="utf-8",
    )
    (tmp_path / "var").mkdir()
    database = f"sqlite:///{tmp_path / 'var' / 'aggregator.db'}"
    seen = datetime(2020, 1, 1, tzinfo=UTC)
    store = open_store(database)
    store.sync_sources([SourceSeed(id="a", url="http://a.example/")], seen)
    (claim,) = store.claim_due(now=seen, limit=1, lease=timedelta(minutes=1), owner="test")
    with store.poll(claim) as unit:
        unit.save(
            Article(
                uid=uid,
                source="a",
                story=uid,
                title=uid,
                text="t",
                first_seen=seen,
                sections=("world",),
                labels=("国际",),
            )
            for uid in ("older", "printed")
        )
        unit.finish(claim.source)
    store.close()
    ended = CliRunner().invoke(main, ["run", "--once", "-c", str(tmp_path / "feeds.yaml")])
    assert ended.exit_code == 0, ended.output
    store = open_store(database, read_only=True)
    assert [article.text for article in store.articles(ArticleQuery())] == ["t"]
    store.close()
