"""Which addresses and ports may be dialled. Tables and arithmetic, no network.

``ipaddress.is_private`` misses half of the dangerous ranges (NAT64, 6to4, ISATAP, cloud services on public
numbers), hence tables of our own: the IANA special-purpose registries (RFC 6890 and successors) and the
addresses of known cloud services.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import chain

from aggregator.config.model import Network

IpAddress = IPv4Address | IPv6Address

#: The first that matches names the reason.
_FORBIDDEN_V4 = tuple(
    (IPv4Network(block), reason)
    for block, reason in (
        ("0.0.0.0/8", "an unspecified"),
        ("10.0.0.0/8", "a private"),
        ("100.64.0.0/10", "a carrier-grade NAT"),  # 100.100.100.200 is Alibaba Cloud's metadata service
        ("127.0.0.0/8", "a loopback"),
        (
            "168.63.129.16/32",
            "a cloud service (Azure)",
        ),  # a public number, answered by the machine's own host
        ("169.254.0.0/16", "a link-local (cloud metadata)"),
        ("172.16.0.0/12", "a private"),
        ("192.0.0.0/24", "a protocol assignment"),  # 192.0.0.192 is Oracle Cloud's metadata service
        ("192.0.2.0/24", "a documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "a private"),
        ("198.18.0.0/15", "a benchmarking"),
        ("198.51.100.0/24", "a documentation"),
        ("203.0.113.0/24", "a documentation"),
        ("224.0.0.0/4", "a multicast"),
        ("255.255.255.255/32", "the broadcast"),
        ("240.0.0.0/4", "a reserved"),
    )
)
_FORBIDDEN_V6 = tuple(
    (IPv6Network(block), reason)
    for block, reason in (
        ("::/128", "an unspecified"),
        ("::1/128", "a loopback"),
        ("::/96", "an IPv4-compatible"),
        ("64:ff9b:1::/48", "a local-use NAT64"),
        ("100::/64", "a discard-only"),
        ("2001::/32", "a Teredo"),  # carries two IPv4 addresses; out of use, so refused whatever they are
        ("2001::/23", "a protocol assignment"),
        ("2001:db8::/32", "a documentation"),
        ("3fff::/20", "a documentation"),
        ("5f00::/16", "a segment-routing"),
        ("fc00::/7", "a private (unique local)"),  # fd00:ec2::254 is AWS's metadata service
        ("fe80::/10", "a link-local"),
        ("fec0::/10", "a private (site-local)"),
        ("ff00::/8", "a multicast"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has given out; the rest is refused unnamed

#: Public IPv6 forms that carry an IPv4 address, which whoever dials them may reach.
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)

Embedding = tuple[Callable[[IPv6Address], bool], Callable[[int], int]]
_EMBEDDINGS: tuple[Embedding, ...] = (
    (_NAT64.__contains__, lambda bits: bits),
    (_6TO4.__contains__, lambda bits: bits >> 80),
    (lambda ip: int(ip) >> 32 & 0xFFFFFFFF in _ISATAP, lambda bits: bits),
)

#: Ports from 1024 up where another protocol listens that can be talked to by an HTTP request.
_OTHER_PROTOCOLS = {
    "databases": (1433, 1434, 1521, 3306, 5432, 5984, 9042, 9160, 27017, 27018, 27019, 28015, 33060, 50070),
    "caches, queues, search": (5671, 5672, 6379, 9092, 9200, 9300, 11211, 15672, 16379, 26379),
    "clusters, containers": (2181, 2375, 2376, 2377, 2379, 2380, 4369, 6443, 8500, 8600, 10250, 10255),
    "remote control, files": (1080, 2049, 3389, 4045, 4190, 5900, 5985, 5986, 6000, 6566, 10080),
    "telephony, chat": (1719, 1720, 1723, 3659, 5060, 5061, 6660, 6665, 6666, 6667, 6668, 6669, 6679, 6697),
}
_DANGEROUS_PORTS = frozenset(chain.from_iterable(_OTHER_PROTOCOLS.values()))


def forbidden(ip: IpAddress, allow: Sequence[Network] = ()) -> str | None:
    """The reason why the address must not be dialled, a sentence with its remedy; None where it may be."""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return forbidden(ip.ipv4_mapped, allow)
        if ip.scope_id is not None:
            return f"{ip} names a network interface; write the address without it"
    if allowed(ip, allow):
        return None
    what = _special(ip)
    if what is not None:
        return f"{ip} is {what} address; name {_remedy(ip)} in allow_private if this source is your own"
    return next((reason for inner in _embedded(ip) if (reason := _embedded_reason(ip, inner, allow))), None)


def allowed(ip: IpAddress, allow: Sequence[Network]) -> bool:
    """Whether the configuration names the address as one's own."""
    plain = ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
    return any(plain in network for network in allow)


def refusal(ip: IpAddress, port: int, allow: Sequence[Network] = ()) -> str | None:
    """As ``forbidden``, and the port is looked at too, unless the address is one's own."""
    reason = forbidden(ip, allow)
    if reason is None and not allowed(ip, allow) and not _web_port(port):
        return f"port {port} is not one of web servers; it is dialled only at addresses inside allow_private"
    return reason


def _web_port(port: int) -> bool:
    return port in (80, 443) or (port >= 1024 and port not in _DANGEROUS_PORTS)


def _special(ip: IpAddress) -> str | None:
    named = next((reason for _, reason in _ranges(ip)), None)
    if named is None and isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST and ip not in _NAT64:
        return "no public"
    return named


def _ranges(ip: IpAddress) -> Iterator[tuple[Network, str]]:
    if isinstance(ip, IPv4Address):
        yield from ((network, reason) for network, reason in _FORBIDDEN_V4 if ip in network)
    else:
        yield from ((network, reason) for network, reason in _FORBIDDEN_V6 if ip in network)


def _embedded(ip: IpAddress) -> Iterator[IPv4Address]:
    if isinstance(ip, IPv6Address):
        for carries, extract in _EMBEDDINGS:
            if carries(ip):
                yield IPv4Address(extract(int(ip)) & 0xFFFFFFFF)


def _embedded_reason(ip: IpAddress, inner: IPv4Address, allow: Sequence[Network]) -> str | None:
    reason = forbidden(inner, allow)
    return reason and f"{ip} leads to {inner}, and {reason}"


def _remedy(ip: IpAddress) -> str:
    """The block to name: that of loopback or private addresses as a whole, else the one address."""
    blocks = (network for network, reason in _ranges(ip) if reason in ("a loopback", "a private"))
    return str(next(blocks, f"{ip}/{ip.max_prefixlen}"))
