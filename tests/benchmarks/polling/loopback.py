"""The web of the benchmarks: a process of its own, so that what serving costs is counted nowhere.

All of 127.0.0.0/8 answers at one port, every address a host of its own. ``/quiet/N`` is 304 to whoever brings
a validator, ``/feed/N`` a paper, ``/hang/N`` never answers. ``/desk/…`` is for the benchmark itself.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

from tests.benchmarks.polling.papers import feed

_SMALL = b'<rss version="2.0"><channel><title>Quiet</title><item><title>One</title><guid>1</guid></item></channel></rss>'


class _Web:
    """What is served, and who asked for what when (wall time)."""

    def __init__(self) -> None:
        self.latency = 0.0
        self.edition = 0
        self.asked: list[tuple[str, float]] = []
        self.answered = 0
        self.last = 0.0

    def answer(self, path: str, host: str, conditional: bool) -> bytes | None:
        """None: never."""
        kind, number = path.split("/")[1:3]
        if kind == "desk":
            return self._at_the_desk(path)
        self.asked.append((path, time.time()))
        if kind == "hang":
            return None
        if kind == "feed":
            etag = f'ETag: "{self.edition}"'
            return _message("200 OK", feed(int(number), self.edition, f"http://{host}"), etag)
        return (
            _message("304 Not Modified", b"", 'ETag: "1"')
            if conditional
            else _message("200 OK", _SMALL, 'ETag: "1"')
        )

    def _at_the_desk(self, path: str) -> bytes:
        _, _, order, value = path.split("/")
        if order == "latency":
            self.latency = float(value)
        elif order == "edition":
            self.edition = int(value)
        elif order == "forget":
            self.asked.clear()
            self.answered = 0
        first = self.asked[0][1] if self.asked else 0.0
        counts = {"answered": self.answered, "first": first, "last": self.last}
        return _message(
            "200 OK", json.dumps(counts | ({"asked": self.asked} if order == "asked" else {})).encode()
        )


def _message(status: str, body: bytes, *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", "Content-Type: application/rss+xml", *headers)
    length = () if status.startswith("304") else (f"Content-Length: {len(body)}",)
    return "\r\n".join((*lines, *length, "", "")).encode() + body


class _Connection(asyncio.Protocol):
    def __init__(self, web: _Web) -> None:
        self._web = web
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._asked(head.decode("latin-1"))

    def _asked(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        path = first.split(" ")[1]
        answer = self._web.answer(path, headers["host"], "if-none-match" in headers)
        if answer is None:
            return
        if path.startswith("/desk/"):
            self._transport.write(answer)
        else:
            asyncio.get_running_loop().call_later(self._web.latency, self._send, answer)

    def _send(self, answer: bytes) -> None:
        self._transport.write(answer)
        self._web.answered += 1
        self._web.last = time.time()


async def _serve() -> None:
    web = _Web()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(web), "0.0.0.0", 0, backlog=1000
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# -- seen from the benchmark


@dataclass(frozen=True, slots=True, kw_only=True)
class Loopback:
    """The running server."""

    port: int

    def url(self, kind: str, number: int) -> str:
        """An address on a host of its own."""
        return f"http://127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}:{self.port}/{kind}/{number}"

    def desk(self, order: str, value: object = "") -> dict[str, Any]:
        with urlopen(f"http://127.0.0.1:{self.port}/desk/{order}/{value}", timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
            return told


@contextmanager
def loopback() -> Iterator[Loopback]:
    process = subprocess.Popen([sys.executable, "-m", __name__], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Loopback(port=int(process.stdout.readline()))
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    asyncio.run(_serve())
