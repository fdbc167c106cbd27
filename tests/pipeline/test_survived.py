"""What was wrong and did not make a poll fail is named for as long as it is so, and no longer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.documents import item, listing, page, rss
from tests.support.room import Room
from tests.support.web import ok

BROKEN, GONE = ok(status="500 Oh"), ok(status="404 Not Found")
HTML = "text/html"


def config(keys: str) -> str:
    return f'defaults: {{allow_private: 127.0.0.0/8, robots: ignore}}\nsources:\n  - {{id: a, url: "{{web}}/a", section: 国际{keys}}}\n'


async def named(room: Room, yaml: str) -> list[str]:
    """After a poll."""
    await room.poll(yaml)
    room.clock.forward(hours=1)
    return list(room.source("a").memory["faults"])


def older(room: Room) -> str:
    link = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="prev-archive" href="{room.web.url("/older")}"/>'
    room.web.answer("/a", ok(rss(link, item(1))))
    room.web.answer("/older", BROKEN, ok(rss(item(0))))
    return config("")


def behind(room: Room) -> str:
    room.web.answer("/a", ok(rss(item(1, text="Kurz.", link=room.web.url("/older")))))
    room.web.answer("/older", BROKEN, ok(page("Der Deich"), content_type=HTML))
    return config(", full_text: always")


def listed(room: Room) -> str:
    room.web.answer("/a", ok(listing("/g/1.html", "/g/2.html", "/g/older.html"), content_type=HTML))
    for path in ("/g/1.html", "/g/2.html"):
        room.web.answer(path, ok(page(path), content_type=HTML))
    room.web.answer("/g/older.html", BROKEN, ok(page("Der Deich"), content_type=HTML))
    return config(", type: page")


@pytest.mark.parametrize("publish", [older, behind, listed])
async def test_a_page_that_has_come_since_is_no_fault_any_more(
    room: Room, publish: Callable[[Room], str]
) -> None:
    yaml = publish(room)
    (fault,) = await named(room, yaml)
    assert "older" in fault
    assert "500" in fault
    assert await named(room, yaml) == []


@pytest.mark.parametrize("publish", [older, behind, listed])
async def test_of_a_page_that_does_not_come_the_last_fault_is_named(
    room: Room, publish: Callable[[Room], str]
) -> None:
    yaml = publish(room)
    for path in ("/older", "/g/older.html"):
        room.web.answer(path, BROKEN, GONE)
    assert "500" in (await named(room, yaml))[0]
    for _ in range(2):
        (fault,) = await named(room, yaml)
        assert "404" in fault


async def test_what_is_wrong_with_a_document_is_named_while_it_stays_the_same(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))[:-10]))
    assert await named(room, config("")) == await named(room, config("")) != []
