"""100 to 205: from a document that names a hub to a subscription, and out of it again."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from storage.errors import StorageError
from storage.model import Subscription
from tests.checklist.newsroom import ONE_SOURCE, Newsroom, config
from tests.support.documents import item, listing, rss
from tests.support.hub import CHALLENGE, Hub
from tests.support.web import Asked, hang_up, ok, redirect

SLOW = "{base: 1h, min: 1h, max: 24h}"
YAML = config(interval=SLOW)
DAY = timedelta(days=1)


def agreed(newsroom: Newsroom) -> list[Subscription]:
    return newsroom.office.desk.store.subscriptions()


async def subscribed(newsroom: Newsroom, hub: Hub, yaml: str = YAML) -> None:
    newsroom.web.answer("/feed", ok(hub.feed(item(1)), etag='"1"'))
    await newsroom.start(yaml)
    await hub.settled()


# -- discovery


async def offered(newsroom: Newsroom, hub: Hub, answer: bytes, yaml: str = YAML, path: str = "/feed") -> str:
    """The topic that is asked for when the source is answered so."""
    newsroom.web.answer(path, answer)
    await newsroom.start(yaml)
    await hub.settled()
    assert [reply.status_code for reply in hub.answered] == [200]
    return hub.form["hub.topic"]


def header(hub: Hub, topic: str) -> str:
    return f'<{hub.url}>; rel="hub", <{topic}>; rel="self"'


async def test_100_a_hub_in_the_http_header_is_asked(newsroom: Newsroom, hub: Hub) -> None:
    answer = ok(rss(item(1)), link=header(hub, "/other"))
    assert await offered(newsroom, hub, answer) == newsroom.web.url("/other")


async def test_101_a_hub_in_a_page_is_asked(newsroom: Newsroom, hub: Hub) -> None:
    links = f'<link rel="hub" href="{hub.url}"><link rel="self" href="/news/"><title>'
    page = listing("/1.html", "/2.html", "/3.html").replace(b"<title>", links.encode())
    answer = ok(page, content_type="text/html")
    yaml = YAML.replace("{web}/feed", "{web}/latest")
    assert await offered(newsroom, hub, answer, yaml, "/latest") == newsroom.web.url("/news/")


async def test_102_a_hub_in_an_atom_feed_is_asked(newsroom: Newsroom, hub: Hub) -> None:
    atom = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>urn:t</id><link rel="hub" href="{hub.url}"/>'
        '<link rel="self" href="/atom"/><entry><id>urn:1</id><title>一</title></entry></feed>'
    )
    assert await offered(newsroom, hub, ok(atom.encode())) == newsroom.web.url("/atom")


async def test_103_a_hub_in_an_rss_feed_is_asked(newsroom: Newsroom, hub: Hub) -> None:
    assert await offered(newsroom, hub, ok(hub.feed(item(1)))) == newsroom.web.url("/feed")


async def test_104_the_http_header_goes_before_the_document(newsroom: Newsroom, hub: Hub) -> None:
    wrong = Hub(web=newsroom.web, path="/wrong")
    answer = ok(wrong.feed(item(1)), link=header(hub, "/other"))
    assert await offered(newsroom, hub, answer) == newsroom.web.url("/other")
    assert wrong.asked == []


# -- subscription


async def test_200_a_feed_of_another_self_address_is_asked_for_by_that(newsroom: Newsroom, hub: Hub) -> None:
    hub.topic = "/elsewhere"
    await subscribed(newsroom, hub)
    (form,) = hub.asked
    assert form["hub.mode"] == "subscribe"
    assert form["hub.topic"] == newsroom.web.url("/elsewhere")
    assert form["hub.callback"].startswith(f"{newsroom.address}/websub/")
    assert 32 <= len(form["hub.secret"]) < 200
    assert form["hub.lease_seconds"] == "864000"
    (reply,) = hub.answered
    assert (reply.status_code, reply.text) == (200, CHALLENGE)
    assert reply.headers["content-type"].startswith("text/plain")
    assert newsroom.row()["push"] == "active"
    assert newsroom.row()["push_until"] == "2026-03-12T08:00:00.000Z"


@pytest.mark.parametrize("status", [pytest.param(302, id="201"), pytest.param(301, id="202")])
async def test_201_202_a_topic_that_redirects_is_asked_for_by_what_its_document_says(
    newsroom: Newsroom, hub: Hub, status: int
) -> None:
    hub.topic = "/new"
    newsroom.web.answer("/new", ok(hub.feed(item(1))))
    assert await offered(newsroom, hub, redirect(status, "/new")) == newsroom.web.url("/new")


@pytest.mark.parametrize("status", [pytest.param(302, id="203"), pytest.param(301, id="204"), 307, 308])
async def test_203_204_a_hub_that_redirects_is_asked_where_it_points_to(
    newsroom: Newsroom, hub: Hub, status: int
) -> None:
    newsroom.web.answer("/old", redirect(status, "/hub"))
    feed = hub.feed(item(1)).replace(b"/hub", b"/old")
    await offered(newsroom, hub, ok(feed))
    assert [asked.raw.split()[0] for asked in newsroom.web.requests] == [b"GET", b"POST", b"POST"]
    assert len(hub.asked) == 1


@pytest.mark.parametrize(
    "question",
    [
        {"mode": "subscribe", "topic": "https://other.example/"},
        {"mode": "unsubscribe"},
        {"mode": "publish"},
        {"mode": "subscribe", "callback": "other"},
    ],
)
async def test_205_a_question_for_what_was_not_asked_for_is_a_404(
    newsroom: Newsroom, hub: Hub, question: dict[str, str]
) -> None:
    hub.confirms = False
    await subscribed(newsroom, hub)
    if "callback" in question:
        question = {**question, "callback": hub.callback[:-3] + "abc"}
    reply = await hub.ask(**question)
    assert (reply.status_code, reply.text) == (404, "")
    assert newsroom.row()["push"] == "asked"
    assert (await hub.ask("subscribe")).status_code == 200


async def test_each_subscription_has_an_address_and_a_secret_of_its_own(newsroom: Newsroom, hub: Hub) -> None:
    sources = (ONE_SOURCE, '{id: second, url: "{web}/second"}')
    newsroom.web.answer("/second", ok(hub.feed(item(2))))
    await subscribed(newsroom, hub, config(*sources, interval=SLOW))
    assert len({form["hub.callback"] for form in hub.asked}) == 2
    assert len({form["hub.secret"] for form in hub.asked}) == 2


async def test_a_hub_that_denies_is_noted_with_its_reason(newsroom: Newsroom, hub: Hub) -> None:
    hub.confirms = False
    await subscribed(newsroom, hub)
    assert (await hub.ask("denied", reason="not on the list")).status_code == 200
    assert newsroom.row()["push"] == "denied"
    assert newsroom.row()["push_error"] == "denied by the hub: not on the list"
    assert newsroom.wait() <= timedelta(hours=1.5)
    await newsroom.forward(hours=20)
    assert len(hub.asked) == 1
    await newsroom.forward(hours=6)
    assert len(hub.asked) > 1
    assert newsroom.row()["push"] == "asked"


@pytest.mark.parametrize("lease", [None, "0", "-1", "soon", "99999999999999999"])
async def test_a_lease_that_is_none_is_the_one_asked_for(
    newsroom: Newsroom, hub: Hub, lease: str | None
) -> None:
    hub.lease = lease
    await subscribed(newsroom, hub)
    assert newsroom.row()["push_until"] == "2026-03-12T08:00:00.000Z"


async def test_a_lease_is_renewed_at_80_percent_with_the_same_address(newsroom: Newsroom, hub: Hub) -> None:
    hub.lease = str(100 * 3600)
    await subscribed(newsroom, hub)
    await newsroom.forward(hours=79)
    assert len(hub.asked) == 1
    await newsroom.forward(hours=2)
    await hub.settled()
    first, second = hub.asked
    assert first == second
    assert newsroom.row()["push"] == "active"
    assert lease_end(newsroom) - newsroom.clock() >= timedelta(hours=98)


def lease_end(newsroom: Newsroom) -> datetime:
    (known,) = agreed(newsroom)
    assert known.lease_until is not None
    return known.lease_until


async def test_a_lease_is_renewed_after_a_restart_too(newsroom: Newsroom, hub: Hub) -> None:
    yaml = YAML + "\nsite: {base_url: https://reader.example}"
    newsroom.web.answer("/feed", ok(hub.feed(item(1))))
    hub.confirms = False
    await newsroom.start(yaml)
    callback = f"{newsroom.address}{urlsplit(hub.callback).path}"
    assert (await hub.ask("subscribe", callback=callback)).status_code == 200
    await newsroom.stop()
    newsroom.clock.forward(days=7)
    await newsroom.start()
    assert len(hub.asked) == 1
    newsroom.clock.forward(days=1)
    await newsroom.settle()
    assert len(hub.asked) == 2
    assert hub.asked[0] == hub.asked[1]


async def test_a_hub_is_told_of_our_new_address_at_the_start(newsroom: Newsroom, hub: Hub) -> None:
    await subscribed(newsroom, hub)
    await newsroom.restart()  # on another port
    await hub.settled()
    first, second = hub.asked
    assert first["hub.callback"] != second["hub.callback"]
    assert second["hub.callback"].startswith(newsroom.address)
    assert newsroom.row()["push"] == "active"


async def test_a_lease_of_a_clock_that_was_set_back_is_asked_for_anew(newsroom: Newsroom, hub: Hub) -> None:
    newsroom.clock.forward(days=365)
    await subscribed(newsroom, hub)
    await newsroom.set_clock(days=-365)
    await hub.settled()
    assert len(hub.asked) == 2
    assert agreed(newsroom)[0].lease_until == newsroom.clock() + 10 * DAY


async def test_a_store_that_fails_at_a_change_of_hubs_leaves_no_second_one(
    newsroom: Newsroom, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribed(newsroom, hub)
    other, store = Hub(web=newsroom.web, path="/other"), newsroom.office.desk.store
    keep, failures = store.keep_subscription, iter(range(1))

    def failing(subscription: Subscription) -> None:
        if next(failures, None) is not None:
            raise StorageError("the disk is full")
        keep(subscription)

    monkeypatch.setattr(store, "keep_subscription", failing)
    newsroom.web.answer("/feed", ok(other.feed(item(1)), etag='"2"'))
    await newsroom.next_request()
    for asked in (other, hub):
        await newsroom.settle()
        await asked.settled()
    assert [(known.hub, known.state) for known in agreed(newsroom)] == [(other.url, "active")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ok(b"no such topic", status="404 Not Found"), "HTTP 404: no such topic"),
        (ok(status="500 Internal Server Error"), "HTTP 500"),
        (hang_up(), "closed the connection"),
    ],
)
async def test_a_hub_that_refuses_is_asked_ever_more_seldom(
    newsroom: Newsroom, hub: Hub, answer: bytes, said: str
) -> None:
    newsroom.web.answer("/hub", answer)
    await subscribed(newsroom, hub)
    assert newsroom.row()["push"] == "asked"
    assert said in newsroom.row()["push_error"]
    for hours in (12, 12, 12, 12):
        for _ in range(hours * 12):
            newsroom.clock.forward(minutes=5)
            await newsroom.tick()
        await newsroom.settle()
    assert 8 <= len(newsroom.requests("/hub")) <= 10  # 5 min, 10, 20 … up to a day
    assert newsroom.row()["state"] == "ok"


async def test_what_a_hub_says_does_not_tell_our_secrets(newsroom: Newsroom, hub: Hub) -> None:
    async def echo(asked: Asked, writer: asyncio.StreamWriter) -> None:
        hub.asked.append(dict(parse_qsl(asked.body.decode())))
        writer.write(ok(" ".join(hub.form.values()).encode(), status="400 Bad Request"))

    newsroom.web.answer("/hub", echo)
    await subscribed(newsroom, hub)
    told = newsroom.row()["push_error"]
    assert "HTTP 400: subscribe" in told
    assert hub.callback.rpartition("/")[2] not in told
    assert hub.form["hub.secret"][:8] not in told


async def test_a_denial_does_not_tell_our_secrets(newsroom: Newsroom, hub: Hub) -> None:
    await subscribed(newsroom, hub)
    await hub.ask("denied", reason=f"cannot reach {hub.callback}")
    told = newsroom.row()["push_error"]
    assert "cannot reach" in told
    assert hub.callback.rpartition("/")[2] not in told


@pytest.mark.parametrize("fault", ["dead", "refuses", "never asks back", "denies"])
async def test_of_several_hubs_the_next_is_asked_when_one_does_not_do_its_work(
    newsroom: Newsroom, hub: Hub, fault: str
) -> None:
    first = Hub(web=newsroom.web, path="/first", confirms=False)
    if fault == "dead":
        newsroom.web.answer("/first", hang_up())
    elif fault == "refuses":
        first.answer = ok(status="500 Oh")
    links = f'<{first.url}>; rel="hub", <{hub.url}>; rel="hub", </feed>; rel="self"'
    newsroom.web.answer("/feed", ok(rss(item(1)), link=links))
    await newsroom.start(YAML)
    if fault == "denies":
        assert (await first.ask("denied", reason="full")).is_success
        await newsroom.forward(hours=24)
    await newsroom.forward(minutes=6)
    await hub.settled()
    (known,) = agreed(newsroom)
    assert (known.hub, known.state, known.error) == (hub.url, "active", None)
    assert hub.form["hub.secret"] == known.secret
    assert (await hub.push(rss(item(2)))).is_success
    await newsroom.settle()
    assert "新闻2" in newsroom.titles()
    newsroom.clock.forward(hours=1)
    await newsroom.tick()
    assert len(hub.asked) == 1


async def test_hubs_that_all_fail_are_asked_in_turn_and_ever_more_seldom(
    newsroom: Newsroom, hub: Hub
) -> None:
    first = Hub(web=newsroom.web, path="/first", confirms=False, answer=ok(status="500 Oh"))
    hub.confirms, hub.answer = False, ok(status="503 Oh")
    links = f'<{first.url}>; rel="hub", <{hub.url}>; rel="hub", </feed>; rel="self"'
    newsroom.web.answer("/feed", ok(rss(item(1)), link=links))
    await newsroom.start(YAML)
    for _ in range(26):
        await newsroom.forward(minutes=1)
    assert (len(first.asked), len(hub.asked)) == (2, 1)
    (known,) = agreed(newsroom)
    assert "HTTP 500" in (known.error or "")


async def test_a_hub_that_never_asks_back_is_named(newsroom: Newsroom, hub: Hub) -> None:
    hub.confirms = False
    await subscribed(newsroom, hub)
    assert newsroom.row()["push_error"] is None
    await newsroom.forward(hours=2)
    assert "never asked back" in newsroom.row()["push_error"]
    assert newsroom.address in newsroom.row()["push_error"]


# -- who is asked


async def test_websub_off_asks_nobody(newsroom: Newsroom, hub: Hub) -> None:
    await subscribed(newsroom, hub, config(defaults="websub: off", interval=SLOW))
    assert hub.asked == []
    assert newsroom.row()["push"] == "none"


@pytest.mark.parametrize(
    "base",
    ["", "http://127.0.0.1:8000", "http://192.168.1.5", "http://[::1]", "http://localhost", "http://desk"],
)
async def test_a_public_hub_is_not_asked_to_reach_a_private_address(newsroom: Newsroom, base: str) -> None:
    feed = rss(item(1))
    newsroom.web.answer("/feed", ok(feed, link="<http://93.184.216.34/hub>; rel=hub"))
    await newsroom.start(YAML + (f"\nsite: {{base_url: '{base}'}}" if base else ""))
    assert agreed(newsroom) == []


async def test_a_public_address_goes_to_any_hub(newsroom: Newsroom, hub: Hub) -> None:
    hub.confirms = False
    await subscribed(newsroom, hub, YAML + "\nsite: {base_url: https://reader.example/paper}")
    assert hub.callback.startswith("https://reader.example/paper/websub/")


async def test_a_hub_in_a_private_network_is_not_dialled_unless_it_is_named(newsroom: Newsroom) -> None:
    feed = rss(item(1))
    newsroom.web.answer("/feed", ok(feed, link="<http://169.254.169.254/hub>; rel=hub"))
    await newsroom.start(YAML + "\nsite: {base_url: https://reader.example}")
    assert (
        "169.254.0.0/16" in newsroom.row()["push_error"] or "169.254.169.254" in newsroom.row()["push_error"]
    )


# -- out of it


@pytest.mark.parametrize(
    "yaml",
    [
        pytest.param(config('{id: second, url: "{web}/second"}', interval=SLOW), id="removed"),
        pytest.param(config(defaults="websub: off", interval=SLOW), id="switched off"),
        pytest.param(config('{id: feed, url: "{web}/second"}', interval=SLOW), id="another address"),
        pytest.param(config('{id: feed, url: "{web}/feed", enabled: no}', interval=SLOW), id="paused"),
    ],
)
async def test_a_source_that_wants_no_pushes_any_more_takes_its_leave(
    newsroom: Newsroom, hub: Hub, yaml: str
) -> None:
    await subscribed(newsroom, hub)
    await newsroom.reload(yaml)
    await newsroom.settle()
    await hub.settled()
    ended = hub.asked[-1]
    assert ended["hub.mode"] == "unsubscribe"
    assert ended["hub.callback"] == hub.callback
    assert (hub.answered[-1].status_code, hub.answered[-1].text) == (200, CHALLENGE)
    assert agreed(newsroom) == []
    assert (await hub.push(rss(item(2)))).status_code == 404


async def test_a_source_that_is_gone_takes_its_leave(newsroom: Newsroom, hub: Hub) -> None:
    newsroom.web.answer("/feed", ok(hub.feed(item(1))), ok(status="410 Gone"))
    await newsroom.start(YAML)
    await hub.settled()
    await newsroom.until(lambda: newsroom.row()["state"] == "gone")
    await newsroom.settle()
    await hub.settled()
    assert [form["hub.mode"] for form in hub.asked] == ["subscribe", "unsubscribe"]
    assert agreed(newsroom) == []


async def test_a_feed_that_names_another_hub_is_asked_for_there(newsroom: Newsroom, hub: Hub) -> None:
    await subscribed(newsroom, hub)
    other = Hub(web=newsroom.web, path="/other")
    newsroom.web.answer("/feed", ok(other.feed(item(1))))
    await newsroom.next_request()
    await newsroom.settle()
    await hub.settled()
    await other.settled()
    assert [form["hub.mode"] for form in hub.asked] == ["subscribe", "unsubscribe"]
    assert [form["hub.mode"] for form in other.asked] == ["subscribe"]
    (known,) = agreed(newsroom)
    assert (known.hub, known.state) == (other.url, "active")


async def test_a_hub_that_takes_no_leave_is_left_after_three_requests(newsroom: Newsroom, hub: Hub) -> None:
    await subscribed(newsroom, hub)
    hub.confirms = False
    await newsroom.reload(config(defaults="websub: off", interval=SLOW))
    await newsroom.settle()
    assert (await hub.push(rss(item(2)))).status_code == 404
    for _ in range(24 * 4):
        newsroom.clock.forward(minutes=15)
        await newsroom.settle()
    assert [form["hub.mode"] for form in hub.asked] == ["subscribe", *["unsubscribe"] * 3]
    assert agreed(newsroom) == []
