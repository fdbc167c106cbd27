"""One HTTP exchange: conditional, polite, bounded, with checked addresses only. Alone it imports httpx."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.fetch.addresses import forbidden as forbidden
    from aggregator.fetch.client import Fetcher as Fetcher
    from aggregator.fetch.decode import unpacked as unpacked
    from aggregator.fetch.errors import (
        FaultKind as FaultKind,
        FetchError as FetchError,
        redact as redact,
        redirected as redirected,
    )
    from aggregator.fetch.exchange import (
        HostManners as HostManners,
        Kind as Kind,
        Permit as Permit,
        Request as Request,
        Response as Response,
    )
    from aggregator.fetch.hosts import Hosts as Hosts
    from aggregator.fetch.resolve import Resolver as Resolver
    from aggregator.fetch.sites import SiteHeld as SiteHeld, Sites as Sites
    from aggregator.fetch.target import Target as Target, check_url as check_url
else:
    __getattr__ = lazily(__name__)
