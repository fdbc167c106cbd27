"""A source: the part of feeds.yaml that says what is polled."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field

from aggregator.config.base import Model
from aggregator.config.conditions import Condition, Routed
from aggregator.config.durations import PATTERN, Duration
from aggregator.config.forms import (
    Cidr,
    Encoding,
    HttpUrl,
    Language,
    OneOrMore,
    Short,
    Slug,
    UserAgent,
    Zone,
    listed,
)
from aggregator.config.manners import FirstFetch, Hotlink, Images, Interval, PerHost
from aggregator.config.page import ArticlePage, ListingPage, PageTest

DURATION = (("type", "string"), ("pattern", PATTERN))
WHOLE_NUMBER = (("type", "integer"),)


# -- the keys of a source, which may stand in `defaults` as well


def _interval(value: object) -> object:
    return {"base": value, "min": value} if isinstance(value, str | timedelta) else value


def _per_host(value: object) -> object:
    return {"concurrency": value} if isinstance(value, str | int) else value


def _images(value: object) -> object:
    return {"hotlink": value} if isinstance(value, str) else value


#: The ways of `images.hotlink`, as JSON Schema has them.
HOTLINK = (("type", "string"), ("enum", get_args(Hotlink)))


class SourceDefaults(Model):
    """What holds for every source that does not say otherwise."""

    interval: Annotated[Interval, BeforeValidator(_interval), Short("duration", DURATION)] = Interval()
    """How often to poll: a duration, or `{min, max, base, adaptive, jitter}`."""
    freshness: Duration | None = None
    """The mean age at which an item is to be found: makes the source adaptive, and exempts it from the budget."""
    timeout: Duration = Field(default=timedelta(seconds=30), gt=timedelta())
    """For one request all in: name look-up, connection, answer, redirects."""
    max_size: int = Field(default=10 * 1024 * 1024, ge=1024)
    """Largest body in bytes, after decompression."""
    max_length: int = Field(default=500_000, ge=10_000, le=4_000_000)
    """Longest article in characters of its HTML; of a longer one the beginning is kept, and `status` says so."""
    per_host: Annotated[PerHost, BeforeValidator(_per_host), Short("whole number", WHOLE_NUMBER)] = PerHost()
    """Requests to one host: a number at the same time, or `{concurrency, spacing}`."""
    user_agent: UserAgent | None = None
    """What we call ourselves; left out: name, version and where to read about it."""
    timezone: Zone | None = None
    """The zone of dates that name none; left out: `site.timezone`."""
    language: Language | None = None
    """The language of articles that name none."""
    full_text: Literal["auto", "always", "never"] = "never"
    """Fetch the page behind a feed's entry, one more request for each: `auto` when the entry only summarises."""
    first_fetch: FirstFetch = FirstFetch()
    """How much of a new source's past is taken in."""
    updates: Literal["silent", "bump", "ignore"] = "bump"
    """A change after publication: `silent` changes the entry, `bump` its date too, `ignore` nothing."""
    future_dates: Literal["clamp", "keep", "drop"] = "clamp"
    """An article dated ahead of now: dated now, left as it is, or not taken."""
    images: Annotated[Images, BeforeValidator(_images), Short("text", HOTLINK)] = Images()
    """How pictures are treated: `keep`, `no-referrer`, `proxy` or `archive`, or `{lazy, hotlink, max_size}`."""
    stale_after: Duration | None = None
    """A source without anything new for so long is shown as stale."""
    allow_private: Annotated[tuple[Cidr, ...], BeforeValidator(listed), OneOrMore()] = ()
    """Networks (CIDR) inside which addresses may lie that are not public; empty: none, loopback included."""
    verify: bool = True
    """Check TLS certificates."""
    ca_file: Path | None = None
    """Certificate authorities in a PEM file, beside this one unless absolute, that are trusted as well."""
    robots: Literal["auto", "obey", "ignore"] = "auto"
    """robots.txt: `auto` heeds it for pages and kept pictures, `obey` for feeds too, `ignore` is for own sites."""
    ignore_cache_hints: bool = False
    """Poll more often than the publisher's max-age or ttl asks for."""
    websub: Literal["auto", "off"] = "auto"
    """Have a hub push what is new, where the document names one and hubs can reach us: `site.base_url` is public."""
    max_articles: int = Field(default=30, ge=1)
    """Article pages fetched in one poll; the rest follow in the next."""
    encoding: Encoding | None = None
    """The encoding of documents that say it wrong; left out: found."""
    block: Condition | None = None
    """Articles for which one key holds are not taken."""
    keep: Condition | None = None
    """Only articles for which it holds are taken."""
    dedup: Literal["off", "exact", "near"] = "near"
    """How copies of this source's articles are looked for."""
    priority: int = 0
    """Among copies the one of the highest priority is printed, under `dedup.prefer: priority`; may be negative."""
    type: Literal["auto", "feed", "page", "sitemap", "json"] = "auto"
    """What the document is; `auto` finds out, but takes no page where the address promises a feed (`/feed`, `.xml`)."""
    section: Routed | None = None
    """The section its articles go to, or rules; left out: where breadcrumb and categories lead."""
    enabled: bool = True
    """`no` pauses the source."""
    entry_id: Annotated[
        tuple[Literal["guid", "link", "date", "title", "content"], ...], BeforeValidator(listed), OneOrMore()
    ] = ("guid", "link")
    """What identifies an entry of this source, for feeds whose guids cannot be trusted."""
    page: ListingPage = ListingPage()
    """Selectors for the listing page."""
    article: ArticlePage = ArticlePage()
    """Selectors for the article pages."""


class Defaults(SourceDefaults):
    """The keys of every source, and what holds for all of them together."""

    concurrency: int = Field(default=50, ge=1, le=1000)
    """Sources polled at the same time; beside them up to three times as many whose servers keep us waiting."""
    polls_per_day: float | None = Field(default=None, gt=0)
    """The budget of the adaptive sources: mean polls a source and day; left out: what `interval.base` would take."""


class Source(SourceDefaults):
    """A feed or page that is polled. A bare address is a source too."""

    url: HttpUrl
    """Where it is."""
    id: Slug
    """Its name for the program: lower-case letters, digits, hyphens; left out: made from the address."""
    name: str | None = None
    """Its name for people; left out: the one that the document gives itself."""
    like: Slug | None = None
    """Id of another source whose keys hold here too, where this one does not say otherwise."""
    test: tuple[PageTest, ...] = ()
    """Saved pages and what must come out of them."""
