"""Our own stories through the whole pipeline and the real encoder; skipped where the extra is not installed."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest

from aggregator.extras import NO_SEMANTIC, semantic_encoder
from storage import open_store
from tests.dedup.rewriting import Story, stories
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok

WITH_EXTRAS = True
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(semantic_encoder() is None, reason=NO_SEMANTIC),
]

THREE = """
dedup: {semantic: on}
sources:
  - {id: original, url: "{web}/original"}
  - {id: other, url: "{web}/other"}
  - {id: rewrite, url: "{web}/rewrite"}
sections: [{id: all, title: 全部, include: ["*"]}]
"""


def entry(story: Story, hand: str, number: int) -> str:
    told = story.hands[hand]
    html = "".join(f"<p>{escape(line)}</p>" for line in told.paragraphs)
    return item(f"{hand}{number}", told.title, text=html, date="Mon, 02 Mar 2026 07:00:00 GMT")


async def test_rewrites_are_printed_once_over_a_store_in_a_file(room: Room, tmp_path: Path) -> None:
    room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    told = stories()
    for hand in ("original", "other", "rewrite"):
        document = rss(*(entry(story, hand, at) for at, story in enumerate(told)))
        room.web.answer(f"/{hand}", *([ok(rss())] if hand == "rewrite" else []), ok(document))
    await room.poll(THREE)
    room.store.close()
    room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")  # nothing is in memory any more
    await room.poll(THREE)
    articles = {one.title: one for one in room.articles()}
    for story in told:
        titles = {hand: text.title for hand, text in story.hands.items()}
        original, rewrite = articles[titles["original"]], articles[titles["rewrite"]]
        assert rewrite.copy_of == original.uid, story.id
        assert articles[titles["other"]].copy_of is None, story.id
        (decision,) = room.store.decisions(rewrite.uid)
        assert "each other's best match" in decision.clause
