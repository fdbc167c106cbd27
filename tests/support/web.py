"""A raw loopback web server that answers as scripted and records every request byte for byte.

    async with Web() as web:
        web.answer("/feed", ok(b"<rss/>", etag='"1"'), NOT_MODIFIED)   # in this order, the last for ever
        ...
        assert web.requests[0]["if-none-match"] is None

An answer is bytes, written as they stand, or a coroutine function that gets the request and the stream to
write to. A path without an answer gets 404.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from types import TracebackType

Script = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]
Answer = bytes | Script

NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\n\r\n"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came."""

    raw: bytes  #: the head
    body: bytes = b""
    connection: int  #: counted from 0 in the order of connecting
    at: float  #: the event loop's time
    #: The other side has closed meanwhile.
    gone: Callable[[], bool] = field(default=lambda: False, repr=False)

    @property
    def path(self) -> str:
        return self.raw.split(b" ", 2)[1].decode("ascii")

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Names in lower case, values as they stand."""
        lines = self.raw.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
        return [(name.lower(), value[1:]) for name, _, value in (line.partition(b":") for line in lines)]

    def __getitem__(self, name: str) -> bytes | None:
        """The value of a field, None where it was not sent; sent twice is a mistake of ours."""
        values = [value for key, value in self.headers if key == name.encode("ascii")]
        assert len(values) <= 1, f"{name} was sent {len(values)} times"
        return values[0] if values else None


def ok(body: bytes = b"", *, status: str = "200 OK", **headers: bytes | str) -> bytes:
    """A whole answer; ``content_type=…`` gives Content-Type."""
    return head(status, content_length=str(len(body)), **headers) + body


def head(status: str = "200 OK", **headers: bytes | str) -> bytes:
    """Status line and fields alone; the body is yours to write."""
    lines = [f"HTTP/1.1 {status}".encode()]
    for name, value in headers.items():
        shown = name.replace("_", "-").title().encode("ascii")
        lines.append(shown + b": " + (value if isinstance(value, bytes) else value.encode()))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def redirect(status: int, location: str | bytes) -> bytes:
    return ok(b"elsewhere", status=f"{status} Elsewhere", location=location)


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


async def silence(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Never answers."""
    await asyncio.Event().wait()


def hang_up(written: bytes = b"") -> Script:
    """Writes and closes."""

    async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(written)
        writer.close()

    return script


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Script:
    """Writes ``start``, then ``piece`` again and again."""

    async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return script


class Web:
    """Listens on a free port while its block runs."""

    def __init__(self, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.host, self._tls = host, tls
        self.port = 0  #: known once it listens, and after it has closed
        self.requests: list[Asked] = []
        self.connections = 0
        self.open = 0  #: connections at this moment
        self._answers: dict[str, list[Answer]] = {}
        self._scripts: dict[str, Script] = {}
        self._handlers: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Web:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    def url(self, path: str = "/", host: str | None = None) -> str:
        return f"{'https' if self._tls else 'http'}://{host or self.host}:{self.port}{path}"

    def answer(self, path: str, *answers: Answer) -> str:
        """Script a path, query included; returns its address."""
        self._answers[path] = list(answers)
        return self.url(path)

    def otherwise(self, prefix: str, script: Script) -> None:
        """Script whatever begins so and has no answer of its own."""
        self._scripts[prefix] = script

    def paths(self) -> list[str]:
        return [asked.path for asked in self.requests]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = asyncio.current_task()
        assert handler is not None
        self._handlers.add(handler)
        handler.add_done_callback(self._handlers.discard)
        number, self.connections, self.open = self.connections, self.connections + 1, self.open + 1
        try:
            while not writer.is_closing():
                await self._exchange(number, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the test is over
        finally:
            self.open -= 1
            writer.transport.abort()

    async def _exchange(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        raw = await reader.readuntil(b"\r\n\r\n")
        asked = Asked(raw=raw, connection=number, at=asyncio.get_running_loop().time(), gone=reader.at_eof)
        if length := asked["content-length"]:
            asked = replace(asked, body=await reader.readexactly(int(length)))
        self.requests.append(asked)
        answer = self._next(asked.path)
        if isinstance(answer, bytes):
            writer.write(answer)
        else:
            await answer(asked, writer)
        await writer.drain()

    def _next(self, path: str) -> Answer:
        beginning = next(
            (script for prefix, script in self._scripts.items() if path.startswith(prefix)), None
        )
        answers = self._answers.get(path, [beginning or _NOT_FOUND])
        return answers.pop(0) if len(answers) > 1 else answers[0]
