"""What comes in: an item as a source gave it, raw and untrusted, and the feed or page it came in.

Everything that reads a document leaves with these types at once; no feedparser dict, no HTML tree goes further.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from storage.model import Enclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a feed, or one article page. Nothing in it is clean: HTML is unsanitised, addresses relative."""

    guid: str = ""  #: raw, never resolved; "" when the source gives none
    url: str = ""  #: of the article page; made absolute where the document's own base is known
    title: str = ""  #: HTML or text, as ``title_is_html`` says
    title_is_html: bool = True
    summary: str = ""  #: HTML
    content: str = ""  #: HTML of the body; "" when the source only summarises
    base_url: str = ""  #: what relative addresses in the HTML are resolved against
    authors: tuple[str, ...] = ()
    published: datetime | None = None  #: aware, UTC; a doubtful date is none
    updated: datetime | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    breadcrumb: tuple[str, ...] = ()
    section: str | None = None  #: the section the page itself names
    site: str | None = None
    origin: str | None = None
    canonical_url: str | None = None  #: as the page declares it (rel=canonical, og:url)
    digest: bytes = b""  #: of the piece of a feed it was read from; b"" where it cannot be told from the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a document says about how often to ask for it. None: it does not say."""

    ttl: timedelta | None = None  #: RSS <ttl>
    update_period: timedelta | None = None  #: sy:updatePeriod / sy:updateFrequency
    skip_hours: frozenset[int] = frozenset()  #: hours in GMT, 0..23
    skip_days: frozenset[int] = frozenset()  #: weekdays in GMT, Monday 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document, read."""

    format: Literal["rss", "atom", "rdf", "json", "cdf", "unknown"]
    title: str = ""
    link: str = ""  #: the site's page, absolute
    language: str | None = None
    items: tuple[Item, ...] = ()
    hints: Hints = Hints()
    hubs: tuple[str, ...] = ()  #: WebSub hubs that the document names, absolute
    self_url: str | None = None
    older: str | None = None  #: where older entries stand (RFC 5005: prev-archive, else the next page)
    faults: tuple[str, ...] = ()  #: what was wrong with the document and was survived
    torn: bool = False  #: it broke off before its end: what is whole of it was read
    digests: tuple[bytes, ...] = ()  #: of all entries of the document that can be read, known ones included
    length: int = 0  #: entries of the document, those left out included
