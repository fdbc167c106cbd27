"""An address as it will be dialled: read once, strictly, and written back in the one form passed on."""

from __future__ import annotations

import re
import socket
import unicodedata
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

import idna

from aggregator.fetch.addresses import IpAddress
from aggregator.fetch.errors import FetchError

MAX_URL = 8192  #: characters; RFC 9110 §4.1 asks for 8,000 at least
_DEFAULT_PORTS = {"http": 80, "https": 443}
_DOTS = str.maketrans("。．｡", "...")  # what IDNA takes for a dot (RFC 3490 §3.1)
# Underscores do occur, whatever RFC 952 says.
_HOST_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
#: Left as they are: what RFC 3986 allows in path and query, and "%", since an escape is never escaped again.
_KEPT = "!$%&'()*+,-./:;=?@[]_|~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A checked address: http or https, and a host that is either a name or an IP address."""

    url: str  #: normalised: lower-case ASCII host, no default port, no credentials, no fragment
    scheme: str
    host: str  #: ASCII name without a dot at its end, or an IP address without brackets
    port: int
    ip: IpAddress | None = None  #: where the host is an address already
    credentials: tuple[bytes, bytes] | None = field(default=None, repr=False)  #: user name, password

    @property
    def netloc(self) -> str:
        """As ``url`` has it, and the field Host: with the port where that is unusual for the scheme."""
        return self.url.split("/", 3)[2]

    @property
    def origin(self) -> tuple[str, str, int]:
        """What credentials belong to (RFC 6454 §4)."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """What manners are due to: the host, by http or https alike, and its port where that is unusual."""
        return self.host if self.port in (80, 443) else f"{self.host}:{self.port}"


def check_url(url: str) -> Target:
    """Read an address. Raises FetchError("url") for whatever is not plainly http or https with a host.

    Numbers in a host are read as the C library reads them (``127.1``, ``0x7f000001``), full-width digits and
    ideographic dots as IDNA reads them, so that ``Target.ip`` is what would be dialled.
    """
    parts = _split(url)
    host, ip = _host(url, parts)
    scheme, port = parts.scheme, _port(url, parts)
    shown = f"[{host}]" if isinstance(ip, IPv6Address) else host
    authority = shown if port == _DEFAULT_PORTS[scheme] else f"{shown}:{port}"
    return Target(
        url=f"{scheme}://{authority}{_path(parts)}",
        scheme=scheme,
        host=host,
        port=port,
        ip=ip,
        credentials=_credentials(parts),
    )


def with_credentials(target: Target, credentials: tuple[bytes, bytes] | None) -> str:
    """The address as a configuration would write it, credentials included."""
    if credentials is None:
        return target.url
    user, password = (quote(part, safe="") for part in credentials)
    return target.url.replace("://", f"://{user}:{password}@", 1)


def _split(url: str) -> SplitResult:
    text = url.strip(" \t\r\n")
    if len(text) > MAX_URL:
        raise _bad(url, f"the address is longer than {MAX_URL} characters")
    if _CONTROL.search(text):
        raise _bad(url, "the address contains control characters or backslashes, which no web address has")
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise _bad(url, "the address cannot be read; check its brackets and its host") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise _bad(
            url, f"only http and https addresses are fetched, not {parts.scheme[:20] or 'relative ones'}"
        )
    return parts


def _host(url: str, parts: SplitResult) -> tuple[str, IpAddress | None]:
    host = parts.netloc.rpartition("@")[2]
    if host.startswith("["):
        return _ipv6(url, host)
    name = _ascii(url, host.partition(":")[0]).removesuffix(".")
    if not name:
        raise _bad(url, "the address has no host")
    if not _HOST_NAME.fullmatch(name) or len(name) > 253:
        raise _bad(url, "its host is no host name")
    return _numbers(url, name) if _NUMBER.fullmatch(name.rpartition(".")[2]) else (name, None)


def _ipv6(url: str, bracketed: str) -> tuple[str, IpAddress]:
    inside, _, after = bracketed[1:].partition("]")
    try:
        ip = IPv6Address(inside)
        if after and not after.startswith(":"):
            raise ValueError(after)
    except ValueError as error:
        raise _bad(url, "its host is no IPv6 address") from error
    if ip.scope_id is not None:
        raise _bad(url, "its host names a network interface; write the address without it")
    return str(ip), ip


def _ascii(url: str, host: str) -> str:
    name = unicodedata.normalize("NFKC", host).translate(_DOTS).lower()
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise _bad(url, "its host is no internationalised host name") from error


def _numbers(url: str, name: str) -> tuple[str, IpAddress]:
    """The address that the C library makes of numbers: decimal, octal, hexadecimal, in one to four parts."""
    try:
        ip = IPv4Address(socket.inet_aton(name))
    except OSError as error:
        raise _bad(url, "its host is a number, but no IPv4 address") from error
    return str(ip), ip


def _port(url: str, parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise _bad(url, "its port is no number from 1 to 65535") from error
    if port == 0:
        raise _bad(url, "its port is no number from 1 to 65535")
    return port or _DEFAULT_PORTS[parts.scheme]


def _path(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_KEPT, errors="replace")
    return f"{path}?{quote(parts.query, safe=_KEPT, errors='replace')}" if parts.query else path


def _credentials(parts: SplitResult) -> tuple[bytes, bytes] | None:
    userinfo, at, _ = parts.netloc.rpartition("@")
    if not at:
        return None
    user, _, password = userinfo.partition(":")
    return unquote_to_bytes(user), unquote_to_bytes(password)


def _bad(url: str, reason: str) -> FetchError:
    return FetchError(url, reason, "url")


def literal(host: str) -> IpAddress | None:
    """The address that a normalised host is, None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
