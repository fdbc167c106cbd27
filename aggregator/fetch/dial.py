"""From a host name to a connection: the address is looked up once, checked, and dialled as it stands."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from itertools import chain, zip_longest
from pathlib import Path
from typing import TypeVar

import httpx

from aggregator.config.model import Network
from aggregator.fetch.addresses import IpAddress, refusal
from aggregator.fetch.connection import Connection
from aggregator.fetch.errors import FetchError
from aggregator.fetch.resolve import Resolver
from aggregator.fetch.target import literal

_STAGGER = 0.25  #: seconds that an address has for itself before the next is tried too (RFC 8305 §5)
_MOST_TRIED = 6  #: addresses

#: X509_V_ERR_* → what it means and what can be done.
_CERTIFICATE_FAULTS = {
    9: "the certificate is not valid yet; compare this machine's clock",
    10: "the certificate has expired; verify: no would accept it",
    18: "the certificate is signed by itself; name it as ca_file to trust it, or verify: no accepts any",
    19: "the certificate's authority is private; name it as ca_file to trust it, or verify: no accepts any",
    20: "the certificate's authority is unknown; name it as ca_file to trust it, or verify: no accepts any",
    21: "the certificate's chain is incomplete; name what lacks as ca_file, or verify: no accepts any",
    23: "the certificate was revoked",
    62: "the certificate is for another host name; correct the address, or verify: no would accept it",
    64: "the certificate is for another address; use the host's name, or verify: no would accept it",
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What one connection may be used for. Sources share connections only where all of this is the same."""

    scheme: str
    host: str
    port: int
    allow: tuple[Network, ...]
    verify: bool
    ca_file: Path | None = None


class Dialler:
    """Makes connections. TLS contexts, which are dear, are shared by all that trust the same authorities."""

    def __init__(self, resolver: Resolver, *, connect_timeout: float) -> None:
        self._resolver, self._connect_timeout = resolver, connect_timeout
        self._contexts: dict[tuple[bool, Path | None], ssl.SSLContext] = {}

    async def dial(self, url: str, route: Route) -> Connection:
        """A fresh connection. Raises FetchError: dns, refused-address, connect, tls."""
        addresses = await self.checked(url, route)
        tls = self._context(url, route) if route.scheme == "https" else None
        reached: list[IpAddress] = []
        try:
            async with asyncio.timeout(self._connect_timeout):
                return await first_of(
                    by_turns(addresses), lambda ip: self._connect(ip, route, tls, reached), _STAGGER
                )
        except TimeoutError as error:
            if reached:
                reason = (
                    f"no TLS connection (nothing within {self._connect_timeout:g} s); is it an https server?"
                )
                raise FetchError(url, reason, "tls") from error
            raise _unreachable(url, route, f"within {self._connect_timeout:g} s") from error
        except ssl.SSLError as error:
            raise FetchError(url, tls_reason(error), "tls") from error
        except OSError as error:
            if tls is not None and isinstance(error, ConnectionError) and error.errno is None:
                raise FetchError(url, _no_tls("the server broke it off"), "tls") from error
            raise _unreachable(
                url, route, f"({os.strerror(error.errno) if error.errno else error})"
            ) from error

    async def checked(self, url: str, route: Route) -> Sequence[IpAddress]:
        """The host's addresses. One that is forbidden refuses all: such a name is at best a mistake."""
        addresses = await self.addresses(url, route.host)
        for ip in addresses:
            reason = refusal(ip, route.port, route.allow)
            if reason is not None:
                raise FetchError(url, reason, "refused-address")
        return addresses

    async def addresses(self, url: str, host: str) -> Sequence[IpAddress]:
        ip = literal(host)
        if ip is not None:
            return (ip,)
        try:
            found = await self._resolver(host)
        except (OSError, UnicodeError) as error:
            raise FetchError(url, _dns_reason(host, error), "dns") from error
        if not found:
            raise FetchError(url, f"the name {host} has no address", "dns")
        return found

    async def _connect(
        self, ip: IpAddress, route: Route, tls: ssl.SSLContext | None, reached: list[IpAddress]
    ) -> Connection:
        dialled = await _reached(ip, route.port)
        reached.append(ip)
        # The name stays what the certificate is checked against. From here on the socket is the connection's to close.
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection,
            sock=dialled,
            ssl=tls,
            server_hostname=route.host if tls else None,
        )
        return connection

    def _context(self, url: str, route: Route) -> ssl.SSLContext:
        key = (route.verify, route.ca_file if route.verify else None)
        if key not in self._contexts:
            try:
                self._contexts[key] = _context(*key)
            except OSError as error:  # of which ssl.SSLError is one
                reason = f"ca_file {route.ca_file} cannot be used ({error.strerror or error})"
                raise FetchError(url, reason, "tls") from error
        return self._contexts[key]


