"""What only the daemon around the server knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.checklist.newsroom import Newsroom, config
from tests.support.documents import item, rss
from tests.support.web import Web, ok

TWO = """
  - {id: old, title: Old, include: "*"}
output: {websub: {hub: "https://hub.example/"}}
site: {base_url: "https://paper.example/daily"}"""


@pytest.fixture
async def newsroom(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with Web() as web:
        made = Newsroom(web=web, folder=tmp_path, serve=True)
        web.answer("/feed", ok(rss(item(1))))
        yield made
        await made.stop()


def two_sections(more: str = TWO) -> str:
    return config().replace("\nserver:", more + "\nserver:")


async def test_a_section_that_is_taken_out_of_the_file_is_gone(newsroom: Newsroom) -> None:
    await newsroom.start(two_sections())
    before = await newsroom.get("/old.atom")
    await newsroom.reload(config())
    await newsroom.settle()
    after = await newsroom.get("/old.atom")
    kept = await newsroom.get("/world.atom")
    never = await newsroom.get("/never.atom")

    assert [one.status_code for one in (before, after, kept, never)] == [200, 410, 200, 404]


async def test_what_the_head_says_of_a_feed_stands_in_it_too(newsroom: Newsroom) -> None:
    await newsroom.start(two_sections())
    response = await newsroom.get("/old.atom")

    assert response.headers["link"] == (
        '<https://hub.example/>; rel="hub", <https://paper.example/daily/old.atom>; rel="self"'
    )
    assert b'href="https://hub.example/"' in response.content
    assert b'href="https://paper.example/daily/old.atom"' in response.content


async def test_our_own_hub_is_named_alike_in_head_and_feed(newsroom: Newsroom) -> None:
    await newsroom.start(two_sections(TWO.replace("https://hub.example/", "self")))
    response = await newsroom.get("/world.rss")

    assert '<https://paper.example/daily/hub>; rel="hub"' in response.headers["link"]
    assert b'href="https://paper.example/daily/hub"' in response.content
