"""Hubs of others: who is told, of what, and again until it is heard."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

import pytest

from tests.checklist.newsroom import Newsroom, config
from tests.support.documents import item, rss
from tests.support.web import ok

YAML = config(
    interval="{base: 1h, min: 1h, max: 24h, jitter: 0}",
    more='site: {base_url: "https://paper.example"}\noutput: {websub: {hub: "{web}/hub"}}',
)
FEEDS = [f"https://paper.example/world.{form}" for form in ("atom", "json", "rss")]


def told(newsroom: Newsroom) -> list[str]:
    forms = [parse_qs(asked.body.decode()) for asked in newsroom.requests("/hub")]
    assert all(form["hub.mode"] == ["publish"] and form["hub.url"] == form["hub.topic"] for form in forms)
    return sorted(form["hub.url"][0] for form in forms)


async def started(newsroom: Newsroom, *answers: bytes) -> None:
    newsroom.web.answer("/feed", ok(rss(item(1))))
    newsroom.web.answer("/hub", *(answers or (ok(status="204 No Content"),)))
    await newsroom.start(YAML)
    await settled(newsroom)


async def settled(newsroom: Newsroom) -> None:
    for messenger in newsroom.office.desk.messengers:
        messenger.printed()
    await newsroom.settle()
    await asyncio.sleep(0)


async def test_a_hub_is_told_of_each_feed_that_was_printed(newsroom: Newsroom) -> None:
    await started(newsroom)
    assert set(told(newsroom)) == set(FEEDS)
    newsroom.web.requests.clear()
    await settled(newsroom)
    await newsroom.forward(hours=5)
    assert told(newsroom) == []
    newsroom.web.answer("/feed", ok(rss(item(2), item(1))))
    await newsroom.next_request()
    await settled(newsroom)
    assert told(newsroom) == FEEDS


async def test_a_restart_tells_nothing_twice(newsroom: Newsroom) -> None:
    await started(newsroom)
    newsroom.web.requests.clear()
    await newsroom.restart()
    await settled(newsroom)
    assert told(newsroom) == []


async def test_another_hub_is_told_of_everything(newsroom: Newsroom) -> None:
    await started(newsroom)
    newsroom.web.answer("/other", ok())
    await newsroom.reload(YAML.replace("/hub", "/other"))
    await settled(newsroom)
    assert len(newsroom.requests("/other")) == 3


@pytest.mark.parametrize("status", ["500 Internal Server Error", "404 Not Found", "429 Too Many Requests"])
async def test_a_hub_that_fails_is_told_again_ever_more_seldom_and_over_a_restart(
    newsroom: Newsroom, status: str
) -> None:
    await started(newsroom, ok(status=status))
    for _ in range(20):
        newsroom.clock.forward(seconds=15)
        await newsroom.settle()
    assert 9 <= len(told(newsroom)) <= 15  # at 0, 30, 90 and 210 seconds: three feeds each
    newsroom.web.answer("/hub", ok())
    newsroom.web.requests.clear()
    await newsroom.restart()
    await settled(newsroom)
    assert told(newsroom) == FEEDS


async def test_without_a_hub_nobody_is_told(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(rss(item(1))))
    await newsroom.start(YAML.replace('"{web}/hub"', "off"))
    await settled(newsroom)
    assert newsroom.requests("/hub") == []
