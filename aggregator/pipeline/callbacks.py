"""Where hubs reach us, and whether they can."""

from __future__ import annotations

import re

from aggregator.fetch import FetchError, check_url, forbidden

PATH = "/websub/"
#: Names that nobody outside can look up (RFC 6761, RFC 6762, RFC 8375, and what is usual).
_OWN_NAMES = re.compile(
    r"localhost|.*\.(?:localhost|local|lan|internal|intranet|home\.arpa|test|invalid)|[^.]*"
)


def callback(base_url: str, token: str) -> str:
    return f"{base_url.rstrip('/')}{PATH}{token}"


def is_public(base_url: str) -> bool:
    """Whether the whole net may reach the address, as far as its host tells without being looked up."""
    try:
        target = check_url(base_url)
    except FetchError:
        return False
    if target.ip is not None:
        return forbidden(target.ip) is None
    return not _OWN_NAMES.fullmatch(target.host)
