"""Changed rules and what is stored already, while polls go on."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from aggregator.pipeline.reroute import SETTING, reroute
from tests.pipeline.test_feeds import ONE
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok

OTHER = ONE.replace("id: world", "id: sea")


async def test_stored_articles_move_once_the_rules_have_changed(room: Room) -> None:
    room.web.answer("/feed", ok(rss(item(1), item(2))))
    await room.poll(ONE)
    async with room.desk(OTHER) as desk:
        assert {article.sections for article in room.articles()} == {("sea",)}
        assert reroute(room.store, desk.plan) == 0


async def test_what_a_poll_changed_between_reading_and_placing_is_put_right(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/feed", ok(rss(item(1), item(2))))
    await room.poll(ONE)
    real = room.store.reroute
    calls: list[int] = []

    def interrupted(placements: Mapping[str, tuple[str, ...]]) -> int:
        calls.append(len(placements))
        stale = dict.fromkeys(list(placements)[:1], ("world",)) if len(calls) == 1 else {}
        return real({**placements, **stale})

    monkeypatch.setattr(room.store, "reroute", interrupted)
    async with room.desk(OTHER):
        pass
    assert {article.sections for article in room.articles()} == {("sea",)}
    assert len(calls) == 3
    assert room.store.setting(SETTING)