async def _reached(ip: IpAddress, port: int) -> socket.socket:
    """A socket that is connected to this address and no other."""
    dialled = socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET)
    try:
        dialled.setblocking(False)
        await asyncio.get_running_loop().sock_connect(dialled, (str(ip), port))
        peer = dialled.getpeername()[0]
        if peer != str(ip) and ip_address(peer) != ip:
            raise OSError(f"dialled {ip}, reached {peer}")
    except BaseException:
        dialled.close()
        raise
    return dialled


def _context(verify: bool, ca_file: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(verify=verify, trust_env=True)  # SSL_CERT_FILE, SSL_CERT_DIR
    context.set_alpn_protocols(["http/1.1"])
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def by_turns(addresses: Iterable[IpAddress]) -> list[IpAddress]:
    """IPv6 and IPv4 alternately, in the resolver's order, beginning with its first (RFC 8305 §4)."""
    listed = list(addresses)
    first = [ip for ip in listed if isinstance(ip, IPv6Address) == isinstance(listed[0], IPv6Address)]
    other = [ip for ip in listed if ip not in first]
    return [ip for ip in chain.from_iterable(zip_longest(first, other)) if ip is not None][:_MOST_TRIED]


async def first_of(
    addresses: Sequence[IpAddress], connect: Callable[[IpAddress], Awaitable[Connection]], stagger: float
) -> Connection:
    """The first connection that stands. The next address is tried when one fails or takes long.

    Raises the first error when none stands, and a TLS error at once: a wrong certificate must not be hidden
    by another address.
    """
    if len(addresses) == 1:
        return await connect(addresses[0])
    waiting, tried, errors = list(addresses), set[asyncio.Task[Connection]](), list[OSError]()
    winner: asyncio.Task[Connection] | None = None
    try:
        while winner is None and (waiting or tried):
            if waiting:
                tried.add(asyncio.ensure_future(connect(waiting.pop(0))))
            done, _ = await asyncio.wait(
                tried, timeout=stagger if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            winner = _winner(done, errors)
            tried -= done - {winner}
        if winner is None:
            raise errors[0]
        return winner.result()
    finally:
        await _abandon(tried - {winner})


def _winner(
    done: Iterable[asyncio.Task[Connection]], errors: list[OSError]
) -> asyncio.Task[Connection] | None:
    winner = None
    for task in done:
        error = task.exception()
        if error is None and winner is None:
            winner = task
        elif error is None:
            task.result().close()
        elif isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
            errors.append(error)
        else:
            raise error
    return winner


async def _abandon(tasks: set[asyncio.Task[Connection]]) -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Connection):
            outcome.close()


def tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE_FAULTS.get(
            error.verify_code, f"the certificate does not hold ({error.verify_message})"
        )
    return _no_tls(error.reason or str(error))


def _no_tls(why: str) -> str:
    return f"no TLS connection ({why}); the server speaks another protocol or version"


def no_name_server(host: str) -> str:
    return f"the name servers did not answer for {host}; look whether this machine is on the net"


def _dns_reason(host: str, error: Exception) -> str:
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return no_name_server(host)
    return f"the name {host} does not resolve; check its spelling, and that this machine is online"


def _unreachable(url: str, route: Route, why: str) -> FetchError:
    reason = (
        f"no connection to {route.host} port {route.port} {why}; check the address, and that its server runs"
    )
    return FetchError(url, reason, "connect")
