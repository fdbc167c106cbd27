"""One HTTP exchange: conditional, polite, bounded, with checked addresses only. Alone it imports httpx."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.fetch.addresses import forbidden
    from aggregator.fetch.client import Fetcher
    from aggregator.fetch.decode import unpacked
    from aggregator.fetch.errors import FaultKind, FetchError, redact, redirected
    from aggregator.fetch.exchange import HostManners, Kind, Permit, Request, Response
    from aggregator.fetch.hosts import Hosts
    from aggregator.fetch.resolve import Resolver
    from aggregator.fetch.sites import SiteHeld, Sites
    from aggregator.fetch.target import Target, check_url

__all__ = [
    "FaultKind",
    "FetchError",
    "Fetcher",
    "HostManners",
    "Hosts",
    "Kind",
    "Permit",
    "Request",
    "Resolver",
    "Response",
    "SiteHeld",
    "Sites",
    "Target",
    "check_url",
    "forbidden",
    "redact",
    "redirected",
    "unpacked",
]

__getattr__ = lazily(
    __name__,
    addresses="forbidden",
    client="Fetcher",
    decode="unpacked",
    errors="FaultKind FetchError redact redirected",
    exchange="HostManners Kind Permit Request Response",
    hosts="Hosts",
    resolve="Resolver",
    sites="SiteHeld Sites",
    target="Target check_url",
)
