"""Sites: whom a web address belongs to, and what follows when one wants to be left alone.

Decided here, for every store alike.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import idna

from storage.model import SourceRecord

#: How long a robots.txt is kept past its time: better an old one than none while a site is out of reach.
ROBOTS_KEPT = timedelta(days=30)

#: Until when a site is to be left alone, and why.
Hold = tuple[datetime, str]


def site_of(url: str) -> str:
    """The host, lower case and in ASCII, with its port unless that is 80 or 443; "" for what is no web address."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
        name = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except ValueError:  # of which idna.IDNAError is one
        return ""
    return name if port in (None, 80, 443) else f"{name}:{port}"


def later(known: Hold | None, hold: Hold) -> Hold:
    """Of two holds of one site the one that ends later: none is ever shortened."""
    return known if known is not None and known[0] >= hold[0] else hold


def held_back(record: SourceRecord, hold: Hold | None) -> SourceRecord:
    """The record of a source at a site that is to be left alone. Never shortens anything."""
    if hold is None:
        return record
    until, reason = hold
    held = record if record.hold_until and record.hold_until >= until else replace(record, hold_until=until)
    return held if held.next_poll >= until else replace(held, next_poll=until, next_poll_reason=reason)


def finished(record: SourceRecord, hold: Hold | None) -> SourceRecord:
    """The record that ends a poll, whose site may have asked another source to leave it alone meanwhile."""
    over = hold is not None and record.last_poll is not None and hold[0] <= record.last_poll
    return held_back(record, None if over else hold)
