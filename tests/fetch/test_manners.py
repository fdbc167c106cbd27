"""Manners: what is sent, how often, and to whom at the same time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from aggregator.fetch import Fetcher, HostManners, Hosts, Kind
from aggregator.fetch.hosts import Turn
from tests.fetch.conftest import AGENT, LOOPBACK, get, request
from tests.support.web import Web, ok, redirect


class FakeTime:
    """A clock that stands until all sleep; then it goes on to the first who wakes."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, next(self._count), woken))
        await woken

    async def run(self, *tasks: asyncio.Task[None]) -> None:
        await self._settle()
        while not all(task.done() for task in tasks):
            self._sleepers.sort()
            self.now, _, woken = self._sleepers.pop(0)
            woken.set_result(None)
            await self._settle()
        await asyncio.gather(*tasks)

    async def _settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


class Street:
    """Visits to hosts under a fake clock: when each began, and how many were there together."""

    def __init__(self, concurrency: int = 50) -> None:
        self.time = FakeTime()
        self.hosts = Hosts(concurrency, monotonic=self.time.monotonic, sleep=self.time.sleep)
        self.starts: list[tuple[str, str, float]] = []
        self.most: dict[str, int] = {}
        self._now: dict[str, int] = {}

    def visit(
        self, host: str, name: str = "", *, lasts: float = 0.5, concurrency: int = 2, spacing: float = 1.0
    ) -> asyncio.Task[None]:
        async def visit() -> None:
            async with self.hosts.turn(host, concurrency=concurrency, spacing=spacing), self._counted(host):
                self.starts.append((host, name, self.time.now))
                await self.time.sleep(lasts)

        return asyncio.create_task(visit())

    @asynccontextmanager
    async def _counted(self, host: str) -> AsyncIterator[None]:
        for key in (host, "all"):
            self._now[key] = self._now.get(key, 0) + 1
            self.most[key] = max(self.most.get(key, 0), self._now[key])
        yield
        for key in (host, "all"):
            self._now[key] -= 1


async def test_starts_at_one_host_are_spaced() -> None:
    street = Street()
    await street.time.run(*(street.visit("a") for _ in range(50)))
    assert [at for _, _, at in street.starts] == [float(second) for second in range(50)]


async def test_no_more_than_allowed_are_at_one_host_together() -> None:
    street = Street()
    await street.time.run(*(street.visit("a", lasts=10, spacing=0) for _ in range(10)))
    assert street.most["a"] == 2
    assert street.time.now == 50


async def test_fifty_hosts_are_visited_at_once() -> None:
    street = Street()
    await street.time.run(*(street.visit(f"h{n}") for n in range(50)))
    assert {at for _, _, at in street.starts} == {0.0}


async def test_a_crowded_host_starves_no_other() -> None:
    street = Street(concurrency=3)
    crowd = [street.visit("crowded", lasts=100) for _ in range(50)]
    others = [street.visit(f"h{n}", lasts=1) for n in range(10)]
    await street.time.run(*others)
    assert street.time.now < 100
    assert sum(task.done() for task in crowd) == 0
    await street.time.run(*crowd)


async def test_who_is_kept_waiting_for_long_lends_his_place_and_keeps_his_host_s() -> None:
    hosts, answered = Hosts(2, patience=0.02), asyncio.Event()

    async def visit(name: str, *, silent: bool) -> None:
        async with hosts.turn(name, concurrency=1, spacing=0, who=name):
            await (answered.wait() if silent else asyncio.sleep(0))

    silent = [asyncio.create_task(visit(f"silent{n}", silent=True)) for n in range(7)]
    await asyncio.wait_for(visit("good", silent=False), 5)
    assert hosts.waits("silent0")
    silent.append(asyncio.create_task(visit("silent7", silent=True)))
    await asyncio.sleep(0)
    # Two places, and three times as many lent: then even the good have to wait.
    late = [asyncio.create_task(visit(name, silent=False)) for name in ("silent0", "another")]
    await asyncio.sleep(0.2)
    assert [task.done() for task in late] == [False, False]
    answered.set()
    await asyncio.gather(*silent, *late)
    assert not hosts.waits("silent0")


async def test_visits_to_one_host_are_served_in_their_order() -> None:
    street = Street()
    await street.time.run(*(street.visit("a", str(n)) for n in range(9)))
    assert [name for _, name, _ in street.starts] == [str(n) for n in range(9)]


async def test_all_hosts_together_keep_to_the_limit_and_to_the_spacing() -> None:
    street = Street(concurrency=4)
    await street.time.run(*(street.visit(f"h{n % 5}", lasts=3) for n in range(30)))
    assert street.most["all"] == 4
    for host in range(5):
        starts = [at for name, _, at in street.starts if name == f"h{host}"]
        assert all(later - earlier >= 1 for earlier, later in itertools.pairwise(starts))


async def test_who_keeps_long_pauses_at_a_host_holds_up_nobody_else_there() -> None:
    street = Street()
    slow = [street.visit("a", "slow", spacing=60) for _ in range(4)]
    await asyncio.sleep(0)
    quick = [street.visit("a", "quick", spacing=1) for _ in range(10)]
    await street.time.run(*slow, *quick)
    slow_starts, quick_starts = (
        [at for _, name, at in street.starts if name == wanted] for wanted in ("slow", "quick")
    )
    assert quick_starts[-1] <= 12
    assert all(later - earlier >= 60 for earlier, later in itertools.pairwise(slow_starts))
    every = [at for _, _, at in street.starts]
    assert all(later - earlier >= 1 for earlier, later in itertools.pairwise(every))


