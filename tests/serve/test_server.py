from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from aggregator.config.model import Server
from aggregator.serve import HttpServer, ServeError, make_app, protocol
from aggregator.serve.server import bind
from tests.serve.making import FEED, FakeFacts, a_paper, opened


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(Request(scope).url.path)(scope, receive, send)


async def fetched(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as asking:
        return await asking.get(url)


async def test_a_paper_is_served_over_a_socket(tmp_path: Path) -> None:
    app = make_app(a_paper(tmp_path), facts=FakeFacts(), server=Server())
    async with HttpServer(app, "127.0.0.1:0") as server:
        response = await fetched(f"{server.address}/world.atom")

    assert response.content == FEED
    assert response.headers["content-encoding"] == "gzip"
    assert "server" not in response.headers


async def test_an_address_is_understood_as_it_was_typed() -> None:
    """newsboat and curl send what stands in their files and lines, without escapes; what comes behind stays."""

    async def repeat(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        told = f"{request.url.path} {request.query_params['q']} {(await request.body()).decode()}"
        await PlainTextResponse(told)(scope, receive, send)

    async with HttpServer(repeat, "127.0.0.1:0") as server, opened(server.address) as [(reader, writer)]:
        for word in ("潮汐", "tide"):
            body = "闸".encode()
            head = f"POST /标签?q={word} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await reader.readuntil(b"\r\n\r\n")
            expected = f"/标签 {word} 闸".encode()
            assert await reader.readexactly(len(expected)) == expected


async def test_port_0_takes_a_free_port_and_tells_it() -> None:
    async with HttpServer(echo, "127.0.0.1:0") as one, HttpServer(echo, "127.0.0.1:0") as other:
        assert one.address != other.address
        assert one.address.startswith("http://127.0.0.1:")
        assert not one.address.endswith(":0")


async def test_a_taken_port_is_told_with_the_remedy() -> None:
    async with HttpServer(echo, "127.0.0.1:0") as server:
        listen = server.address.removeprefix("http://")
        with pytest.raises(ServeError) as caught:
            await HttpServer(echo, listen).__aenter__()

    assert str(caught.value) == f"{listen} is in use; set server.listen or stop the other program"


@pytest.mark.parametrize("listen", ["203.0.113.7:8000", "no-such-host.invalid:8000", "127.0.0.1:99999"])
async def test_an_address_that_is_not_ours_is_told(listen: str) -> None:
    with pytest.raises(ServeError, match=r"correct server\.listen"):
        await HttpServer(echo, listen).__aenter__()


async def test_the_port_is_free_again_after_the_stop() -> None:
    async with HttpServer(echo, "127.0.0.1:0") as server:
        listen = server.address.removeprefix("http://")
        await fetched(f"{server.address}/x")
    async with HttpServer(echo, listen) as again:
        assert (await fetched(f"{again.address}/y")).text == "/y"


async def test_a_request_under_way_is_answered_before_the_stop() -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        reached.set()
        await go_on.wait()
        await PlainTextResponse("done")(scope, receive, send)

    async with HttpServer(slow, "127.0.0.1:0") as server:
        asking = asyncio.create_task(fetched(f"{server.address}/"))
        await reached.wait()
        asyncio.get_running_loop().call_later(0.2, go_on.set)
    assert (await asking).text == "done"


async def test_signals_stay_with_the_program() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with HttpServer(echo, "127.0.0.1:0"):
        during = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    assert during == before


@pytest.mark.parametrize("path", [b"/../secret", b"/%2e%2e/secret", b"//etc/passwd", b"/world/../../secret"])
async def test_no_raw_path_leads_out(tmp_path: Path, path: bytes) -> None:
    (tmp_path / "secret").write_text("secret")
    app = make_app(a_paper(tmp_path / "public"), facts=FakeFacts(), server=Server())
    async with HttpServer(app, "127.0.0.1:0") as server:
        host, port = server.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()

    assert answer.startswith(b"HTTP/1.1 404")


# -- bounds of a connection


async def raw(server: HttpServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = server.address.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000, id="a value"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 20_000, id="many fields"),
        pytest.param(b"GET /" + b"a" * 200_000, id="an address"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"a" * 200_000,
            id="a trailer",
        ),
    ],
)
async def test_a_head_that_does_not_end_is_cut_off(endless: bytes) -> None:
    async with HttpServer(echo, "127.0.0.1:0") as server:
        reader, writer = await raw(server)
        with contextlib.suppress(ConnectionError):
            for start in range(0, len(endless), 16_384):
                writer.write(endless[start : start + 16_384])
                await writer.drain()
        with contextlib.suppress(ConnectionError):
            answer = await reader.read()
            assert b" 200 " not in answer or endless.startswith(b"POST")
        assert reader.at_eof() or reader.exception() is not None
        writer.close()
        assert (await fetched(f"{server.address}/y")).text == "/y"


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
async def test_who_does_not_get_on_is_not_waited_for(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 0.05)
    async with HttpServer(echo, "127.0.0.1:0") as server:
        reader, writer = await raw(server)
        writer.write(begun)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()


