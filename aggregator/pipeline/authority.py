"""The authority of the paper's entry ids (RFC 4151 §2.1): configured, or minted once for good."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from aggregator.config.model import Config
from storage.interface import ArticleStore

#: Under this setting stands what was minted: ids outlive every later move of the paper.
AUTHORITY = "id_authority"
#: Of papers that have no name of their own on the net when they first print.
NAMELESS = "localhost,2026"
_UNDATED = "2026"


def authority_for(config: Config, store: ArticleStore) -> str:
    """For who does not print the paper."""
    return _dated(config.site.id_domain) or store.setting(AUTHORITY) or NAMELESS


def lasting_authority(config: Config, store: ArticleStore, base_url: str, now: datetime) -> str:
    """For who prints it: minted and kept where there is none."""
    found = _dated(config.site.id_domain) or store.setting(AUTHORITY)
    if found is None:
        found = _minted(base_url, now)
        store.set_setting(AUTHORITY, found)
    return found


def _dated(id_domain: str | None) -> str | None:
    """A ``tag:`` authority is a name and a date; who gives the name alone gets one date, always the same."""
    return id_domain if id_domain is None or "," in id_domain else f"{id_domain},{_UNDATED}"


def _minted(base_url: str, now: datetime) -> str:
    """Of a paper that first prints now at this address."""
    host = urlsplit(base_url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        if "." in host:
            return f"{host},{now.year}"
    return NAMELESS
