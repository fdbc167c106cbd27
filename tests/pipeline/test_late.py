"""Articles of sources that are asked seldom, in sections that are full of newer ones when they come."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest

from tests.support.documents import item, rss
from tests.support.room import MORNING, Room
from tests.support.web import ok

YAML = """
sources:
  - {id: busy, url: "{web}/busy", section: world}
  - {id: quiet, url: "{web}/quiet", section: world}
sections:
  - {id: world, title: 国际, limit: 20}
"""
ROUNDS = 6


def dated(name: str, minutes: int) -> str:
    date = f"{MORNING + timedelta(minutes=minutes):%a, %d %b %Y %H:%M:%S} GMT"
    return item(name, name, guid=name, date=date, text=f"<p>{name}：{hash_words(name)}</p>")


def hash_words(name: str) -> str:
    """A text like no other."""
    return "".join(
        chr(0x4E00 + (ord(letter) * 7919 + at * 104_729) % 20_000) for at, letter in enumerate(name * 9)
    )


def titles(room: Room, name: str) -> set[str]:
    feed = ElementTree.fromstring(room.published(name))
    return {title.text or "" for title in feed.iterfind("{*}entry/{*}title")}


@pytest.mark.parametrize("age", [40, 20 * 60])
async def test_whoever_reads_the_feed_after_each_poll_sees_every_article(room: Room, age: int) -> None:
    """Twelve articles a quarter of an hour, and one that is some minutes old when it is found."""
    seen: dict[str, set[str]] = {"world.atom": set(), "all.atom": set()}
    busy: list[str] = []
    quiet: list[str] = []
    for round_ in range(ROUNDS):
        now = 15 * round_
        busy = [dated(f"busy {round_}.{n}", now - n) for n in range(12)] + busy[:24]
        quiet = [dated(f"quiet {round_}", now - age), *quiet]
        room.web.answer("/busy", ok(rss(*busy)))
        room.web.answer("/quiet", ok(rss(*quiet)))
        await room.poll(YAML)
        for name, titles_seen in seen.items():
            titles_seen |= titles(room, name)
        room.clock.forward(minutes=15)
    for titles_seen in seen.values():
        assert len([title for title in titles_seen if title.startswith("quiet")]) == ROUNDS
        assert len(titles_seen) == ROUNDS * 13
