"""Adaptive, push, life-cycle: lines 60 to 70 of the checklist."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.checklist.answers import slowly, tagged
from tests.checklist.newsroom import Newsroom, config
from tests.checklist.shipped import Shipped, configuration, cpu_seconds, resident
from tests.support.documents import item, rss
from tests.support.hub import Hub
from tests.support.process import Process, aggregator, eventually
from tests.support.room import MORNING
from tests.support.threaded import threaded_web
from tests.support.web import NOT_MODIFIED, Asked, Web, ok


@pytest.fixture
def web() -> Iterator[Web]:
    with threaded_web() as web:
        yield web


@pytest.fixture
def shipped(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path)


def ended(daemon: Process, number: signal.Signals) -> tuple[int, float]:
    """Exit status, and the seconds it took."""
    started = time.monotonic()
    daemon.signal(number)
    status = daemon.end()
    return status, time.monotonic() - started


def asked(web: Web, path: str, times: int = 1) -> Callable[[], bool]:
    return lambda: web.paths().count(path) >= times


# -- 60, 61: the rhythm

ADAPTIVE = "{adaptive: yes}"
BEGUN = MORNING - timedelta(days=60)


class Press:
    """A source that publishes by the clock; its document holds the latest articles."""

    def __init__(self, newsroom: Newsroom, every: timedelta, *, window: int = 20) -> None:
        self._newsroom, self._every, self._window = newsroom, every, window

    @property
    def published(self) -> int:
        """How many articles so far."""
        return (self._newsroom.clock() - BEGUN) // self._every

    async def __call__(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        newest = self.published
        entries = [
            item(n, date=format_datetime(BEGUN + n * self._every, usegmt=True))
            for n in range(newest, newest - self._window, -1)
        ]
        body = rss(*entries)
        tag = f'"{newest}"'
        current = asked["if-none-match"] == tag.encode()
        writer.write(NOT_MODIFIED if current else ok(body, etag=tag))


async def test_60_a_busy_source_is_polled_more_than_five_times_as_often_as_a_quiet_one(
    newsroom: Newsroom,
) -> None:
    newsroom.web.answer("/busy", Press(newsroom, timedelta(minutes=6)))
    newsroom.web.answer("/quiet", Press(newsroom, timedelta(days=7)))
    sources = ("{id: busy, url: '{web}/busy'}", "{id: quiet, url: '{web}/quiet'}")
    await newsroom.start(config(*sources, interval=ADAPTIVE))
    before = {path: len(newsroom.requests(path)) for path in ("/busy", "/quiet")}
    await newsroom.forward(hours=12)
    busy, quiet = (len(newsroom.requests(path)) - before[path] for path in ("/busy", "/quiet"))
    assert busy > 5 * quiet
    assert quiet >= 1
    assert "adaptive" in newsroom.row("busy")["next_poll_reason"]


@pytest.mark.parametrize("month", ["Jan 2026", "Feb 2021"])
@pytest.mark.parametrize("limits", ["{}", "{max_age: 3d}"])
async def test_60_a_dormant_source_is_asked_daily_after_ten_idle_polls_and_comes_back_at_once(
    newsroom: Newsroom, month: str, limits: str
) -> None:
    old = [item(n, date=f"{n:02} {month} 07:00:00 GMT") for n in range(1, 9)]
    newsroom.web.answer("/feed", tagged(rss(*old)))
    await newsroom.start(config(interval=ADAPTIVE, defaults=f"first_fetch: {limits}"))
    for _ in range(10):
        await newsroom.next_request()
    assert newsroom.wait() >= timedelta(hours=24)
    fresh = format_datetime(newsroom.next_poll() - timedelta(hours=1), usegmt=True)
    newsroom.web.answer("/feed", tagged(rss(item(9, date=fresh), *old), '"2"'))
    await newsroom.next_request()
    assert newsroom.wait() <= timedelta(minutes=15) * 1.1


async def test_61_no_article_is_missed_of_a_source_that_shows_the_last_five(newsroom: Newsroom) -> None:
    press = Press(newsroom, timedelta(minutes=1), window=5)
    newsroom.web.answer("/feed", press)
    await newsroom.start(config(interval="{adaptive: yes, min: 30s, max: 24h}"))
    first, printed = press.published, set[str]()
    for _ in range(6):
        await newsroom.forward(minutes=10)
        printed |= set(newsroom.titles())
    await newsroom.next_request()
    printed |= set(newsroom.titles())
    assert printed >= {f"新闻{n}" for n in range(first - 4, press.published)}
    assert len(newsroom.requests()) <= 121  # never below its min


# -- 62: older documents


def chained(web: Web, newest: int) -> None:
    """A feed of the articles ``newest`` and the one before; behind it, two by two, all older ones."""
    day = "Mon, {:02} Feb 2026 07:00:00 GMT"
    for number in range(newest, 0, -2):
        older = (
            f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="prev-archive" href="/{number - 2}"/>'
        )
        entries = [item(n, date=day.format(n)) for n in (number, number - 1)]
        body = rss(*([older] if number > 2 else []), *entries)
        web.answer("/feed" if number == newest else f"/{number}", ok(body))


async def test_62_the_older_documents_of_a_new_source_are_read_once_and_not_for_ever(
    newsroom: Newsroom,
) -> None:
    chained(newsroom.web, 28)
    await newsroom.start()
    older = [path for path in newsroom.web.paths() if path != "/feed"]
    assert 1 <= len(older) == len(set(older)) < 13
    assert len(newsroom.titles()) == 2 + 2 * len(older)
    await newsroom.polls(3)
    assert [path for path in newsroom.web.paths() if path != "/feed"] == older


async def test_62_how_far_back_is_configurable(newsroom: Newsroom) -> None:
    chained(newsroom.web, 28)
    await newsroom.start(config(defaults="first_fetch: {archives: 0}"))
    assert newsroom.web.paths() == ["/feed"]


async def test_62_they_are_read_when_a_gap_may_have_formed(newsroom: Newsroom) -> None:
    chained(newsroom.web, 20)
    await newsroom.start()
    newsroom.web.requests.clear()
    chained(newsroom.web, 28)  # 21 to 26 have scrolled out of the feed unseen
    await newsroom.next_request()
    assert {f"新闻{n}" for n in range(21, 29)} <= set(newsroom.titles())
    assert newsroom.web.paths()[0] == "/feed"
    assert "/10" not in newsroom.web.paths()


# -- 63: push (tests/websub goes through 100 to 302 one by one)


@pytest.fixture
async def pushed(newsroom: Newsroom) -> Hub:
    """The hub of the one source, which is subscribed to it."""
    hub = Hub(web=newsroom.web)
    newsroom.serve = True
    newsroom.web.answer("/feed", ok(hub.feed(item(1)), etag='"1"'), NOT_MODIFIED)
    await newsroom.start(config(interval="1h"))
    await hub.settled()
    return hub


async def test_63_what_a_hub_pushes_is_published_without_a_poll(newsroom: Newsroom, pushed: Hub) -> None:
    assert (await pushed.push(rss(item(2)))).is_success
    await newsroom.settle()
    assert sorted(newsroom.titles()) == ["新闻1", "新闻2"]
    assert len(newsroom.requests()) == 1


@pytest.mark.parametrize(
    "signature", ["sha256=" + "0" * 64, "nonsense", None], ids=["wrong", "none", "missing"]
)
async def test_63_what_is_not_signed_rightly_is_answered_with_2xx_and_discarded(
    newsroom: Newsroom, pushed: Hub, signature: str | None
) -> None:
    assert (await pushed.push(rss(item(2)), signature=signature)).is_success
    await newsroom.settle()
    assert newsroom.titles() == ["新闻1"]


async def test_63_polls_are_a_safety_net_while_pushes_come_and_more_again_when_they_stop(
    newsroom: Newsroom, pushed: Hub
) -> None:
    await pushed.push(rss(item(2)))
    await newsroom.settle()
    await newsroom.next_request()
    assert newsroom.wait() > timedelta(hours=4)
    newsroom.web.answer("/hub", ok(status="503 Busy"))
    await newsroom.forward(days=12)  # the lease of ten days cannot be renewed
    before = len(newsroom.requests())
    await newsroom.forward(hours=12)
    assert len(newsroom.requests()) - before >= 10


async def test_63_the_lease_is_renewed_before_it_ends(newsroom: Newsroom, pushed: Hub) -> None:
    await newsroom.forward(days=9)
    await pushed.settled()
    assert len(pushed.asked) == 2
    assert newsroom.row()["push"] == "active"


# -- 64: the end


@pytest.mark.slow
def test_64_sigterm_lets_a_slow_fetch_end_and_keeps_all_of_it(shipped: Shipped, web: Web) -> None:
    web.answer("/feed", slowly(ok(rss(*(item(n) for n in range(9))), etag='"1"'), 2.0), tagged(b""))
    shipped.configure(configuration(web.url("/feed")))
    with shipped.running() as daemon:
        eventually(asked(web, "/feed"))
        status, seconds = ended(daemon, signal.SIGTERM)
    assert (status, seconds < 20) == (0, True)
    assert len(shipped.articles()) == 9
    aggregator("run", "--once", "--all", folder=shipped.folder, check=True)
    assert web.requests[-1]["if-none-match"] == b'"1"'


@pytest.mark.slow
def test_64_sigterm_during_a_fetch_that_does_not_end_takes_at_most_20_seconds(
    shipped: Shipped, web: Web
) -> None:
    feed = ok(rss(*(item(n) for n in range(9))), etag='"1"')
    web.answer("/feed", slowly(feed, 3600.0), feed)
    shipped.configure(configuration(web.url("/feed")))
    with shipped.running() as daemon:
        eventually(asked(web, "/feed"))
        status, seconds = ended(daemon, signal.SIGTERM)
    assert (status, seconds < 20) == (0, True)
    assert shipped.articles() == []
    aggregator("run", "--once", folder=shipped.folder, check=True)  # still due: nothing of that poll was kept
    assert web.requests[-1]["if-none-match"] is None
    assert len(shipped.articles()) == len(shipped.published()) == 9


@pytest.mark.slow
def test_64_after_a_kill_in_the_middle_of_a_fetch_nothing_is_lost_and_nothing_printed_twice(
    shipped: Shipped, web: Web
) -> None:
    first, second = (item(n) for n in range(2))
    changed = slowly(ok(rss(first, second), etag='"2"'), 3600.0)
    web.answer("/feed", ok(rss(first), etag='"1"'), changed, tagged(rss(first, second), '"2"'))
    shipped.configure(configuration(web.url("/feed")))
    with shipped.running() as daemon:
        eventually(asked(web, "/feed", 2))
        ended(daemon, signal.SIGKILL)
    assert len(shipped.articles()) == 1
    aggregator("run", "--once", "--all", folder=shipped.folder, check=True)
    assert [request["if-none-match"] for request in web.requests] == [None, b'"1"', b'"1"']
    assert sorted(shipped.published()) == ["新闻0", "新闻1"]
    assert len(shipped.articles()) == 2


# -- 65: another configuration


@pytest.mark.slow
@pytest.mark.parametrize("hangup", [True, False], ids=["SIGHUP", "the file alone"])
def test_65_a_reload_starts_new_sources_ends_removed_ones_and_leaves_the_others_alone(
    shipped: Shipped, web: Web, hangup: bool
) -> None:
    for path in ("/kept", "/removed", "/new"):
        web.answer(path, tagged(rss(item(path, link=f"http://paper.example{path}"))))
    kept = f"{{id: kept, url: '{web.url('/kept')}', interval: 1h}}"
    shipped.configure(configuration(kept, web.url("/removed")))
    with shipped.running() as daemon:
        daemon.said("polled .*kept")
        eventually(asked(web, "/removed", 2))
        before = shipped.status()["kept"]["next_poll"]
        shipped.configure(configuration(kept, web.url("/new")))
        if hangup:
            daemon.signal(signal.SIGHUP)
        changed = time.monotonic()
        eventually(asked(web, "/new"))
        assert time.monotonic() - changed < 5
        gone_by_now = web.paths().count("/removed")
        eventually(asked(web, "/new", 2))
        assert shipped.status()["kept"]["next_poll"] == before
        assert web.paths().count("/removed") == gone_by_now
        assert web.paths().count("/kept") == 1


# -- 66: the clock is set


@pytest.mark.parametrize("days", [1, -1])
async def test_66_when_the_clock_is_set_sources_are_neither_asked_all_at_once_nor_forgotten(
    newsroom: Newsroom, days: int
) -> None:
    names = [f"s{n}" for n in range(60)]
    starts: list[datetime] = []

    async def note(asked: Asked, writer: asyncio.StreamWriter) -> None:
        starts.append(newsroom.clock())
        writer.write(NOT_MODIFIED if asked["if-none-match"] else ok(rss(item(asked.path)), etag='"1"'))

    async def live(minutes: int) -> None:
        for _ in range(minutes):
            newsroom.clock.forward(minutes=1)
            await newsroom.settle()

    for name in names:
        newsroom.web.answer(f"/{name}", note)
    sources = [f"{{id: {name}, url: '{{web}}/{name}'}}" for name in names]
    await newsroom.start(config(*sources, interval="1h", defaults="per_host: 50"))
    await live(minutes=120)
    starts.clear()
    await newsroom.set_clock(days=days)
    jumped = newsroom.clock()
    await live(minutes=90)
    assert max(Counter(starts).values()) <= 60 / 3  # in one minute; by chance it is 14 now and then
    assert jumped < min(starts) < jumped + timedelta(hours=1, minutes=10)
    asked = Counter(newsroom.web.paths())
    assert all(asked[f"/{name}"] >= 3 for name in names)  # the first, one in the two hours, one since
    assert len(starts) >= 60


# -- 67: a loop that stood still


@pytest.mark.slow
def test_67_no_due_source_is_skipped_after_the_program_stood_still_for_5_seconds(
    shipped: Shipped, web: Web
) -> None:
    paths = [f"/{n}" for n in range(20)]
    for path in paths:
        web.answer(path, tagged(rss(item(path, link=f"http://paper.example{path}"))))
    shipped.configure(configuration(*map(web.url, paths), more=", per_host: 20"))
    with shipped.running() as daemon:
        eventually(lambda: all(asked(web, path, 2)() for path in paths))
        daemon.signal(signal.SIGSTOP)
        before = len(web.requests)
        time.sleep(5)
        daemon.signal(signal.SIGCONT)
        resumed = time.monotonic()
        eventually(lambda: set(web.paths()[before:]) == set(paths))
        assert time.monotonic() - resumed < 6  # the machine may be busy
        assert max(web.paths()[before:].count(path) for path in paths) <= 2


# -- 68: what ten thousand sources cost


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_68_ten_thousand_sources_are_fetched_quickly_and_cost_nearly_nothing_when_idle(
    shipped: Shipped, web: Web
) -> None:
    for n in range(10_000):
        web.answer(f"/{n}", ok(rss(item(n))))
    sources = (web.url(f"/{n}") for n in range(10_000))
    # Ten thousand items of one pattern are all candidates of each other: what that costs is measured elsewhere.
    alone = "dedup: {near: {enabled: no}}\n"
    polled = configuration(*sources, more=", per_host: 50").replace("base: 2s", "base: 1h")
    shipped.configure(alone + polled)
    started = time.monotonic()
    run = aggregator("run", "--once", folder=shipped.folder, timeout=300)
    took = time.monotonic() - started
    assert run.returncode == 0, run.stderr[-2000:]
    assert len(web.requests) == 10_000
    with shipped.running() as daemon:
        time.sleep(3)  # the start is not what is measured
        before, usage = time.monotonic(), cpu_seconds(daemon.pid)
        time.sleep(8)
        share = (cpu_seconds(daemon.pid) - usage) / (time.monotonic() - before)
        megabytes = resident(daemon.pid) / 2**20
    print(f"10,000 sources: {10_000 / took:.0f}/s; idle: {share:.2%} of a core, {megabytes:.0f} MiB")
    assert share < 0.03  # the aim is 0.01; tests/benchmarks has the exact figure
    assert megabytes < 230  # the aim is 120; measured 200, of which 46 are the configuration


# -- 69: two on one database


@pytest.mark.slow
def test_69_of_two_programs_on_one_database_one_polls_and_the_other_says_why_not(
    shipped: Shipped, web: Web
) -> None:
    for path in ("/a", "/b"):
        web.answer(path, tagged(rss(item(path, link=f"http://paper.example{path}"))))
    shipped.configure(configuration(web.url("/a"), web.url("/b")).replace("base: 2s", "base: 1h"))
    with shipped.running() as daemon:
        daemon.said("polled", times=2)
        second = aggregator("run", folder=shipped.folder)
        assert second.returncode == 1
        assert "aggregator.db" in second.stderr
        assert sorted(web.paths()) == ["/a", "/b"]


@pytest.mark.slow
def test_69_what_a_killed_owner_had_claimed_is_polled_by_the_next(shipped: Shipped, web: Web) -> None:
    web.answer("/feed", slowly(ok(b""), 3600.0), ok(rss(item(1))))
    shipped.configure(configuration(web.url("/feed")))
    with shipped.running() as daemon:
        eventually(asked(web, "/feed"))
        ended(daemon, signal.SIGKILL)
    with shipped.running():
        eventually(asked(web, "/feed", 2))
        eventually(lambda: len(shipped.articles()) == 1)


# -- 70: what status says


async def test_70_status_tells_of_each_source_how_it_fares_and_why_it_is_asked_when(
    newsroom: Newsroom,
) -> None:
    answers = {
        "fine": ok(rss(item(1))),
        "fresh": ok(rss(item(2)), cache_control="max-age=7200"),
        "missing": ok(status="404 Not Found"),
        "limited": ok(status="503 Busy", retry_after="7200"),
        "broken": ok(b"<html><title>Oops</title></html>", content_type="text/html"),
        "taken": ok(status="410 Gone"),
    }
    for name, answer in answers.items():
        newsroom.web.answer(f"/{name}", answer)
    sources = [f"{{id: {name}, url: '{{web}}/{name}'}}" for name in answers]
    adaptive = "{id: learnt, url: '{web}/fine?2', interval: {adaptive: yes}}"
    newsroom.web.answer("/fine?2", tagged(rss(item(7))))
    await newsroom.start(
        config(*sources, adaptive, "{id: off, url: '{web}/off', enabled: no}", interval="1h")
    )
    said = {
        row["source"]: (row["state"], row["last_status"], row["last_error"], row["next_poll_reason"])
        for row in newsroom.rows()
    }
    reasons = {name: reason for name, (_, _, _, reason) in said.items()}
    assert reasons["fine"].startswith("interval 1h")
    assert reasons["fresh"] == "max-age 2h"
    assert reasons["learnt"].startswith("adaptive")
    assert reasons["limited"] == "retry-after 2h"
    assert reasons["missing"] == reasons["broken"] == "back-off after 1 failure"
    assert reasons["taken"].startswith("gone")
    assert reasons["off"] == "paused (enabled: no)"
    assert {name: (state, status) for name, (state, status, _, _) in said.items()} == {
        "fine": ("ok", 200),
        "fresh": ("ok", 200),
        "learnt": ("ok", 200),
        "missing": ("failing", 404),
        "limited": ("failing", 503),
        "broken": ("failing", 200),
        "taken": ("failing", 410),
        "off": ("paused", None),
    }
    errors = {name: error for name, (_, _, error, _) in said.items()}
    assert errors["fine"] is errors["fresh"] is errors["off"] is None
    for name, word in {"missing": "404", "limited": "503", "broken": "HTML page", "taken": "410"}.items():
        assert word in errors[name]
    for row in newsroom.rows():
        assert (row["last_poll"] is None) == (row["source"] == "off")
        assert (row["next_poll"] is None) == (row["source"] == "off")


async def test_70_status_counts_the_polls_that_cost_nothing(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", tagged(rss(item(1))))
    await newsroom.start()
    await newsroom.polls(3)
    row = newsroom.row()
    assert (row["polls"], row["not_modified"], row["last_status"]) == (4, 3, 304)
    newsroom.web.answer("/feed", ok(status="500 Broken"))
    await newsroom.next_request()
    row = newsroom.row()
    assert (row["polls"], row["not_modified"], row["failures"], row["last_status"]) == (5, 3, 1, 500)
    assert row["failing_since"] == row["last_poll"]


@pytest.mark.slow
def test_70_the_command_prints_it_beside_the_running_daemon(shipped: Shipped, web: Web) -> None:
    web.answer("/feed", tagged(rss(item(1))))
    web.answer("/bad", ok(status="404 Not Found"))
    shipped.configure(configuration(web.url("/feed"), web.url("/bad")))
    with shipped.running():
        eventually(asked(web, "/feed", 3))
        rows = {row["url"]: row for row in shipped.status().values()}
        table = aggregator("status", folder=shipped.folder, check=True).stdout
    assert (rows[web.url("/feed")]["last_status"], rows[web.url("/bad")]["last_status"]) == (304, 404)
    assert rows[web.url("/feed")]["next_poll_reason"].startswith("interval 2s")
    assert "404" in table
    assert re.search(r"back-off after \d failure", table)
    assert re.search(r"\d\d%", table)
