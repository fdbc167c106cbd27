"""Manners towards those who are polled: lines 51 to 59 of the checklist."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.checklist.answers import late, tagged
from tests.checklist.newsroom import Newsroom, config
from tests.checklist.shipped import Shipped, configuration
from tests.support.documents import item, listing, page, rss
from tests.support.process import eventually
from tests.support.threaded import threaded_web
from tests.support.web import NOT_MODIFIED, Asked, Web, ok, redirect

FEED = rss(item(1), item(2))
HOUR = timedelta(hours=1)


def source(name: str, url: str = "", more: str = "") -> str:
    return f"{{id: {name}, url: '{url or '{web}/' + name}'{more}}}"


# -- 51, 52: what is sent


@pytest.mark.parametrize("base_url", [None, "https://paper.example"])
async def test_51_each_request_says_who_asks_and_where_to_read_about_it(
    newsroom: Newsroom, base_url: str | None
) -> None:
    newsroom.web.answer("/feed", redirect(302, "/b"))
    newsroom.web.answer("/b", ok(FEED, etag='"1"'), NOT_MODIFIED)
    await newsroom.start(config(more=f"site: {{base_url: '{base_url}'}}" if base_url else ""))
    await newsroom.polls(2)
    agents = {asked["user-agent"] or b"" for asked in newsroom.web.requests}
    assert len(agents) == 1
    (agent,) = agents
    assert re.match(rb"feed-aggregator/\d+\.\d+", agent)
    assert (b"(+https://paper.example" in agent) == (base_url is not None)


async def test_51_nothing_is_sent_that_is_not_needed(newsroom: Newsroom) -> None:
    moved = redirect(302, "/b?x=1").replace(b"Location", b"Set-Cookie: a=b; Path=/\r\nLocation")
    newsroom.web.answer("/feed?list=all&utm_source=rss", moved)
    newsroom.web.answer("/b?x=1", ok(FEED, set_cookie="c=d; Path=/", etag='"1"'), NOT_MODIFIED)
    await newsroom.start(config(source("feed", "{web}/feed?list=all&utm_source=rss")))
    await newsroom.until(lambda: len(newsroom.web.requests) >= 6)
    expected = ["/feed?list=all&utm_source=rss", "/b?x=1"] * (len(newsroom.web.requests) // 2)
    assert newsroom.web.paths() == expected
    allowed = {"host", "user-agent", "accept", "accept-encoding", "if-none-match", "a-im"}
    for asked in newsroom.web.requests:
        assert {name.decode() for name, _ in asked.headers} <= allowed


async def test_51_no_other_address_of_the_host_is_asked(newsroom: Newsroom) -> None:
    body = FEED.replace(b"<link>", b"<image><url>/icon.png</url></image><link>", 1)
    newsroom.web.answer("/feed", ok(body.replace(b"http://paper.example", newsroom.web.url("").encode())))
    await newsroom.start(config(interval="6h"))
    await newsroom.forward(days=2)
    assert set(newsroom.web.paths()) == {"/feed"}


async def test_52_feeds_are_asked_for_first_and_html_last_and_only_packed_as_can_be_bounded(
    newsroom: Newsroom,
) -> None:
    newsroom.web.answer("/feed", ok(FEED))
    await newsroom.start()
    (asked,) = newsroom.requests()
    weights = accepted(asked["accept"] or b"")
    order = [
        "application/atom+xml",
        "application/rss+xml",
        "application/feed+json",
        "application/xml",
        "text/html",
    ]
    assert [weights[one] for one in order] == sorted((weights[one] for one in order), reverse=True)
    assert weights["text/html"] == min(weights.values())
    assert list(weights)[-1] == "text/html"
    assert {name.strip() for name in (asked["accept-encoding"] or b"").split(b",")} <= {b"gzip", b"deflate"}


def accepted(field: bytes) -> dict[str, float]:
    """Media types with their weights (RFC 9110 §12.5.1)."""
    found = {}
    for part in field.decode("ascii").split(","):
        name, _, weight = part.strip().partition(";q=")
        found[name.strip()] = float(weight or 1)
    return found


# -- 53: hosts


class Crowd:
    """Answers after a while; counts who is there together, by host."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.now: Counter[bytes | None] = Counter()
        self.most: Counter[bytes | None] = Counter()
        self.starts: dict[bytes | None, list[float]] = {}

    async def __call__(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        host = asked["host"]
        self.starts.setdefault(host, []).append(asked.at)
        self.now[host] += 1
        self.most[host] = max(self.most[host], self.now[host])
        await asyncio.sleep(self.seconds)
        self.now[host] -= 1
        writer.write(ok(rss(item(asked.path))))


@pytest.mark.slow
def test_53_one_host_is_asked_by_two_at_a_time_a_second_apart_and_others_do_not_wait_for_it(
    tmp_path: Path,
) -> None:
    shipped = Shipped(tmp_path)
    crowd, single = Crowd(2.5), Crowd(0.1)
    with threaded_web("0.0.0.0") as web:
        for n in range(50):
            web.answer(f"/crowd{n}", crowd)
            web.answer(f"/single{n}", single)
        crowded = [web.url(f"/crowd{n}", "127.0.1.1") for n in range(50)]
        singles = [web.url(f"/single{n}", f"127.0.2.{n + 1}") for n in range(50)]
        manners = ", concurrency: 50, per_host: {concurrency: 2, spacing: 1s}"
        text = configuration(*crowded, *singles, more=manners).replace("base: 2s", "base: 1h")
        shipped.configure(text)
        with shipped.running():
            eventually(lambda: sum(map(len, crowd.starts.values())) >= 6)
    (starts,) = crowd.starts.values()
    assert max(crowd.most.values()) == 2
    # As they arrive: a busy machine delays one of two, which shortens the time between them, and not that of all.
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert min(gaps) > 0.5, gaps
    assert sum(gaps) > 0.9 * len(gaps), gaps
    others = [moment for moments in single.starts.values() for moment in moments]
    assert len(others) == 50
    assert max(others) - min([*others, *starts]) < 2


@pytest.mark.slow
def test_53_a_host_of_two_hundred_sources_starves_no_other(tmp_path: Path) -> None:
    shipped = Shipped(tmp_path)
    crowd = Crowd(0.5)
    with threaded_web("0.0.0.0") as web:
        for n in range(200):
            web.answer(f"/crowd{n}", crowd)
        web.answer("/other", tagged(FEED))
        crowded = [web.url(f"/crowd{n}", "127.0.1.1") for n in range(200)]
        shipped.configure(configuration(*crowded, web.url("/other", "127.0.2.1")))
        with shipped.running():
            eventually(lambda: crowd.starts)
            eventually(lambda: web.paths().count("/other") >= 4)
            times = [asked.at for asked in web.requests if asked.path == "/other"]
    (starts,) = crowd.starts.values()
    assert times[0] - starts[0] < 2
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 2 * 2 * 1.1 + 2


# -- 54: connections


async def test_54_the_sources_of_one_host_share_two_connections(newsroom: Newsroom) -> None:
    names = [f"s{n}" for n in range(30)]
    for n, name in enumerate(names):
        newsroom.web.answer(f"/{name}", late(ok(rss(item(n)), etag='"1"'), 0.005), NOT_MODIFIED)
    await newsroom.start(config(*map(source, names)))
    assert len(newsroom.web.requests) == 30
    assert newsroom.web.connections <= 2
    await newsroom.forward(seconds=10)
    assert len(newsroom.web.requests) > 60
    assert newsroom.web.connections <= 2


# -- 55: one address, several sources


async def test_55_an_address_that_is_configured_twice_is_asked_once_an_interval(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", tagged(FEED))
    first, second = (
        source("first", "{web}/feed", ", section: c"),
        source("second", "{web}/feed", ", section: b"),
    )
    sections = "sections: [{id: world, title: World, include: '*'}, {id: c, title: C}, {id: b, title: B}]"
    text = config(first, second, interval="1h").replace(
        'sections:\n  - {id: world, title: World, include: "*"}', sections
    )
    await newsroom.start(text)
    assert len(newsroom.requests()) == 1
    before = len(newsroom.requests())
    await newsroom.forward(hours=12)
    assert 10 <= len(newsroom.requests()) - before <= 13
    rows = {name: newsroom.row(name) for name in ("first", "second")}
    assert {row["state"] for row in rows.values()} == {"ok"}
    assert all(row["polls"] >= 10 for row in rows.values())
    assert sorted(newsroom.titles("c")) == sorted(newsroom.titles("b")) == ["新闻1", "新闻2"]
    assert sum(asked["if-none-match"] is None for asked in newsroom.requests()) == 1


# -- 56: names


@contextmanager
def resolver(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> Iterator[list[str]]:
    """The operating system's resolver as scripted; gives the look-ups."""
    asked: list[str] = []
    genuine = socket.getaddrinfo

    def getaddrinfo(host: str, port: object, *rest: object, **more: object) -> list[object]:
        if host not in names:
            return list(genuine(host, port, *rest, **more))  # type: ignore[arg-type]  # passed on
        asked.append(host)
        if not names[host]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        families = [socket.AF_INET6 if ":" in ip else socket.AF_INET for ip in names[host]]
        return [
            (family, socket.SOCK_STREAM, 6, "", (ip, port or 0))
            for family, ip in zip(families, names[host], strict=True)
        ]

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", getaddrinfo)
        yield asked


async def test_56_fifty_polls_of_one_host_in_a_minute_are_two_look_ups_at_most(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"s{n}" for n in range(25)]
    for n, name in enumerate(names):
        newsroom.web.answer(f"/{name}", ok(rss(item(n)), connection="close"))
    host = f"http://news.example:{newsroom.web.port}"
    with resolver(monkeypatch, {"news.example": ["127.0.0.1"]}) as asked:
        await newsroom.start(config(*(source(name, f"{host}/{name}") for name in names)))
        await newsroom.forward(seconds=10)
    assert len(newsroom.web.requests) >= 50
    assert newsroom.web.connections >= 50
    assert len(asked) <= 2


async def test_56_a_name_that_did_not_resolve_is_asked_for_again(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.web.answer("/feed", ok(FEED))
    names: dict[str, list[str]] = {"news.example": []}
    with resolver(monkeypatch, names):
        await newsroom.start(config(source("feed", f"http://news.example:{newsroom.web.port}/feed")))
        assert "does not resolve" in newsroom.row()["last_error"]
        names["news.example"] = ["127.0.0.1"]
        await newsroom.next_request()
    assert newsroom.row()["state"] == "ok"


@contextmanager
def black_hole(host: str, port: int) -> Iterator[None]:
    """A port at which nobody ever picks up: its queue is full, so that further attempts get no answer at all."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind((host, port))
        listening.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((host, port))
        yield


@pytest.mark.parametrize("dead", ["refused", "silent"])
async def test_56_one_dead_address_of_a_name_does_not_hide_a_good_one(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, dead: str
) -> None:
    newsroom.web.answer("/feed", ok(FEED))
    url = f"http://news.example:{newsroom.web.port}/feed"
    addresses = {"refused": ["::1", "127.0.0.1"], "silent": ["127.0.0.66", "127.0.0.1"]}[dead]
    allow = config(source("feed", url, ", allow_private: [127.0.0.0/8, '::1/128']"))
    with black_hole("127.0.0.66", newsroom.web.port), resolver(monkeypatch, {"news.example": addresses}):
        started = asyncio.get_running_loop().time()
        await newsroom.start(allow)
        assert asyncio.get_running_loop().time() - started < 3
    assert len(newsroom.titles()) == 2


# -- 57: a thousand at once


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_57_a_thousand_sources_do_not_start_in_one_second(newsroom: Newsroom) -> None:
    names = [f"s{n}" for n in range(1000)]
    starts: Counter[datetime] = Counter()

    async def note(asked: Asked, writer: asyncio.StreamWriter) -> None:
        starts[newsroom.clock()] += 1
        writer.write(NOT_MODIFIED if asked["if-none-match"] else ok(rss(item(asked.path)), etag='"1"'))

    for name in names:
        newsroom.web.answer(f"/{name}", note)
    await newsroom.start(config(*map(source, names), interval="1h", defaults="per_host: 50"))
    # From second to second at first; then what is due in half a minute starts in one, which is stricter than is asked.
    for step in [1] * 60 + [30] * 118:
        newsroom.clock.forward(seconds=step)
        await newsroom.settle()
    assert len(set(newsroom.web.paths())) == 1000
    assert max(starts.values()) <= 0.05 * sum(starts.values())


async def test_57_after_a_restart_the_longest_overdue_come_first_and_no_more_together_than_allowed(
    newsroom: Newsroom,
) -> None:
    names = [f"s{n}" for n in range(60)]
    for n, name in enumerate(names):
        newsroom.web.answer(f"/{name}", ok(rss(item(n))))
    text = config(*map(source, names), interval="1h", defaults="concurrency: 5, per_host: 50")
    await newsroom.start(text)
    await newsroom.until(lambda: all(newsroom.row(name)["polls"] for name in names))
    due = {name: newsroom.next_poll(name) for name in names}
    await newsroom.stop()
    crowd = Crowd(0.01)
    for name in names:
        newsroom.web.answer(f"/{name}", crowd)
    before = len(newsroom.web.requests)
    newsroom.clock.forward(days=1)
    await newsroom.start()
    await newsroom.until(lambda: len(newsroom.web.requests) - before >= 60)
    order = [path[1:] for path in newsroom.web.paths()[before : before + 60]]
    assert len(set(order)) == 60
    assert max(crowd.most.values()) <= 5
    expected = sorted(names, key=lambda name: due[name])
    assert all(abs(order.index(name) - expected.index(name)) <= 10 for name in names)


# -- 58


async def test_58_two_polls_of_one_source_never_overlap(newsroom: Newsroom) -> None:
    crowd = Crowd(0.5)
    newsroom.web.answer("/feed", crowd)
    await newsroom.start(settle=False)
    for _ in range(20):
        await newsroom.tick()
        newsroom.clock.forward(minutes=10)  # far beyond its interval, and beyond its lease
        await asyncio.sleep(0.02)
    await newsroom.settle()
    await newsroom.polls(2)
    assert max(crowd.most.values()) == 1


# -- 59: robots.txt

LINKS = [f"/guoji/{n}.html" for n in range(101, 104)]
PORTAL = "{id: portal, url: '{web}/guoji/'}"


def portal(web: Web, robots: bytes) -> None:
    web.answer("/robots.txt", robots)
    web.answer("/guoji/", ok(listing(*LINKS), content_type="text/html"))
    for n, link in enumerate(LINKS):
        web.answer(link, ok(page(f"第{n}号渔港的故事"), content_type="text/html"))


async def test_59_a_page_that_robots_txt_forbids_is_not_asked_for(newsroom: Newsroom) -> None:
    portal(newsroom.web, ok(b"User-agent: *\nDisallow: /guoji/"))
    await newsroom.start(config(PORTAL, interval="6h"))
    await newsroom.forward(days=2)
    assert set(newsroom.web.paths()) == {"/robots.txt"}
    assert "robots.txt" in newsroom.row("portal")["last_error"]


async def test_59_an_article_that_robots_txt_forbids_is_not_asked_for(newsroom: Newsroom) -> None:
    portal(newsroom.web, ok(f"User-agent: *\nDisallow: {LINKS[1]}".encode()))
    await newsroom.start(config(PORTAL, interval="6h"))
    await newsroom.forward(hours=13)
    assert LINKS[1] not in newsroom.web.paths()
    assert sorted(newsroom.titles()) == ["第0号渔港的故事", "第2号渔港的故事"]


async def test_59_robots_txt_is_asked_for_once_a_day_also_over_restarts(newsroom: Newsroom) -> None:
    portal(newsroom.web, ok(b"User-agent: *\nDisallow: /admin/"))
    await newsroom.start(config(PORTAL, interval="3h"))
    for _ in range(3):
        await newsroom.forward(hours=7)
        await newsroom.restart()
    assert len(newsroom.requests("/guoji/")) >= 6
    assert len(newsroom.requests("/robots.txt")) == 1
    await newsroom.forward(hours=24)
    assert len(newsroom.requests("/robots.txt")) == 2


@pytest.mark.parametrize("status", ["500 Broken", "503 Busy"])
async def test_59_while_robots_txt_is_broken_nothing_is_asked_for(newsroom: Newsroom, status: str) -> None:
    portal(newsroom.web, ok(status=status))
    await newsroom.start(config(PORTAL, interval="1h"))
    await newsroom.forward(hours=5)
    assert set(newsroom.web.paths()) == {"/robots.txt"}
    newsroom.web.answer("/robots.txt", ok(b""))
    await newsroom.until(lambda: newsroom.row("portal")["state"] == "ok")
    assert len(newsroom.titles()) == 3


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "410 Gone"])
async def test_59_without_a_robots_txt_everything_may_be_read(newsroom: Newsroom, status: str) -> None:
    portal(newsroom.web, ok(b"User-agent: *\nDisallow: /", status=status))
    await newsroom.start(config(PORTAL, interval="6h"))
    assert len(newsroom.titles()) == 3


async def test_59_a_configured_feed_is_asked_for_whatever_robots_txt_says(newsroom: Newsroom) -> None:
    newsroom.web.answer("/robots.txt", ok(b"User-agent: *\nDisallow: /"))
    newsroom.web.answer("/feed", ok(FEED))
    await newsroom.start()
    await newsroom.polls(2)
    assert set(newsroom.web.paths()) == {"/feed"}
    assert len(newsroom.titles()) == 2


async def test_59_the_pause_that_a_site_asks_for_is_kept(newsroom: Newsroom) -> None:
    portal(newsroom.web, ok(b"User-agent: *\nCrawl-delay: 0.3"))
    await newsroom.start(config(PORTAL, interval="6h"))
    times = [asked.at for asked in newsroom.web.requests if asked.path != "/robots.txt"]
    assert len(times) == 4
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 0.29