async def test_a_second_request_that_hangs_is_not_waited_for_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 0.05)
    async with HttpServer(echo, "127.0.0.1:0") as server:
        reader, writer = await raw(server)
        writer.write(b"GET /one HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"/one")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET /two")
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()


async def test_a_long_body_is_no_head(monkeypatch: pytest.MonkeyPatch) -> None:
    async def count(scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        await PlainTextResponse(str(len(body)))(scope, receive, send)

    async with HttpServer(count, "127.0.0.1:0") as server, httpx.AsyncClient(trust_env=False) as asking:
        for _ in range(2):
            assert (await asking.post(server.address, content=bytes(1_000_000))).text == "1000000"


async def test_there_are_only_so_many_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 2)
    async with HttpServer(echo, "127.0.0.1:0") as server, opened(server.address, 2) as held:
        for _, writer in held:
            writer.write(b"GET / HTTP/1.1\r\n")
        async with opened(server.address) as [(beyond, _)]:
            with contextlib.suppress(ConnectionError):
                assert await beyond.read() == b""
        for reader, writer in held:
            writer.write(b"Host: x\r\n\r\n")
            await reader.readuntil(b"200 OK")


async def test_who_is_kept_alive_for_nothing_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 2)
    async with HttpServer(echo, "127.0.0.1:0") as server, opened(server.address, 2) as held:
        (idle, first), (busy, second) = held
        first.write(b"GET /one HTTP/1.1\r\nHost: x\r\n\r\n")
        await idle.readuntil(b"/one")
        second.write(b"GET /two HTTP/1.1\r\n")
        assert (await fetched(f"{server.address}/three")).text == "/three"
        with contextlib.suppress(ConnectionError):
            assert await idle.read() == b""
        second.write(b"Host: x\r\n\r\n")
        await busy.readuntil(b"/two")


async def test_one_neighbourhood_leaves_places_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 8)
    monkeypatch.setattr(protocol, "neighbourhood", lambda client: client and client[0])  # loopback too
    async with HttpServer(echo, "127.0.0.1:0") as server, opened(server.address, 2) as held:
        async with opened(server.address) as [(beyond, _)]:
            with contextlib.suppress(ConnectionError):
                assert await beyond.read() == b""
        for reader, writer in held:
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b"200 OK")


@pytest.mark.parametrize(
    ("address", "shared"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.5", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("", None),
    ],
)
def test_a_neighbourhood_is_an_address_or_a_household(address: str, shared: str | None) -> None:
    assert protocol.neighbourhood((address, 4711)) == shared


def test_every_address_of_the_machine_can_be_listened_at() -> None:
    free = bind("127.0.0.1:0")[0]
    port = free.getsockname()[1]
    free.close()
    sockets = bind(f":{port}")
    families = {one.family for one in sockets}
    for one in sockets:
        one.close()

    assert socket.AF_INET in families
