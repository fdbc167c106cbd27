"""300 to 302 and all around them: what hubs push, and how far it is relied on."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from aggregator.pipeline.inbox import MOST
from storage.errors import StorageError
from storage.model import ArticleQuery, Claim, SourceRecord
from tests.checklist.newsroom import Newsroom, config, eventually
from tests.daemon.running import Gate
from tests.support.documents import item, listing, rss
from tests.support.hub import Hub
from tests.support.web import NOT_MODIFIED, hang_up, ok

HOUR = timedelta(hours=1)
YAML = config(interval="{base: 1h, min: 1h, max: 24h}")
BASE = 1.1 * HOUR  #: with the jitter


@pytest.fixture
async def desk(newsroom: Newsroom, hub: Hub) -> Newsroom:
    """Subscribed; the feed holds item 1 and does not change."""
    return await subscribed(newsroom, hub)


async def subscribed(newsroom: Newsroom, hub: Hub, yaml: str = YAML) -> Newsroom:
    newsroom.web.answer("/feed", ok(hub.feed(item(1)), etag='"1"'), NOT_MODIFIED)
    await newsroom.start(yaml)
    await hub.settled()
    assert newsroom.row()["push"] == "active"
    return newsroom


def record(newsroom: Newsroom) -> SourceRecord:
    found = newsroom.office.desk.store.source("feed")
    assert found is not None
    return found


async def counted(newsroom: Newsroom, outcome: str) -> int:
    shown = (await newsroom.get("/metrics")).text
    line = next(line for line in shown.splitlines() if f'pushes_total{{outcome="{outcome}"}}' in line)
    return round(float(line.split()[-1]))


async def relied_on(newsroom: Newsroom, hub: Hub) -> None:
    """A push has come, and the poll after it found nothing more."""
    await hub.push(rss(item(2)))
    await newsroom.settle()
    await newsroom.next_request()
    await newsroom.settle()
    assert newsroom.row()["next_poll_reason"] == "push: polled for safety only"


# -- distribution


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_300_a_signed_push_is_answered_at_once_and_published(
    desk: Newsroom, hub: Hub, method: str
) -> None:
    body = rss(item(2, "推送来的新闻", date="Mon, 02 Mar 2026 07:30:00 GMT"))
    reply = await hub.push(body, signature=hub.signature(body, method))
    assert reply.is_success
    await desk.settle()
    assert desk.titles() == ["推送来的新闻", "新闻1"]
    assert len(desk.requests()) == 1
    assert (desk.row()["pushes"], desk.row()["last_push"]) == (1, "2026-03-02T08:00:00.000Z")
    assert await counted(desk, "pushed") == 1


async def test_301_a_wrong_signature_is_not_told_and_its_document_discarded(desk: Newsroom, hub: Hub) -> None:
    reply = await hub.push(rss(item(2)), signature=hub.signature(b"another"))
    assert reply.is_success
    await desk.settle()
    assert desk.titles() == ["新闻1"]
    assert desk.row()["pushes"] == 0
    assert await counted(desk, "unsigned") == 1


async def test_302_a_missing_signature_is_not_told_and_its_document_discarded(
    desk: Newsroom, hub: Hub
) -> None:
    reply = await hub.push(rss(item(2)), signature=None)
    assert reply.is_success
    await desk.settle()
    assert desk.titles() == ["新闻1"]
    assert await counted(desk, "unsigned") == 1


@pytest.mark.parametrize("token", ["A" * 43, "a", "index.html"])
async def test_a_push_to_nobody_is_refused(desk: Newsroom, hub: Hub, token: str) -> None:
    reply = await hub.push(rss(item(2)), callback=f"{desk.address}/websub/{token}")
    assert reply.status_code in (404, 405)


async def test_a_push_changes_nothing_that_a_poll_knows(desk: Newsroom, hub: Hub) -> None:
    before = record(desk)
    desk.clock.forward(minutes=10)
    await hub.push(rss(item(2)), etag='"9"', last_modified="Mon, 02 Mar 2026 08:00:00 GMT")
    await desk.settle()
    after = record(desk)
    assert (after.validators, after.body_hash) == (before.validators, before.body_hash)
    assert (after.polls, after.last_poll, after.next_poll) == (
        before.polls,
        before.last_poll,
        before.next_poll,
    )
    assert after.memory["offer"] == before.memory["offer"]
    assert (await desk.next_request())["if-none-match"] == b'"1"'


async def test_a_push_without_an_entry_says_nothing_of_it(desk: Newsroom, hub: Hub) -> None:
    for number in (2, 3):
        await hub.push(rss(item(number)))
        await desk.settle()
    assert set(desk.titles()) == {"新闻1", "新闻2", "新闻3"}


async def test_a_push_brings_changes_too(desk: Newsroom, hub: Hub) -> None:
    await hub.push(rss(item(1, "新闻1（更正）")))
    await desk.settle()
    assert desk.titles() == ["新闻1（更正）"]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (rss(item(2, "港口")).decode().replace("utf-8", "gb2312").encode("gb18030"), {}),
        (
            rss(item(2, "港口")).decode().replace(' encoding="utf-8"', "").encode("gb18030"),
            {"content_type": "text/xml; charset=gb2312"},
        ),
        (gzip.compress(rss(item(2, "港口"))), {"content_encoding": "gzip"}),
        (
            b'{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": "2", "title": "'
            + "港口".encode()
            + b'", "content_text": "x"}]}',
            {"content_type": "application/feed+json"},
        ),
    ],
    ids=["declared", "header", "gzip", "json"],
)
async def test_a_pushed_document_is_read_as_any_other(
    desk: Newsroom, hub: Hub, body: bytes, headers: dict[str, str]
) -> None:
    assert (await hub.push(body, **headers)).is_success
    await desk.settle()
    assert "港口" in desk.titles()


async def test_a_push_during_a_poll_waits_for_its_end(desk: Newsroom, hub: Hub) -> None:
    gate = Gate(body=hub.feed(item(1), item(2)))
    desk.web.answer("/feed", gate.script())
    desk.clock.now = desk.next_poll() + timedelta(seconds=1)
    await desk.tick()
    await eventually(lambda: gate.waiting)
    assert (await hub.push(rss(item(3)))).is_success
    gate.opened.set()
    await desk.settle()
    assert set(desk.titles()) == {"新闻1", "新闻2", "新闻3"}


async def test_a_push_that_waits_at_the_stop_is_taken_in(desk: Newsroom, hub: Hub) -> None:
    gate = Gate(body=hub.feed(item(1), item(2)))
    desk.web.answer("/feed", gate.script())
    desk.clock.now = desk.next_poll() + timedelta(seconds=1)
    await desk.tick()
    await eventually(lambda: gate.waiting)
    await hub.push(rss(item(3)))
    daemon = desk.office.daemon
    daemon.stop()
    assert (await hub.push(rss(item(4)))).status_code == 503
    gate.opened.set()
    await eventually(lambda: not daemon.under_way)
    await desk.stop()
    assert set(desk.titles()) == {"新闻1", "新闻2", "新闻3"}


async def test_a_push_for_a_source_that_is_taken_out_meanwhile_is_dropped(desk: Newsroom, hub: Hub) -> None:
    gate = Gate(body=hub.feed(item(1)))
    desk.web.answer("/feed", gate.script())
    desk.clock.now = desk.next_poll() + timedelta(seconds=1)
    await desk.tick()
    await eventually(lambda: gate.waiting)
    await hub.push(rss(item(3)))
    await desk.reload(config('{id: second, url: "{web}/second"}'))
    gate.opened.set()
    await desk.settle()
    assert "新闻3" not in desk.titles()
    await eventually(lambda: desk.office.daemon.under_way == 0)


async def test_a_store_that_fails_for_a_while_loses_no_push(
    desk: Newsroom, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = desk.office.desk.store
    claim, failures = store.claim, iter(range(2))

    def failing(*arguments: Any, **options: Any) -> Claim | None:
        if next(failures, None) is not None:
            raise StorageError("the disk is full")
        return claim(*arguments, **options)

    monkeypatch.setattr(store, "claim", failing)
    assert (await hub.push(rss(item(3)))).is_success
    await desk.settle()
    assert "新闻3" in desk.titles()


async def test_more_pushes_than_can_wait_become_a_poll(desk: Newsroom, hub: Hub) -> None:
    def stored() -> int:
        return len(desk.office.desk.store.articles(ArticleQuery(limit=None)))

    gate = Gate(body=hub.feed(item(1)))
    everything = [item(number) for number in range(1, MOST + 5)]
    desk.web.answer("/feed", gate.script(), ok(hub.feed(*everything)))
    desk.clock.now = desk.next_poll() + timedelta(seconds=1)
    await desk.tick()
    await eventually(lambda: gate.waiting)
    for number in range(2, MOST + 5):
        assert (await hub.push(rss(item(number)))).is_success
    gate.opened.set()
    await desk.settle()
    assert stored() == MOST + 1
    assert await counted(desk, "overflow") == 3
    await desk.forward(seconds=11)
    assert stored() == len(everything)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"ping",
        rss(),
        listing("/1.html"),
        b"<?xml version='1.0'?><other/>",
        gzip.compress(rss(item(2)))[:40],
    ],
)
async def test_a_push_that_is_no_feed_has_the_source_polled_at_once(
    desk: Newsroom, hub: Hub, body: bytes
) -> None:
    desk.clock.forward(minutes=5)
    desk.web.answer("/feed", ok(hub.feed(item(1), item(2))))
    packed = {"content_encoding": "gzip"} if body.startswith(b"\x1f") else {}
    assert (await hub.push(body, **packed)).is_success
    await desk.settle()
    assert len(desk.requests()) == 2
    assert set(desk.titles()) == {"新闻1", "新闻2"}
    assert desk.row()["last_error"] is None
    assert await counted(desk, "pinged") == 1


async def test_pings_do_not_make_us_a_nuisance(desk: Newsroom, hub: Hub) -> None:
    for _ in range(30):
        await hub.push(b"ping")
        await desk.settle()
        desk.clock.forward(seconds=1)
    assert len(desk.requests()) <= 4  # 10 s between two


async def test_a_ping_ends_no_hold(newsroom: Newsroom, hub: Hub) -> None:
    limited = ok(status="429 Too Many Requests", retry_after="7200")
    newsroom.web.answer("/feed", ok(hub.feed(item(1))), limited)
    await newsroom.start(YAML)
    await hub.settled()
    await newsroom.next_request()
    newsroom.clock.forward(minutes=1)
    await hub.push(b"ping")
    await newsroom.settle()
    assert len(newsroom.requests()) == 2
    assert newsroom.wait() > 1.9 * HOUR


async def test_a_push_that_is_too_long_is_refused_and_the_source_polled(newsroom: Newsroom, hub: Hub) -> None:
    await subscribed(
        newsroom, hub, config(defaults="max_size: 4096", interval="{base: 1h, min: 1h, max: 24h}")
    )
    newsroom.clock.forward(minutes=5)
    assert (await hub.push(b"x" * 100_000)).status_code == 413

    async def pieces() -> AsyncIterator[bytes]:  # without a length
        for _ in range(100):
            yield b"x" * 1000

    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(hub.callback, content=pieces())).status_code == 413
    await newsroom.settle()
    assert len(newsroom.requests()) == 2


async def test_a_bomb_that_is_pushed_does_not_go_off(newsroom: Newsroom, hub: Hub) -> None:
    await subscribed(newsroom, hub)
    bomb = gzip.compress(bytes(200 * 1024 * 1024))
    assert (await hub.push(bomb, content_encoding="gzip")).is_success
    await newsroom.settle()
    assert await counted(newsroom, "pinged") == 1


# -- how far hubs are relied on


async def test_a_hub_that_has_not_pushed_yet_changes_nothing(desk: Newsroom, hub: Hub) -> None:
    await desk.next_request()
    await desk.settle()
    assert desk.wait() <= BASE


async def test_a_source_that_is_pushed_is_polled_eight_times_as_seldom(desk: Newsroom, hub: Hub) -> None:
    await relied_on(desk, hub)
    assert 8 * HOUR <= desk.wait() <= 8 * BASE


async def test_a_daily_poll_is_the_least(newsroom: Newsroom, hub: Hub) -> None:
    await subscribed(newsroom, hub, config(interval="{base: 6h, min: 1h, max: 24h}"))
    await relied_on(newsroom, hub)
    assert 24 * HOUR <= newsroom.wait() <= 24 * BASE


async def test_what_a_poll_finds_and_no_hub_pushed_ends_the_reliance(desk: Newsroom, hub: Hub) -> None:
    await relied_on(desk, hub)
    desk.web.answer("/feed", ok(hub.feed(item(1), item(3)), etag='"2"'), NOT_MODIFIED)
    await desk.next_request()
    await desk.settle()
    assert desk.wait() <= BASE
    await desk.next_request()
    await desk.settle()
    assert desk.wait() <= BASE  # until the hub shows that it lives
    await hub.push(rss(item(4)))
    await desk.settle()
    await desk.next_request()
    await desk.settle()
    assert desk.wait() >= 8 * HOUR


async def test_a_hub_that_a_poll_was_quicker_than_is_relied_on_still(desk: Newsroom, hub: Hub) -> None:
    await relied_on(desk, hub)
    desk.web.answer("/feed", ok(hub.feed(item(1), item(3)), etag='"2"'), NOT_MODIFIED)
    await desk.next_request()
    desk.clock.forward(seconds=5)
    await hub.push(rss(item(3)))
    await desk.next_request()
    await desk.settle()
    assert desk.wait() >= 8 * HOUR


async def test_a_poll_that_a_ping_asked_for_counts_for_the_hub(desk: Newsroom, hub: Hub) -> None:
    desk.clock.forward(minutes=5)
    desk.web.answer("/feed", ok(hub.feed(item(1), item(2)), etag='"2"'), NOT_MODIFIED)
    await hub.push(b"ping")
    await desk.settle()
    assert desk.row()["next_poll_reason"] == "push: polled for safety only"


@pytest.mark.parametrize("answer", [hang_up(), ok(status="500 Oops"), ok(status="202 Accepted")])
async def test_a_hub_that_does_not_renew_brings_polling_back_within_an_interval(
    newsroom: Newsroom, hub: Hub, answer: bytes
) -> None:
    hub.lease = str(100 * 3600)
    await subscribed(newsroom, hub)
    await relied_on(newsroom, hub)
    newsroom.web.answer("/hub", answer)
    await newsroom.forward(hours=70)
    assert newsroom.row()["next_poll_reason"] == "push: polled for safety only"
    await newsroom.at(newsroom.clock() + timedelta(hours=30.5))
    await newsroom.settle()
    assert newsroom.wait() <= BASE
    assert newsroom.row()["push_error"]
    await newsroom.forward(hours=10)
    assert newsroom.row()["push"] == "asked"
    assert newsroom.wait() <= BASE


async def test_a_hub_that_is_offered_no_more_brings_polling_back_within_an_interval(
    desk: Newsroom, hub: Hub
) -> None:
    await relied_on(desk, hub)
    desk.web.answer("/feed", ok(rss(item(1), item(2)), etag='"2"'), NOT_MODIFIED)
    await desk.next_request()
    await desk.settle()
    await desk.tick()
    await desk.settle()
    assert hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert desk.wait() <= BASE


async def test_reliance_outlives_a_restart(newsroom: Newsroom, hub: Hub) -> None:
    await subscribed(newsroom, hub)
    await relied_on(newsroom, hub)
    await newsroom.restart()
    await hub.settled()
    assert newsroom.row()["pushes"] == 1
    await newsroom.next_request()
    await newsroom.settle()
    assert newsroom.wait() >= 8 * HOUR


async def test_the_rhythm_is_learnt_from_what_is_pushed(desk: Newsroom, hub: Hub) -> None:
    for number in range(2, 12):
        desk.clock.forward(minutes=5)
        await hub.push(rss(item(number, date="")))
        await desk.settle()
    assert record(desk).memory["rhythm"]["items"] > 5


# -- beside it


async def test_the_status_page_says_it_in_a_word(desk: Newsroom, hub: Hub) -> None:
    await hub.push(rss(item(2)))
    await desk.settle()
    assert "push active: 1, the last" in (await desk.get("/status", Accept="text/html")).text


async def test_many_sources_pushed_at_once_are_all_taken_in(newsroom: Newsroom, hub: Hub) -> None:
    names = [f"s{number}" for number in range(20)]
    for name in names:
        newsroom.web.answer(f"/{name}", ok(hub.feed(item(name, link=f"http://{name}.example/"))))
    sources = (f'{{id: {name}, url: "{{web}}/{name}"}}' for name in names)
    await newsroom.start(config(*sources, defaults="per_host: {concurrency: 100}"))
    await hub.settled()
    await newsroom.settle()
    await hub.settled()
    forms = list(hub.asked)
    assert len(forms) == 20
    async with asyncio.TaskGroup() as group:
        for number, form in enumerate(forms):
            body = rss(item(f"new{number}", link=f"http://new{number}.example/"))
            hub.asked.append(form)
            signature = hub.signature(body)
            group.create_task(hub.push(body, callback=form["hub.callback"], signature=signature))
    await newsroom.settle()
    assert len([title for title in newsroom.titles() if title.startswith("新闻new")]) == 20
