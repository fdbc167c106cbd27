"""uvicorn inside the running event loop: sockets of our own, no signal handlers, a graceful stop."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType

import uvicorn
from starlette.types import ASGIApp

from aggregator.serve.errors import ServeError
from aggregator.serve.protocol import BoundedProtocol

GRACE = 5  #: seconds that requests under way have after the stop
KEEP_ALIVE = 15  #: seconds an idle connection is kept

_BACKLOG = 512
_UNSENT = 128 << 10  #: bytes


class HttpServer:
    """Serves while its ``async with`` block runs. ``address`` is where, also when port 0 was asked for."""

    def __init__(self, app: ASGIApp, listen: str) -> None:
        self._app = app
        self._listen = listen
        self._address = ""
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """As a URL without a slash at the end."""
        return self._address

    async def __aenter__(self) -> HttpServer:
        """Raises ServeError when the address cannot be had."""
        sockets = await asyncio.to_thread(bind, self._listen)
        self._address = _url(sockets[0])
        self._server = _Server(_settings(self._app))
        self._task = asyncio.create_task(self._server.serve(sockets))
        started = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait({self._task, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if self._task.done():
            await self._task
            raise ServeError(f"the server at {self._address} ended as it began")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task


class _Server(uvicorn.Server):
    """Leaves signals to the program around it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # a generator there
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


def bind(listen: str) -> list[socket.socket]:
    """Sockets for every address that ``host:port`` names; an empty host is all of this machine's."""
    host, _, digits = listen.rpartition(":")
    port = int(digits)
    try:
        if port > 65_535:  # getaddrinfo would take the remainder
            raise ValueError("no port is above 65535")
        found = socket.getaddrinfo(
            host.strip("[]") or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, ValueError) as error:
        raise ServeError(
            f"{listen} names no address of this machine ({error}); correct server.listen, or --listen"
        ) from error
    # With port 0 each socket would get a port of its own: one is enough.
    wanted = sorted(dict.fromkeys(found), key=lambda info: info[0] != socket.AF_INET)[
        : 1 if port == 0 else None
    ]
    bound: list[socket.socket] = []
    failures: list[OSError] = []
    for family, kind, protocol, _, address in wanted:
        try:
            bound.append(_bound(family, kind, protocol, address))
        except OSError as error:
            failures.append(error)
            if error.errno == errno.EADDRINUSE:
                break
    if not bound or any(error.errno == errno.EADDRINUSE for error in failures):
        for one in bound:
            one.close()
        raise ServeError(_why(listen, failures[-1])) from failures[-1]
    return bound


def _bound(family: int, kind: int, protocol: int, address: object) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # Of what a slow reader has not taken the kernel holds so much and no more; inherited by each connection.
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
        made.bind(address)  # type: ignore[arg-type]  # as getaddrinfo gave it
        made.listen(_BACKLOG)  # another listener shows here at the latest
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


def _why(listen: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{listen} is in use; set server.listen or stop the other program"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{listen} may not be listened at by this user; set server.listen to a port above 1023"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{listen} is no address of this machine; correct server.listen"
    return f"cannot listen at {listen}: {error.strerror or error}; correct server.listen"


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    # A wildcard is no address to go to; this machine is one.
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _settings(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # X-Forwarded-For is anybody's word
        lifespan="off",
        ws="none",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )
