"""What comes out of a page: an article, or a link to one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """An article page, read. ``html`` is tidy, not trusted: it goes through ``normalise``'s sanitiser like any other.

    Times are aware and stand in the zone that the page wrote them in (else the source's), so that ``.date()`` is the
    day the page prints; ``astimezone(UTC)`` gives the form that is stored.
    """

    title: str = ""
    text: str = ""  #: the body as plain text, a paragraph a line
    html: str = ""  #: the body as clean semantic HTML, addresses absolute
    published: datetime | None = None  #: aware; a doubtful date is none
    updated: datetime | None = None  #: aware
    authors: tuple[str, ...] = ()  #: people; never the editor on duty
    breadcrumb: tuple[str, ...] = ()  #: names, outermost first, without the home page, "正文" and the title
    section: str | None = None
    site: str | None = None  #: name of the publishing site
    origin: str | None = None  #: the outlet that the page names as its source (来源)
    image: str | None = None  #: absolute address of the lead picture
    language: str | None = None  #: BCP 47
    canonical_url: str | None = None  #: as the page declares it, absolute
    next_page: str | None = None  #: absolute address of the next page of the same article
    tags: tuple[str, ...] = ()
    notes: tuple[
        str, ...
    ] = ()  #: what a reader of the configuration should know, as a selector that found nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An article that a listing page names."""

    url: str  #: absolute, http or https, without a fragment
    title: str
    published: datetime | None = None  #: the date that stands beside it; aware, in the zone of the source


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A listing page, read."""

    links: tuple[Link, ...] = ()  #: in the order of the page, each once
    site: str | None = None  #: name of the publishing site
    next_page: str | None = None  #: absolute address of the list's next page
    places: tuple[
        str, ...
    ] = ()  #: where the links stand, the main list's first; empty where selectors found them
