"""Who takes an answer slowly, or does not send what was announced: waited for, but not for ever, and at little cost."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from aggregator.serve import HttpServer, giving, protocol
from aggregator.serve.giving import PIECE, Exchange, give
from aggregator.serve.kinds import kind_of
from aggregator.serve.shelf import document_of
from tests.serve.making import opened


def connections(server: HttpServer) -> list[Any]:
    assert server._server is not None
    return list(server._server.server_state.connections)


def waiting(server: HttpServer) -> int:
    """Bytes that this process keeps for readers."""
    return sum(one.transport.get_write_buffer_size() for one in connections(server))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.005)


@contextlib.contextmanager
def stalled(server: HttpServer, request: str) -> Iterator[None]:
    """A reader that asks and takes nothing."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        host, port = server.address.removeprefix("http://").split(":")
        one.connect((host, int(port)))
        one.sendall(request.encode())
        yield


BODY = bytes(range(256)) * 32_768  # 8 MB, more than the kernel takes at once


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    await give(
        Exchange.of(scope, receive, send),
        document_of(BODY, kind_of("x.png"), datetime(2026, 1, 1, tzinfo=UTC)),
    )


@pytest.mark.parametrize("more", ["", "Connection: close\r\n"])
async def test_a_reader_that_takes_nothing_is_not_waited_for(
    more: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "READER_PATIENCE", 0.05)
    async with HttpServer(large, "127.0.0.1:0") as server:
        with stalled(server, f"GET /x HTTP/1.1\r\nHost: x\r\n{more}\r\n"):
            await until(lambda: waiting(server) > 0)
            assert waiting(server) <= PIECE
            await until(lambda: not connections(server))


async def test_the_end_of_an_answer_is_not_waited_for_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing more is to be written, and the connection is closed: what is left is still taken or dropped."""
    monkeypatch.setattr(protocol, "READER_PATIENCE", 0.05)
    monkeypatch.setattr(giving, "PIECE", len(BODY))
    async with HttpServer(large, "127.0.0.1:0") as server:
        with stalled(server, "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
            await until(lambda: waiting(server) > 0)
            await until(lambda: not connections(server))


async def test_a_slow_reader_gets_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "READER_PATIENCE", 0.2)
    async with HttpServer(large, "127.0.0.1:0") as server, opened(server.address) as [(reader, writer)]:
        writer.write(b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        began, taken = asyncio.get_running_loop().time(), bytearray()
        while piece := await reader.read(200_000):
            taken += piece
            await asyncio.sleep(0.02)
        assert bytes(taken) == BODY
        assert asyncio.get_running_loop().time() - began > 0.4, (
            "longer than anybody is waited for who takes nothing"
        )


@pytest.mark.parametrize("path", ["/answered-at-once", "/read"])
async def test_a_body_that_does_not_come_is_not_waited_for(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/read":
            with contextlib.suppress(ClientDisconnect):
                await Request(scope, receive).body()
        await PlainTextResponse("so")(scope, receive, send)

    monkeypatch.setattr(protocol, "BODY_PATIENCE", 0.2)
    async with HttpServer(reading, "127.0.0.1:0") as server, opened(server.address) as [(reader, writer)]:
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            while connections(server):
                writer.write(b"x")
                await asyncio.sleep(0.02)
        with contextlib.suppress(ConnectionError):
            assert b"400" not in await reader.read()
