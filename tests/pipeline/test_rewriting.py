"""Rewrites through the whole pipeline, by an encoder that knows which sentences mean the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.dedup.semantic.encoder import Mode
from aggregator.dedup.semantic.vectors import Matrix
from aggregator.pipeline import meaning
from storage import open_store
from tests.dedup.meanings import OTHERWISE, SAID, Meanings
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok

TWO = """
sources:
  - {id: paper, name: 甲报, url: "{web}/a", section: 国际}
  - {id: farm, name: 乙网, url: "{web}/b", section: 财经}
sections:
  - {id: world, title: 国际}
  - {id: business, title: 财经}
"""
ORIGINAL, REWRITE = "东堤灯塔下月停用", "再见了，老灯塔"


@pytest.fixture(params=["memory", "sqlite"])
def newsroom(request: pytest.FixtureRequest, room: Room, tmp_path: Path) -> Room:
    if request.param == "sqlite":
        room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    return room


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> Meanings:
    return installed(monkeypatch, Meanings())


def installed(monkeypatch: pytest.MonkeyPatch, encoder: Meanings) -> Meanings:
    def encoder_for(mode: Mode) -> Meanings | None:
        return None if mode == "off" else encoder

    monkeypatch.setattr(meaning, "encoder_for", encoder_for)
    return encoder


def entry(title: str, lines: Sequence[str], number: int, *, hour: int = 7) -> str:
    html = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return item(number, title, text=html, date=f"Mon, 02 Mar 2026 0{hour}:00:00 GMT")


def original(lines: int = len(SAID)) -> str:
    return entry(ORIGINAL, [first for first, _ in SAID][:lines], 1, hour=6)


def rewrite() -> str:
    return entry(REWRITE, [second for _, second in SAID], 2)


def serve(room: Room, *, a: Sequence[bytes], b: Sequence[bytes]) -> None:
    room.web.answer("/a", *map(ok, a))
    room.web.answer("/b", *map(ok, b))


async def test_a_rewrite_is_printed_once_in_both_sections_and_says_why(
    newsroom: Room, encoder: Meanings
) -> None:
    serve(newsroom, a=[rss(original())], b=[rss(entry("渔民说收成", OTHERWISE, 3)), rss(rewrite())])
    await newsroom.poll(TWO)
    results = await newsroom.poll(TWO)
    assert results["farm"].counts["copy"] == 1
    printed = {one.title: one for one in newsroom.articles(copies=False)}
    assert printed.keys() == {ORIGINAL, "渔民说收成"}
    assert set(printed[ORIGINAL].sections) == {"world", "business"}
    (copy,) = (one for one in newsroom.articles() if one.copy_of)
    assert (copy.title, copy.copy_of) == (REWRITE, printed[ORIGINAL].uid)
    (decision,) = newsroom.store.decisions(copy.uid)
    assert (decision.verdict, decision.similarity) == ("near", 1.0)
    assert decision.clause.startswith("rewritten: 100% of the sentences are each other's best match")
    assert "乙网" in newsroom.published("world.atom").decode()


async def test_nothing_is_encoded_twice_nor_while_the_writers_wait(
    room: Room, tmp_path: Path, encoder: Meanings
) -> None:
    room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    serve(room, a=[rss(original())], b=[rss(), rss(rewrite())])
    await room.poll(TWO)
    assert len(encoder.asked) == len(SAID)
    room.store.close()
    room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")  # nothing is in memory any more
    results = await room.poll(TWO)
    assert results["farm"].counts["copy"] == 1
    assert len(encoder.asked) == 2 * len(SAID)
    assert encoder.threads == {"meaning"}


async def test_both_in_one_batch_and_the_rewrite_first(newsroom: Room, encoder: Meanings) -> None:
    serve(newsroom, a=[rss(rewrite(), original())], b=[rss()])
    await newsroom.poll(TWO)
    # In one source more is asked for; this one is as clear as can be.
    assert [one.title for one in newsroom.articles(copies=False)] == [ORIGINAL]


async def test_a_changed_article_is_compared_by_its_newest_text(newsroom: Room, encoder: Meanings) -> None:
    other = entry(ORIGINAL, OTHERWISE, 1, hour=6)
    serve(newsroom, a=[rss(other), rss(original())], b=[rss(), rss(), rss(rewrite())])
    for _ in range(3):
        results = await newsroom.poll(TWO)
    assert results["farm"].counts["copy"] == 1


@pytest.mark.parametrize(
    "wanted",
    [
        "dedup: {semantic: off}",
        "dedup: {near: {enabled: no}}",
        "defaults: {dedup: exact, allow_private: 127.0.0.0/8}",
    ],
)
async def test_where_it_is_not_wanted_nothing_is_encoded(room: Room, encoder: Meanings, wanted: str) -> None:
    serve(room, a=[rss(original())], b=[rss(rewrite())])
    await room.poll(f"{wanted}\n{TWO}")
    assert len(room.articles(copies=False)) == 2
    assert encoder.asked == []


async def test_meanings_leave_the_store_with_the_window(room: Room, encoder: Meanings) -> None:
    serve(room, a=[rss(original())], b=[rss()])
    await room.poll(TWO)
    assert len(room.store.codes(encoder.name, 0)) == 1
    assert room.store.expire_meanings(room.clock() - timedelta(days=14)) == 0
    assert room.store.expire_meanings(room.clock() + timedelta(days=1)) == 1


class Broken(Meanings):
    def encode(self, sentences: Sequence[str]) -> Matrix:
        raise MemoryError("no room for weights")


async def test_a_stage_that_breaks_costs_no_article(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, Broken())
    serve(room, a=[rss(original())], b=[rss(rewrite())])
    with capture_logs() as logs:
        results = await room.poll(TWO)
    assert [result.error for result in results.values()] == [None, None]
    assert len(room.articles(copies=False)) == 2
    assert [one["event"] for one in logs if "rewrites" in one["event"]] == [
        "rewrites are looked for no more until the next start"
    ]