async def test_lanes_of_one_host_share_its_places() -> None:
    street = Street()
    visits = [street.visit("a", lasts=100, spacing=spacing) for spacing in (0, 1, 2, 3, 4, 5)]
    await street.time.run(*visits)
    assert street.most["a"] == 2


async def test_it_is_told_who_only_waits() -> None:
    street = Street()

    async def visit(who: str) -> None:
        async with street.hosts.turn("a", concurrency=1, spacing=1, who=who):
            await street.time.sleep(5)

    first, second = asyncio.create_task(visit("x")), asyncio.create_task(visit("y"))
    await asyncio.sleep(0.001)
    assert (street.hosts.waits("x"), street.hosts.waits("y")) == (False, True)
    await street.time.run(first, second)
    assert (street.hosts.waits("x"), street.hosts.waits("y")) == (False, False)


async def test_one_who_gives_up_waiting_leaves_no_trace() -> None:
    street = Street()
    first = street.visit("a", lasts=5, concurrency=1)
    await asyncio.sleep(0)
    waiting = [street.visit("a", concurrency=1) for _ in range(3)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    last = street.visit("a", "last", concurrency=1)
    await street.time.run(first, last)
    assert [name for _, name, _ in street.starts] == ["", "last"]


async def test_idle_hosts_are_forgotten() -> None:
    street = Street()
    for n in range(3000):
        street.time.now += 60.0
        async with street.hosts.turn(f"h{n}", concurrency=2, spacing=1):
            pass
    assert len(street.hosts._hosts) <= 1100


async def test_spacing_holds_for_public_hosts_and_not_for_one_s_own(web: Web) -> None:
    url = web.answer("/feed", ok())
    asked: list[tuple[str, float]] = []

    class Noted(Hosts):
        def turn(self, name: str, *, concurrency: int, spacing: float, who: str = "") -> Turn:
            asked.append((name, spacing))
            return super().turn(name, concurrency=concurrency, spacing=0, who=who)

    async with Fetcher(user_agent=AGENT, hosts=Noted(50)) as fetcher:
        await get(fetcher, url)
        await get(fetcher, url, per_host=HostManners(spacing=timedelta(seconds=3)))
        with pytest.raises(Exception, match="loopback"):
            await get(fetcher, url, allow_private=())
    assert asked == [(f"127.0.0.1:{web.port}", spacing) for spacing in (0.0, 3.0, 1.0)]


async def test_a_host_is_asked_by_no_more_than_allowed_at_a_time(fetcher: Fetcher, web: Web) -> None:
    async def slowly(asked: object, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02)
        writer.write(ok())

    url = web.answer("/feed", slowly)
    await asyncio.gather(*(get(fetcher, url, per_host=HostManners()) for _ in range(10)))
    assert web.connections == 2


@pytest.mark.parametrize("kind", ["feed", "page", "robots", "other"])
async def test_nothing_is_sent_but_what_is_needed(fetcher: Fetcher, web: Web, kind: Kind) -> None:
    await get(fetcher, web.answer("/feed?a=b", ok(set_cookie="c=d")), kind=kind)
    await get(fetcher, web.url("/feed?a=b"), kind=kind)
    for asked in web.requests:
        assert asked.raw.startswith(b"GET /feed?a=b HTTP/1.1\r\n")
        assert [name for name, _ in asked.headers] == [b"host", b"user-agent", b"accept", b"accept-encoding"]
        assert asked["user-agent"] == AGENT.encode()
    assert web.paths() == ["/feed?a=b"] * 2


async def test_no_cookie_is_kept_across_redirects(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/a", redirect(302, "/b").replace(b"Location", b"Set-Cookie: c=d\r\nLocation"))
    web.answer("/b", ok())
    await get(fetcher, url)
    assert (web.requests[1]["cookie"], web.requests[1]["referer"]) == (None, None)


async def test_feeds_are_preferred_to_html_and_pages_the_other_way_round(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/", ok())
    await get(fetcher, url)
    await get(fetcher, url, kind="page")
    feed, page = (asked["accept"] or b"" for asked in web.requests)
    order = [
        feed.index(word)
        for word in (b"atom+xml", b"rss+xml", b"rdf+xml", b"feed+json", b"text/xml", b"text/html")
    ]
    assert order == sorted(order)
    assert feed.split(b",")[-1].strip().startswith(b"text/html")
    assert page.startswith(b"text/html")


@pytest.mark.parametrize(
    ("agent", "sent"), [("mine/1", b"mine/1"), ("a\r\nX: y", b"a X: y"), ("报/1", "报/1".encode())]
)
async def test_a_source_may_have_a_user_agent_of_its_own(
    fetcher: Fetcher, web: Web, agent: str, sent: bytes
) -> None:
    await get(fetcher, web.answer("/feed", ok()), user_agent=agent)
    assert web.requests[0]["user-agent"] == sent
    assert web.requests[0]["x"] is None


async def test_waiting_for_one_s_turn_does_not_count_against_the_time(fetcher: Fetcher, web: Web) -> None:
    async def slowly(asked: object, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(ok())

    asked = request(web.answer("/feed", slowly), per_host=HostManners(concurrency=1))
    begun = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*(fetcher.fetch(asked) for _ in range(6)))
    together = asyncio.get_running_loop().time() - begun
    # One after the other they take the whole time once; with the waiting it would be taken 3.5 times.
    assert sum(answer.elapsed.total_seconds() for answer in answers) < 2 * together
    assert all(answer.elapsed > timedelta(seconds=0.05) for answer in answers)
    assert asked.allow_private == LOOPBACK
