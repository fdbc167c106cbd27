"""Names, addresses and connections: looked up seldom, tried in parallel, used again."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address

import pytest

from aggregator.fetch import Fetcher, FetchError, Hosts, Request
from aggregator.fetch.connection import Connection
from aggregator.fetch.dial import by_turns, first_of
from aggregator.fetch.resolve import RememberedResolver, SystemResolver
from aggregator.fetch.transport import IdleConnections
from tests.fetch.conftest import AGENT, Names, fault, get, request
from tests.support.sockets import dials
from tests.support.web import Asked, Web, hang_up, ok


async def test_a_connection_is_used_again(fetcher: Fetcher, web: Web) -> None:
    for path in ("/a", "/b", "/c"):
        await get(fetcher, web.answer(path, ok(b"x" * 300_000)))
    assert web.connections == 1


@pytest.mark.parametrize("field", [{"connection": "close"}, {}])
async def test_a_connection_that_the_server_gives_up_is_not_used_again(
    fetcher: Fetcher, web: Web, field: dict[str, str]
) -> None:
    answer = ok(b"", **field) if field else ok().replace(b"HTTP/1.1", b"HTTP/1.0")
    for _ in range(2):
        await get(fetcher, web.answer("/a", answer))
    assert web.connections == 2


async def test_data_that_nobody_asked_for_ends_a_connection(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/a", ok(b"1") + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", ok(b"2"))
    assert [(await get(fetcher, url)).body for _ in range(2)] == [b"1", b"2"]
    assert web.connections == 2


async def test_data_that_comes_while_idle_ends_a_connection(fetcher: Fetcher, web: Web) -> None:
    async def chatter(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(ok(b"1"))
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")

    url = web.answer("/a", chatter, ok(b"2"))
    assert (await get(fetcher, url)).body == b"1"
    await asyncio.sleep(0.1)
    assert (await get(fetcher, url)).body == b"2"


async def test_a_kept_connection_that_died_is_replaced_once(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/a", ok(b"1"), hang_up(), ok(b"2"))
    assert [(await get(fetcher, url)).body for _ in range(2)] == [b"1", b"2"]
    assert web.connections == 2


async def test_a_server_that_answers_nothing_twice_is_not_asked_a_third_time(
    fetcher: Fetcher, web: Web
) -> None:
    url = web.answer("/a", ok(b"1"), hang_up())
    await get(fetcher, url)
    assert (await fault(fetcher, request(url))).kind == "protocol"
    assert len(web.requests) == 3


async def test_an_answer_that_broke_off_is_not_asked_for_again(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/a", ok(b"1"), hang_up(b"HTTP/1.1 200"))
    await get(fetcher, url)
    assert (await fault(fetcher, request(url))).kind == "truncated"
    assert len(web.requests) == 2


async def test_idle_connections_are_few_and_end_in_time(web: Web) -> None:
    loop = asyncio.get_running_loop()
    idle = IdleConnections(most=1, seconds=0.02)
    route = object()
    connections = [(await loop.create_connection(Connection, "127.0.0.1", web.port))[1] for _ in range(2)]
    for connection in connections:
        connection.rest = lambda: True  # type: ignore[method-assign]  # as after a whole exchange
        idle.put(route, connection)  # type: ignore[arg-type]  # any key will do
    assert idle.take(route) is connections[1]  # type: ignore[arg-type]
    assert idle.take(route) is None  # type: ignore[arg-type]
    idle.put(route, connections[1])  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    assert idle.take(route) is None  # type: ignore[arg-type]
    assert all(connection.transport.is_closing() for connection in connections)


async def test_a_refused_connection_is_an_error_that_names_it(fetcher: Fetcher) -> None:
    async with Web() as gone:
        url = gone.url("/feed")
    error = await fault(fetcher, request(url))
    assert error.kind == "connect"
    assert error.reason.startswith(f"no connection to 127.0.0.1 port {gone.port} (Connection refused); check")


async def test_a_name_that_does_not_resolve_is_an_error_that_names_it(fetcher: Fetcher) -> None:
    error = await fault(fetcher, Request(url="http://news.example/feed"))
    assert error.kind == "dns"
    assert error.reason.startswith("the name news.example does not resolve; check")


async def test_a_name_is_looked_up_once_in_a_minute(fetcher: Fetcher, names: Names, web: Web) -> None:
    web.answer("/feed", ok(connection="close"))
    await asyncio.gather(*(get(fetcher, web.url("/feed", "localhost")) for _ in range(25)))
    for _ in range(25):
        await get(fetcher, web.url("/feed", "localhost"))
    assert names.asked == ["localhost"]


async def test_fifty_polls_within_a_minute_look_a_name_up_twice_at_most(names: Names) -> None:
    now = [0.0]
    resolver = RememberedResolver(names, monotonic=lambda: now[0])
    for start in (0.0, 31.0, 59.9):  # whenever the minute begins
        names.asked.clear()
        for n in range(50):
            now[0] = start + n * 59 / 49
            await resolver("localhost")
        assert len(names.asked) <= 2


class DeadServers:
    """Name servers that answer for no name that begins with "dead" until they are told to give up."""

    def __init__(self) -> None:
        self.give_up = threading.Event()

    def __call__(self, host: str) -> list[object]:
        if host.startswith("dead"):
            self.give_up.wait(20)
            raise OSError("no answer")
        return [ip_address("127.0.0.1")]


@pytest.fixture
def dead_servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeadServers]:
    servers = DeadServers()
    monkeypatch.setattr("aggregator.fetch.resolve._getaddrinfo", servers)
    yield servers
    servers.give_up.set()


async def test_name_servers_that_are_dead_hold_up_no_other_name(dead_servers: DeadServers) -> None:
    resolver = SystemResolver(50)
    dead = [asyncio.create_task(_asked(resolver, f"dead{n}.example")) for n in range(49)]
    try:
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert await resolver("good.example") == [ip_address("127.0.0.1")]
    finally:
        dead_servers.give_up.set()
        assert await asyncio.gather(*dead) == ["no answer"] * 49
        resolver.close()


async def test_neither_do_they_hold_up_a_poll_when_all_places_are_lent(
    dead_servers: DeadServers, web: Web
) -> None:
    web.answer("/feed", ok(b"<rss/>"))
    hosts = Hosts(5, patience=0.01)
    async with Fetcher(user_agent=AGENT, concurrency=5, hosts=hosts) as fetcher:
        dead = [
            asyncio.create_task(get(fetcher, f"http://dead{n}.example/", on_behalf=f"dead{n}"))
            for n in range(19)
        ]
        async with asyncio.timeout(5):
            assert (await get(fetcher, web.url("/feed", "good.example"))).status == 200
        assert all(fetcher.waits(f"dead{n}") for n in range(19))
        dead_servers.give_up.set()
        assert {type(error) for error in await asyncio.gather(*dead, return_exceptions=True)} == {FetchError}


async def test_the_name_servers_are_named_where_it_is_them_who_do_not_answer(
    dead_servers: DeadServers,
) -> None:
    async with Fetcher(user_agent=AGENT) as fetcher:
        error = await fault(fetcher, request("http://dead.example/", timeout=timedelta(milliseconds=50)))
    assert error.reason.startswith("the name servers did not answer for dead.example")


async def test_a_look_up_is_not_waited_for_at_the_end(dead_servers: DeadServers) -> None:
    resolver = SystemResolver()
    asked = asyncio.create_task(_asked(resolver, "dead.example"))
    await asyncio.sleep(0)
    resolver.close()
    asked.cancel()

    lasting = [thread for thread in threading.enumerate() if thread.name.startswith("dns")]
    assert lasting
    assert all(thread.daemon for thread in lasting)


async def _asked(resolver: SystemResolver, host: str) -> str:
    try:
        return str(await resolver(host))
    except OSError as error:
        return str(error)


@pytest.mark.parametrize("order", ["::1 127.0.0.1", "127.0.0.1 ::1"])
@pytest.mark.parametrize("silent", [True, False])
async def test_one_dead_family_costs_less_than_three_seconds(
    names: Names, order: str, silent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    connect = loop.sock_connect
    dead = order.split()[0]

    async def reach(dialled: socket.socket, address: tuple[str, int]) -> None:
        if address[0] == dead and silent:
            await asyncio.sleep(60)
        if address[0] == dead:
            raise ConnectionRefusedError(111, "refused")
        await connect(dialled, address)

    monkeypatch.setattr(loop, "sock_connect", reach)
    names.add("two.example", order)
    async with Web(host=order.split()[1]) as web, Fetcher(user_agent=AGENT, resolver=names) as fetcher:
        web.answer("/feed", ok(b"<rss/>"))
        begun = loop.time()
        assert (await get(fetcher, web.url("/feed", "two.example"))).status == 200
        assert loop.time() - begun < 3


async def test_an_answer_is_forgotten_after_a_minute_and_no_failure_is_remembered(names: Names) -> None:
    now = [0.0]
    resolver = RememberedResolver(names, monotonic=lambda: now[0])
    for now[0] in (0.0, 59.0, 60.0):
        await resolver("localhost")
    for _ in range(2):
        with pytest.raises(OSError, match="not known"):
            await resolver("missing.example")
    assert names.asked == ["localhost"] * 2 + ["missing.example"] * 2


async def test_one_who_gives_up_a_look_up_does_not_take_it_from_the_others() -> None:
    ready = asyncio.Event()

    class Slow:
        async def __call__(self, host: str) -> list[object]:
            await ready.wait()
            return [ip_address("127.0.0.1")]

    resolver = RememberedResolver(Slow())  # type: ignore[arg-type]  # the addresses are right
    impatient, patient = (asyncio.create_task(_look_up(resolver)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    ready.set()
    assert await patient == [ip_address("127.0.0.1")]


async def _look_up(resolver: RememberedResolver) -> list[object]:
    return list(await resolver("news.example"))


async def test_the_system_resolver_knows_this_machine() -> None:
    resolver = SystemResolver()
    try:
        assert {ip.is_loopback for ip in await resolver("localhost")} == {True}
    finally:
        resolver.close()


async def test_a_dead_address_does_not_hide_a_good_one(names: Names, web: Web) -> None:
    names.add("two.example", "::1 127.0.0.9 127.0.0.1")
    web.answer("/feed", ok(b"<rss/>"))
    async with Fetcher(user_agent=AGENT, resolver=names) as fetcher:
        with dials() as dialled:
            assert (await get(fetcher, web.url("/feed", "two.example"))).status == 200
    assert dialled[-1] == ("127.0.0.1", web.port)


def test_families_take_turns() -> None:
    listed = [ip_address(text) for text in ("::1", "::2", "::3", "1.1.1.1", "1.1.1.2")]
    assert [str(ip) for ip in by_turns(listed)] == ["::1", "1.1.1.1", "::2", "1.1.1.2", "::3"]


class Racers:
    """Connections that stand or fail after a while, and what became of them."""

    def __init__(self, **outcomes: float | Exception) -> None:
        self.outcomes = {f"10.0.0.{n}": outcome for n, outcome in enumerate(outcomes.values())}
        self.names = dict(zip(self.outcomes, outcomes, strict=True))
        self.closed: list[str] = []
        self.cancelled: list[str] = []

    async def connect(self, ip: object) -> Connection:
        name, outcome = self.names[str(ip)], self.outcomes[str(ip)]
        try:
            await asyncio.sleep(outcome if isinstance(outcome, float) else 0)
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        if isinstance(outcome, Exception):
            raise outcome
        connection = Connection()
        connection.close = lambda: self.closed.append(name)  # type: ignore[method-assign]
        connection.name = name  # type: ignore[attr-defined]
        return connection

    async def race(self) -> str:
        winner = await first_of([ip_address(ip) for ip in self.outcomes], self.connect, 0.01)
        return str(winner.name)  # type: ignore[attr-defined]


async def test_the_next_address_is_tried_when_one_takes_long() -> None:
    racers = Racers(slow=5.0, quick=0.0)
    assert await racers.race() == "quick"
    assert racers.cancelled == ["slow"]


async def test_the_next_address_is_tried_at_once_when_one_fails() -> None:
    assert await Racers(refused=OSError(111, "refused"), good=0.0).race() == "good"


async def test_when_all_fail_the_first_failure_is_told() -> None:
    with pytest.raises(OSError, match="first"):
        await Racers(a=OSError(111, "first"), b=OSError(111, "second")).race()


async def test_a_wrong_certificate_is_not_hidden_by_another_address() -> None:
    import ssl

    with pytest.raises(ssl.SSLError):
        await Racers(wrong=ssl.SSLCertVerificationError("expired"), good=0.0).race()


async def test_giving_up_the_race_leaves_no_connection_behind() -> None:
    racers = Racers(a=5.0, b=5.0, c=5.0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await racers.race()
    assert racers.cancelled == ["a", "b", "c"] or set(racers.cancelled) == {"a", "b", "c"}
