"""Our own hub in the running daemon: websub.rocks' rows for hubs (100 to 105), and all around them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from aggregator.pipeline import hubbook
from storage.errors import StorageError
from storage.model import HubSubscription
from tests.checklist.newsroom import Newsroom, config, eventually
from tests.support.documents import item, rss
from tests.support.listener import Listener, signed
from tests.support.web import Web, hang_up, ok, redirect

YAML = config(interval="{base: 1h, min: 1h, max: 24h, jitter: 0}", more="output: {websub: {hub: self}}")
DAY = timedelta(days=1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with Web() as web:
        made = Newsroom(web=web, folder=tmp_path, serve=True)
        web.answer("/feed", ok(rss(item(1))))
        await made.start(YAML)
        yield made
        await made.stop()


@pytest.fixture
def listener(desk: Newsroom) -> Listener:
    return Listener(web=desk.web)


def kept(desk: Newsroom) -> list[HubSubscription]:
    return desk.office.desk.store.hub_subscriptions()


def topic(desk: Newsroom, form: str = "atom") -> str:
    return f"{desk.address}/world.{form}"


async def subscribed(desk: Newsroom, listener: Listener, form: str = "atom", **more: str) -> None:
    reply = await listener.ask(f"{desk.address}/hub", topic(desk, form), **more)
    assert reply.status_code == 202, reply.text
    await eventually(lambda: not desk.office.desk.hub.under_way)


async def news(desk: Newsroom, number: int) -> None:
    """An article more is polled and printed, and whoever subscribed has been told."""
    desk.web.answer("/feed", ok(rss(item(number), item(1))))
    await desk.next_request()
    await told(desk)


async def told(desk: Newsroom) -> None:
    desk.office.desk.hub.printed()
    await desk.settle()


# -- websub.rocks


async def test_100_a_typical_subscriber_is_asked_back_and_brought_the_feed(
    desk: Newsroom, listener: Listener
) -> None:
    await subscribed(desk, listener, secret="geheim", lease_seconds="86400")
    (asked,) = listener.questions
    assert (asked["hub.mode"], asked["hub.topic"], asked["hub.lease_seconds"]) == (
        "subscribe",
        topic(desk),
        "86400",
    )
    assert len(asked["hub.challenge"]) >= 32
    await news(desk, 2)
    (brought,) = listener.brought
    assert brought.body == desk.published("world.atom")
    assert "新闻2".encode() in brought.body
    assert brought["content-type"] == b"application/atom+xml; charset=utf-8"
    assert brought["link"] == f'<{desk.address}/hub>; rel="hub", <{topic(desk)}>; rel="self"'.encode()
    assert signed(brought, "geheim")


async def test_101_parameters_that_are_not_known_are_passed_over(desk: Newsroom, listener: Listener) -> None:
    await subscribed(desk, listener, foo="bar", verify="async")
    assert len(kept(desk)) == 1


async def test_102_who_subscribes_again_has_one_subscription_with_the_new_secret_and_lease(
    desk: Newsroom, listener: Listener
) -> None:
    await subscribed(desk, listener, secret="old", lease_seconds="600")
    await subscribed(desk, listener, secret="new", lease_seconds="86400")
    await news(desk, 2)
    (brought,) = listener.brought
    assert signed(brought, "new")
    (one,) = kept(desk)
    assert one.lease_until - desk.clock() > timedelta(hours=22)


async def test_103_who_unsubscribes_is_brought_nothing_more(desk: Newsroom, listener: Listener) -> None:
    await subscribed(desk, listener)
    await subscribed(desk, listener, mode="unsubscribe")
    assert [asked["hub.mode"] for asked in listener.questions] == ["subscribe", "unsubscribe"]
    assert kept(desk) == []
    await news(desk, 2)
    assert listener.brought == []


@pytest.mark.parametrize(
    ("form", "media_type"), [("rss", b"application/rss+xml"), ("json", b"application/feed+json")]
)
async def test_104_105_every_form_is_brought_with_its_own_type(
    desk: Newsroom, listener: Listener, form: str, media_type: bytes
) -> None:
    await subscribed(desk, listener, form)
    await news(desk, 2)
    (brought,) = listener.brought
    assert (brought["content-type"] or b"").startswith(media_type)
    assert brought.body == desk.published(f"world.{form}")
    assert brought["x-hub-signature"] is None


# -- who may subscribe


@pytest.mark.parametrize(
    "path", ["/other.atom", "/world.html", "/world/", "/feeds.opml", "/world.atom?x", "x/world.atom"]
)
async def test_only_our_feeds_can_be_subscribed_to(desk: Newsroom, listener: Listener, path: str) -> None:
    reply = await listener.ask(f"{desk.address}/hub", f"{desk.address}{path}")
    assert reply.status_code == 400
    assert "none of the feeds" in reply.text
    assert listener.questions == []


async def test_who_does_not_confirm_is_not_subscribed(desk: Newsroom, listener: Listener) -> None:
    listener.confirms = False
    await subscribed(desk, listener)
    assert len(listener.questions) == 1
    assert kept(desk) == []


async def test_a_redirect_is_no_confirmation(desk: Newsroom, listener: Listener) -> None:
    listener.path = "/moved"
    desk.web.otherwise("/moved", _moved)
    await subscribed(desk, listener)
    assert kept(desk) == []
    assert listener.questions == []


async def _moved(asked: Any, writer: Any) -> None:
    writer.write(redirect(302, asked.path.replace("/moved", "/callback")))


async def test_an_unsubscription_that_is_not_confirmed_ends_nothing(
    desk: Newsroom, listener: Listener
) -> None:
    await subscribed(desk, listener)
    listener.confirms = False
    await subscribed(desk, listener, mode="unsubscribe")
    assert len(kept(desk)) == 1


async def test_nobody_can_unsubscribe_from_nothing(desk: Newsroom, listener: Listener) -> None:
    reply = await listener.ask(f"{desk.address}/hub", topic(desk), "unsubscribe")
    assert reply.status_code == 404
    assert listener.questions == []


@pytest.mark.parametrize(
    "callback",
    ["http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]/", "http://2130706433.1/"],
)
async def test_a_private_callback_is_refused_unless_it_lies_within_allow_private(
    desk: Newsroom, callback: str
) -> None:
    form = {"hub.mode": "subscribe", "hub.topic": topic(desk), "hub.callback": callback}
    async with httpx.AsyncClient(trust_env=False) as client:
        reply = await client.post(f"{desk.address}/hub", data=form)
    assert reply.status_code == 400
    assert desk.office.desk.hub.under_way == 0


async def test_a_name_that_leads_to_a_private_address_is_not_dialled(tmp_path: Path) -> None:
    async with Web() as web:
        desk = Newsroom(web=web, folder=tmp_path, serve=True)
        web.answer("/feed", ok(rss(item(1))))
        yaml = YAML.replace("allow_private: 127.0.0.0/8", "allow_private: 127.0.0.9/32")
        await desk.start(yaml)
        listener = Listener(web=web)
        form = {
            "hub.mode": "subscribe",
            "hub.topic": topic(desk),
            "hub.callback": listener.url.replace("127.0.0.1", "localhost"),
        }
        async with httpx.AsyncClient(trust_env=False) as client:
            reply = await client.post(f"{desk.address}/hub", data=form)
        await eventually(lambda: not desk.office.desk.hub.under_way)
        assert (reply.status_code, listener.questions, web.requests) == (202, [], [])
        await desk.stop()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": b"{}", "headers": {"content-type": "application/json"}}, 415),
        ({"data": {"hub.mode": "publish", "hub.url": "x"}}, 400),
        ({"data": {"hub.mode": "subscribe", "hub.topic": "x" * 20_000}}, 400),
        ({"data": {f"a{n}": "b" for n in range(60)}}, 400),
        (
            {"content": b"hub.mode=%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
            400,
        ),
    ],
)
async def test_what_is_no_request_is_refused(desk: Newsroom, sent: dict[str, Any], status: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(f"{desk.address}/hub", **sent)).status_code == status


async def test_the_hub_takes_posts_only(desk: Newsroom) -> None:
    reply = await desk.get("/hub")
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")


async def test_without_a_hub_there_is_none(desk: Newsroom, listener: Listener) -> None:
    await desk.reload(config())
    reply = await listener.ask(f"{desk.address}/hub", topic(desk))
    assert reply.status_code == 405
    assert (await desk.get("/hub")).status_code == 404


# -- bounds


async def test_a_host_has_only_so_many_subscriptions(desk: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubbook, "MOST_AT_HOST", 2)
    for number in (1, 2):
        await subscribed(desk, Listener(web=desk.web, path=f"/callback{number}"))
    third = Listener(web=desk.web, path="/third")
    reply = await third.ask(f"{desk.address}/hub", topic(desk))
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "3600")
    assert third.questions == []
    await subscribed(desk, Listener(web=desk.web, path="/callback1"))  # a renewal takes no room


async def test_the_hub_has_only_so_many_subscriptions(
    desk: Newsroom, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubbook, "MOST", 1)
    await subscribed(desk, listener)
    reply = await Listener(web=desk.web, path="/second").ask(f"{desk.address}/hub", topic(desk))
    assert reply.status_code == 503


async def test_nobody_is_asked_back_more_often_than_so(
    desk: Newsroom, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener.confirms = False
    statuses = [(await listener.ask(f"{desk.address}/hub", topic(desk))).status_code for _ in range(110)]
    assert statuses == [202] * 100 + [429] * 10
    await eventually(lambda: not desk.office.desk.hub.under_way)
    assert len(listener.questions) <= 100
    desk.clock.forward(hours=1, seconds=1)
    assert (await listener.ask(f"{desk.address}/hub", topic(desk))).status_code == 202


# -- what is brought, and what comes of it


async def test_nothing_is_brought_when_nothing_has_changed(desk: Newsroom, listener: Listener) -> None:
    await subscribed(desk, listener)
    await told(desk)
    await desk.forward(hours=5)
    assert listener.brought == []


async def test_who_fails_is_tried_again_and_gets_the_present_document_once(
    desk: Newsroom, listener: Listener
) -> None:
    await subscribed(desk, listener)
    listener.answers = [ok(status="500 Internal Server Error"), hang_up()]
    await news(desk, 2)
    (one,) = kept_soon(desk)
    assert (one.attempts, one.error) == (1, "HTTP 500")
    desk.clock.forward(seconds=31)
    await desk.settle()
    assert len(listener.brought) == 2
    desk.web.answer("/feed", ok(rss(item(3), item(2), item(1))))
    await desk.next_request()
    await told(desk)
    assert listener.brought[-1].body == desk.published("world.atom")
    before = len(listener.brought)
    await told(desk)
    await desk.forward(hours=3)
    assert len(listener.brought) == before
    (one,) = kept_soon(desk)
    assert (one.attempts, one.next_try, one.error) == (0, None, None)


def kept_soon(desk: Newsroom) -> list[HubSubscription]:
    return desk.office.desk.hub.subscriptions


async def test_what_is_owed_survives_a_restart(tmp_path: Path) -> None:
    async with Web() as web:
        desk = Newsroom(web=web, folder=tmp_path, serve=True)
        web.answer("/feed", ok(rss(item(1))))
        yaml = YAML + "\nsite: {base_url: https://paper.example}"
        await desk.start(yaml)
        listener = Listener(web=web)
        reply = await listener.ask(f"{desk.address}/hub", "https://paper.example/world.atom", secret="s")
        assert reply.status_code == 202
        await eventually(lambda: not desk.office.desk.hub.under_way)
        listener.answers = [ok(status="503 Service Unavailable")]
        await news(desk, 2)
        await desk.stop()
        assert len(listener.brought) == 1
        desk.clock.forward(minutes=1)
        await desk.start()
        await told(desk)
        assert len(listener.brought) == 2
        assert signed(listener.brought[1], "s")
        assert listener.brought[1].body == desk.published("world.atom")
        await desk.restart()
        await told(desk)
        assert len(listener.brought) == 2
        await desk.stop()


async def test_410_ends_the_subscription(desk: Newsroom, listener: Listener) -> None:
    await subscribed(desk, listener)
    listener.answers = [ok(status="410 Gone")]
    await news(desk, 2)
    await told(desk)
    assert kept(desk) == []


async def test_who_fails_for_three_days_is_given_up(desk: Newsroom, listener: Listener) -> None:
    await subscribed(desk, listener)
    listener.answers = [ok(status="500 Internal Server Error")] * 100
    await news(desk, 2)
    for _ in range(100):
        desk.clock.forward(hours=1)
        await desk.settle()
    assert kept(desk) == []
    assert 15 <= len(listener.brought) <= 30


async def test_a_redirect_does_not_take_the_document(desk: Newsroom, listener: Listener) -> None:
    await subscribed(desk, listener)
    listener.answers = [redirect(302, "/elsewhere")]
    await news(desk, 2)
    assert desk.requests("/elsewhere") == []
    assert kept_soon(desk)[0].attempts == 1


async def test_a_lease_that_has_run_out_ends_the_subscription(desk: Newsroom, listener: Listener) -> None:
    await subscribed(desk, listener, lease_seconds="600")
    desk.clock.forward(minutes=11)
    await news(desk, 2)
    assert listener.brought == []
    assert kept(desk) == []


@pytest.mark.parametrize(
    "change", [("id: world, title: World", "id: earth, title: Earth"), ("hub: self", "hub: off")]
)
async def test_who_subscribed_to_what_is_gone_is_denied(
    desk: Newsroom, listener: Listener, change: tuple[str, str]
) -> None:
    await subscribed(desk, listener)
    await desk.reload(YAML.replace(*change))
    await told(desk)
    assert listener.questions[-1]["hub.mode"] == "denied"
    assert listener.questions[-1]["hub.topic"] == topic(desk)
    assert listener.questions[-1]["hub.reason"]
    assert kept(desk) == []


async def test_one_that_hangs_holds_up_no_other(desk: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = [Listener(web=desk.web, path=f"/hanging{number}") for number in range(3)]
    for one in hanging:
        await subscribed(desk, one)
    quick = Listener(web=desk.web, path="/zz")
    await subscribed(desk, quick)
    gate = hang_forever()
    for one in hanging:
        one.answers = [gate]
    desk.web.answer("/feed", ok(rss(item(2), item(1))))
    desk.clock.now = desk.next_poll() + timedelta(seconds=1)
    await desk.tick()
    await eventually(lambda: quick.brought)
    assert quick.brought[0].body == desk.published("world.atom")


def hang_forever() -> Any:
    async def script(asked: Any, writer: Any) -> None:
        await asyncio.Event().wait()

    return script


async def test_a_store_that_fails_for_a_while_loses_no_subscription(
    desk: Newsroom, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = desk.office.desk.store
    keep, failures = store.keep_hub_subscriptions, iter(range(1))

    def failing(subscriptions: Any) -> None:
        if next(failures, None) is not None:
            raise StorageError("the disk is full")
        keep(subscriptions)

    monkeypatch.setattr(store, "keep_hub_subscriptions", failing)
    await subscribed(desk, listener)
    assert kept(desk) == []
    await told(desk)
    assert len(kept(desk)) == 1
