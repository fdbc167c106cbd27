"""Webhooks in the running daemon: what they are told, when, and again until they have heard it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storage.errors import StorageError
from tests.checklist.newsroom import Newsroom, config
from tests.support.documents import item, rss
from tests.support.web import Web, hang_up, ok

SLOW = "{base: 1h, min: 1h, max: 24h, jitter: 0}"
ALL = "[new_article, source_broken, source_stale, source_recovered]"
BROKEN = ok(status="500 Internal Server Error")


@pytest.fixture
async def newsroom(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with Web() as web:
        made = Newsroom(web=web, folder=tmp_path)
        web.answer("/feed", ok(rss(item(1))))
        web.answer("/hook", ok())
        yield made
        await made.stop()


def yaml(events: str = ALL, more: str = "", defaults: str = "") -> str:
    hook = f'notify: [{{url: "{{web}}/hook", events: {events}{more}}}]'
    return config(
        interval=SLOW, defaults=defaults, more=f"site: {{title: 晨报, base_url: https://p.example}}\n{hook}"
    )


async def settled(newsroom: Newsroom) -> None:
    for _ in range(2):
        for messenger in newsroom.office.desk.messengers:
            messenger.printed()
        await newsroom.settle()


async def polled(newsroom: Newsroom, *answers: bytes) -> None:
    for answer in answers:
        newsroom.web.answer("/feed", answer)
        await newsroom.next_request()
        await settled(newsroom)


def told(newsroom: Newsroom) -> list[dict[str, Any]]:
    return [json.loads(asked.body) for asked in newsroom.requests("/hook")]


async def test_an_article_is_told_with_what_there_is_to_say_of_it(newsroom: Newsroom) -> None:
    await newsroom.start(yaml("new_article"))
    await settled(newsroom)
    newsroom.web.requests.clear()
    await polled(newsroom, ok(rss(item(2, "潮汐闸启用"), item(1))))
    (message,) = told(newsroom)
    (asked,) = newsroom.requests("/hook")
    assert asked["content-type"] == b"application/json; charset=utf-8"
    assert asked["x-hub-signature-256"] is None
    assert message["event"] == "new_article"
    assert message["paper"] == {"title": "晨报", "url": "https://p.example"}
    (article,) = message["articles"]
    assert (article["title"], article["sections"]) == ("潮汐闸启用", ["world"])
    assert article["source"]["id"] == "feed"
    assert "潮汐闸启用" in message["text"]


async def test_many_articles_come_in_few_messages_each_once(newsroom: Newsroom) -> None:
    await newsroom.start(yaml("new_article"))
    await settled(newsroom)
    newsroom.web.requests.clear()
    await polled(newsroom, ok(rss(*(item(number) for number in range(2, 47)))))
    assert [len(message["articles"]) for message in told(newsroom)] == [20, 20, 5]
    titles = [article["title"] for message in told(newsroom) for article in message["articles"]]
    assert len(set(titles)) == 45


async def test_a_new_webhook_is_not_told_of_the_past(newsroom: Newsroom) -> None:
    await newsroom.start(config(interval=SLOW))
    await newsroom.reload(yaml())
    await settled(newsroom)
    assert told(newsroom) == []


async def test_a_source_that_fails_three_times_is_broken_and_well_again_after(newsroom: Newsroom) -> None:
    await newsroom.start(yaml("[source_broken, source_recovered]"))
    await polled(newsroom, BROKEN, BROKEN)
    assert told(newsroom) == []
    await polled(newsroom, BROKEN, BROKEN)
    (message,) = told(newsroom)
    assert message["event"] == "source_broken"
    assert (message["source"]["id"], message["source"]["state"]) == ("feed", "failing")
    assert "500" in message["source"]["last_error"]
    assert "500" in message["text"]
    await polled(newsroom, ok(rss(item(1))))
    assert [message["event"] for message in told(newsroom)] == ["source_broken", "source_recovered"]


async def test_a_source_without_anything_new_is_stale_once(newsroom: Newsroom) -> None:
    await newsroom.start(yaml("[source_stale, source_recovered]", defaults="stale_after: 3h"))
    await polled(newsroom, *[ok(rss(item(1)))] * 6)
    (message,) = told(newsroom)
    assert message["event"] == "source_stale"
    assert message["source"]["stale_since"]
    assert newsroom.row()["state"] == "ok"
    await polled(newsroom, ok(rss(item(2), item(1))))
    assert told(newsroom)[1]["event"] == "source_recovered"


async def test_what_nobody_asked_for_is_not_told(newsroom: Newsroom) -> None:
    await newsroom.start(yaml("source_recovered"))
    await polled(newsroom, BROKEN, BROKEN, BROKEN)
    assert told(newsroom) == []
    await polled(newsroom, ok(rss(item(1))))
    assert [message["event"] for message in told(newsroom)] == ["source_recovered"]


async def test_a_message_is_signed_with_the_secret(newsroom: Newsroom) -> None:
    await newsroom.start(yaml("new_article", ", secret: 密码"))
    await polled(newsroom, ok(rss(item(2), item(1))))
    asked = newsroom.requests("/hook")[-1]
    right = hmac.new("密码".encode(), asked.body, hashlib.sha256).hexdigest()
    assert asked["x-hub-signature-256"] == f"sha256={right}".encode()


@pytest.mark.parametrize("answer", [BROKEN, ok(status="302 Found", location="/other"), hang_up()])
async def test_who_does_not_take_it_is_told_again_ever_more_seldom(newsroom: Newsroom, answer: bytes) -> None:
    await newsroom.start(yaml("new_article"))
    await settled(newsroom)
    newsroom.web.requests.clear()
    newsroom.web.answer("/hook", answer)
    await polled(newsroom, ok(rss(item(2), item(1))))
    for _ in range(20):
        newsroom.clock.forward(seconds=15)
        await settled(newsroom)
    assert 4 <= len(told(newsroom)) <= 5  # at 0, 30, 90 and 210 seconds
    assert newsroom.requests("/other") == []
    newsroom.web.answer("/hook", ok())
    newsroom.clock.forward(minutes=10)
    await settled(newsroom)
    count = len(told(newsroom))
    newsroom.clock.forward(hours=1)
    await settled(newsroom)
    assert len(told(newsroom)) == count
    assert {message["articles"][0]["title"] for message in told(newsroom)} == {"新闻2"}


async def test_what_was_not_told_is_told_after_a_restart(newsroom: Newsroom) -> None:
    await newsroom.start(yaml())
    await settled(newsroom)
    newsroom.web.requests.clear()
    newsroom.web.answer("/hook", hang_up())
    await polled(newsroom, ok(rss(item(2), item(1))))
    await newsroom.stop()
    newsroom.web.answer("/hook", ok())
    newsroom.web.requests.clear()
    await newsroom.start()
    await settled(newsroom)
    (message,) = told(newsroom)
    assert [article["title"] for article in message["articles"]] == ["新闻2"]
    await newsroom.restart()
    await settled(newsroom)
    assert len(told(newsroom)) == 1


async def test_after_a_day_of_failing_old_articles_are_let_go(newsroom: Newsroom) -> None:
    await newsroom.start(yaml("new_article"))
    await settled(newsroom)
    newsroom.web.answer("/hook", BROKEN)
    await polled(newsroom, ok(rss(item(2), item(1))))
    for _ in range(30):
        newsroom.clock.forward(hours=1)
        await settled(newsroom)
    newsroom.web.answer("/hook", ok())
    newsroom.web.requests.clear()
    await polled(newsroom, ok(rss(item(3), item(2), item(1))))
    await newsroom.forward(hours=2)
    await settled(newsroom)
    titles = [article["title"] for message in told(newsroom) for article in message["articles"]]
    assert titles == ["新闻3"]


async def test_a_private_webhook_is_not_dialled_unless_it_is_named(newsroom: Newsroom) -> None:
    async with Web(host="127.0.0.2") as other:
        other.answer("/hook", ok())
        hook = f'notify: [{{url: "{other.url("/hook")}", events: new_article}}]'
        narrow = config(interval=SLOW, more=hook).replace("127.0.0.0/8", "127.0.0.1/32")
        await newsroom.start(narrow)
        await polled(newsroom, ok(rss(item(2), item(1))))
        assert other.requests == []
        await newsroom.reload(narrow.replace("events:", "allow_private: 127.0.0.2/32, events:"))
        newsroom.clock.forward(hours=2)
        await polled(newsroom, ok(rss(item(3), item(2), item(1))))
        assert len(other.requests) >= 1


async def test_a_store_that_fails_for_a_while_loses_no_message(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    await newsroom.start(yaml("new_article"))
    await settled(newsroom)
    newsroom.web.requests.clear()
    store = newsroom.office.desk.store
    added, failures = store.added, iter(range(1))

    def failing(after: int, limit: int) -> tuple[list[str], int]:
        if next(failures, None) is not None:
            raise StorageError("the disk is full")
        return added(after, limit)

    monkeypatch.setattr(store, "added", failing)
    await polled(newsroom, ok(rss(item(2), item(1))))
    newsroom.clock.forward(minutes=1)
    await settled(newsroom)
    (message,) = told(newsroom)
    assert [article["title"] for article in message["articles"]] == ["新闻2"]


# -- what befalls a source while the address is down


def events(newsroom: Newsroom) -> list[str]:
    return [message["event"] for message in told(newsroom)]


async def up_again(newsroom: Newsroom) -> None:
    newsroom.web.answer("/hook", ok())
    newsroom.web.requests.clear()
    newsroom.clock.forward(hours=2)
    await settled(newsroom)


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_source_that_broke_and_recovered_meanwhile_is_told_of(
    newsroom: Newsroom, restarted: bool
) -> None:
    await newsroom.start(yaml("[source_broken, source_recovered]"))
    newsroom.web.answer("/hook", hang_up())
    await polled(newsroom, BROKEN, BROKEN, BROKEN, BROKEN)
    await polled(newsroom, ok(rss(item(1))))
    if restarted:
        await newsroom.restart()
    await up_again(newsroom)
    broken, recovered = told(newsroom)
    assert (broken["event"], recovered["event"]) == ("source_broken", "source_recovered")
    assert "500" in broken["text"], "as things stood then"
    assert broken["source"]["state"] == "failing"
    assert recovered["source"]["state"] == "ok"
    newsroom.clock.forward(hours=2)
    await settled(newsroom)
    assert len(told(newsroom)) == 2


async def test_what_lasts_is_told_as_it_stands_when_the_address_is_up_again(newsroom: Newsroom) -> None:
    await newsroom.start(yaml("[source_broken, source_recovered]"))
    newsroom.web.answer("/hook", hang_up())
    await polled(newsroom, BROKEN, BROKEN, BROKEN, ok(status="502 Bad Gateway"))
    await up_again(newsroom)
    (broken,) = told(newsroom)
    assert "502" in broken["text"]


async def test_who_asked_for_recoveries_alone_hears_of_those_that_were_missed(newsroom: Newsroom) -> None:
    await newsroom.start(yaml("[new_article, source_recovered]"))
    await settled(newsroom)
    newsroom.web.answer("/hook", hang_up())
    await polled(newsroom, ok(rss(item(2), item(1))), BROKEN, BROKEN, BROKEN, ok(rss(item(2), item(1))))
    await up_again(newsroom)
    assert sorted(events(newsroom)) == ["new_article", "source_recovered"]


async def test_what_was_sent_is_counted_and_who_takes_nothing_is_shown(tmp_path: Path) -> None:
    async with Web() as web:
        newsroom = Newsroom(web=web, folder=tmp_path, serve=True)
        web.answer("/feed", ok(rss(item(1))))
        web.answer("/hook", hang_up())
        await newsroom.start(yaml("new_article"))
        await polled(newsroom, ok(rss(item(2), item(1))))
        down = (await newsroom.get("/metrics")).text
        await up_again(newsroom)
        up = (await newsroom.get("/metrics")).text
        await newsroom.stop()
    assert 'aggregator_sent_total{channel="webhook",outcome="failed"} 1.0' in down
    assert 'aggregator_receivers{channel="webhook",state="failing"} 1.0' in down
    assert 'aggregator_sent_total{channel="webhook",outcome="taken"} 1.0' in up
    assert 'aggregator_receivers{channel="webhook",state="failing"} 0.0' in up
    assert 'aggregator_receivers{channel="webhook",state="well"} 1.0' in up
    assert 'aggregator_sent_total{channel="subscriber",outcome="taken"} 0.0' in up
