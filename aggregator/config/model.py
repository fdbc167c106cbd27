"""feeds.yaml as typed, frozen values. The docstring of each field is its reference entry and its editor help."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from aggregator.config.durations import Duration

Network = IPv4Network | IPv6Network


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; write an IANA name, as Asia/Shanghai or Europe/Berlin") from error
    return name


def _listed(value: object) -> object:
    """A single value where a list is expected is a list of one."""
    return value if value is None or isinstance(value, list | tuple | set | frozenset) else [value]


Zone = Annotated[str, AfterValidator(_known_zone)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+[^\s]*$")]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed), WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True)


# -- small parts


class Interval(Model):
    """How often a source is polled."""

    min: Duration = timedelta(minutes=5)
    """Never more often than this."""
    max: Duration = timedelta(hours=24)
    """Never more seldom than this."""
    base: Duration = timedelta(minutes=15)
    """The interval without any other knowledge."""
    adaptive: bool = False
    """Learn each source's rhythm and poll it when news is likely."""


class PerHost(Model):
    """Manners towards one host, whatever the number of its sources."""

    concurrency: int = Field(2, ge=1)
    """Requests to one host at the same time."""
    spacing: Duration | None = None
    """Time between the starts of two requests to one host; 1s, and none for hosts inside `allow_private`."""


class FirstFetch(Model):
    """How much of a new source's past is taken in on its first poll; the rest is remembered, not published."""

    max_items: int = Field(20, ge=0)
    """At most this many, the newest first."""
    max_age: Duration | None = None
    """None older than this."""


class Images(Model):
    """How pictures of articles are treated."""

    lazy: Literal["resolve", "keep"] = "resolve"
    """`resolve`: put the real address of a lazily loaded picture in its place."""
    hotlink: Literal["keep", "no-referrer"] = "keep"
    """`no-referrer`: readers ask for pictures without telling where from, which some hosts insist on."""


class Condition(Model):
    """Holds for an article when every key given holds. Patterns are RE2, found anywhere, letter case folded."""

    source: Names = ()
    """Source ids, whole."""
    breadcrumb: Names = ()
    """Names in the breadcrumb of the page, whole."""
    tag: Names = ()
    """Categories of the article, whole."""
    category: Names = ()
    """Another word for `tag`."""
    title: Names = ()
    """Patterns, one of which is found in the title."""
    text: Names = ()
    """Patterns, one of which is found in title, summary or body."""
    author: Names = ()
    """Patterns, one of which is found in an author's name."""
    url: Names = ()
    """Patterns, one of which is found in the address."""
    language: Names = ()
    """Language codes; `zh` holds for zh-CN and zh-TW."""
    keyword: Names = ()
    """Words, one of which occurs in title or summary, as they stand (no pattern)."""
    any: Condition | None = None
    """Holds when one of the keys in it holds."""
    none: Condition | None = None
    """Holds when no key in it holds."""


class Route(Condition):
    """A condition and the section that articles go to for which it holds."""

    to: str
    """Id, title or label of a section."""


class Routing(Model):
    """Sections of a source by rule: the first match wins."""

    match: tuple[Route, ...] = ()
    """Rules, tried in order."""
    else_: str | None = Field(None, alias="else")
    """Where the others go; left out: where their breadcrumb and categories lead."""


class Selector(Model):
    """Where a value stands on a page."""

    select: str
    """CSS selector, or XPath when it begins with `/`, `./` or `(`; `@name` at the end of a CSS selector takes an attribute."""
    regex: str | None = None
    """RE2 pattern: only what it finds (its first group, if it has one) is taken."""


def _selector(value: object) -> object:
    return {"select": value} if isinstance(value, str) else value


Select = Annotated[Selector, BeforeValidator(_selector)]


class ListingPage(Model):
    """Selectors for the listing page of a page source. Leave out what need not be said: it is found without."""

    item: str | None = None
    """Selector of the element of one entry; `link`, `title` and `date` are searched within it."""
    link: Select | None = None
    """The link to the article, as `a@href`."""
    title: Select | None = None
    """The title in the list."""
    date: Select | None = None
    """The date in the list."""
    url_pattern: str | None = None
    """RE2 pattern that the address of an article matches."""
    next_page: Select | None = None
    """The link to the next page of the list."""
    max_pages: int = Field(1, ge=1, le=50)
    """Pages of the list that are read on the first poll."""


class ArticlePage(Model):
    """Selectors for the article pages of a page source. What is left out is found without."""

    title: Select | None = None
    """The title."""
    body: str | None = None
    """Selector of the element that holds the body."""
    date: Select | None = None
    """The date of publication."""
    author: Select | None = None
    """The author."""
    section: Select | None = None
    """The section, usually the last name of the breadcrumb."""
    strip: Names = ()
    """Selectors of elements in the body to drop."""
    strip_text: Names = ()
    """RE2 patterns; a paragraph that one of them matches is dropped."""
    next_page: Select | None = None
    """The link to the next page of the same article."""


class PageTest(Model):
    """A saved page and what must come out of it; `check` runs it."""

    url: str
    """`file:` and a path beside this file, or the address of a live page."""
    title: str | None = None
    """The exact title."""
    date: str | None = None
    """The date, as 2024-10-24."""
    section: str | None = None
    """The section."""
    contains: str | None = None
    """A text that the body contains."""


# -- the keys of a source, which may stand in `defaults` as well


def _interval(value: object) -> object:
    return {"base": value, "min": value} if isinstance(value, str) else value


def _per_host(value: object) -> object:
    return {"concurrency": value} if isinstance(value, str | int) else value


class SourceDefaults(Model):
    """What holds for every source that does not say otherwise."""

    interval: Annotated[Interval, BeforeValidator(_interval)] = Interval()
    """How often to poll: a duration, or `{min, max, base, adaptive}`."""
    timeout: Duration = timedelta(seconds=30)
    """For one request all in: name look-up, connection, answer, redirects."""
    max_size: int = Field(10 * 1024 * 1024, ge=1024)
    """Largest body in bytes, after decompression."""
    per_host: Annotated[PerHost, BeforeValidator(_per_host)] = PerHost()
    """Requests to one host: a number at the same time, or `{concurrency, spacing}`."""
    user_agent: str | None = None
    """What we call ourselves; left out: name, version and where to read about it."""
    timezone: Zone | None = None
    """The zone of dates that name none; left out: `site.timezone`."""
    language: str | None = None
    """The language of articles that name none."""
    full_text: Literal["auto", "always", "never"] = "never"
    """Fetch the page behind an entry: `auto` when the entry only summarises."""
    first_fetch: FirstFetch = FirstFetch()
    """How much of a new source's past is taken in."""
    updates: Literal["silent", "bump", "ignore"] = "bump"
    """A change after publication: `silent` changes the entry alone, `bump` also its date of update, `ignore` nothing."""
    future_dates: Literal["clamp", "keep", "drop"] = "clamp"
    """An article dated ahead of now: dated now, left as it is, or not taken."""
    images: Images = Images()
    """How pictures are treated."""
    stale_after: Duration | None = None
    """A source without anything new for so long is shown as stale."""
    allow_private: Annotated[tuple[Network, ...], BeforeValidator(_listed)] = ()
    """Networks (CIDR) inside which addresses may lie that are not public; empty: none, loopback included."""
    verify: bool = True
    """Check TLS certificates."""
    ignore_cache_hints: bool = False
    """Poll more often than the publisher's max-age or ttl asks for."""
    max_articles: int = Field(30, ge=1)
    """Article pages fetched in one poll of a page source; the rest follow in the next."""
    encoding: str | None = None
    """The encoding of documents that say it wrong; left out: found."""
    block: Condition | None = None
    """Articles for which one key holds are not taken."""
    keep: Condition | None = None
    """Only articles for which it holds are taken."""
    dedup: Literal["off", "exact", "near"] = "near"
    """How copies of this source's articles are looked for."""
    priority: int = 0
    """Among copies the one of the highest priority is printed, under `dedup.prefer: priority`."""


class Source(SourceDefaults):
    """A feed or page that is polled. A bare address is a source too."""

    url: HttpUrl
    """Where it is."""
    id: Slug
    """Its name for the program: lower-case letters, digits, hyphens; left out: made from the address."""
    name: str | None = None
    """Its name for people; left out: the one that the document gives itself."""
    type: Literal["auto", "feed", "page", "sitemap", "json"] = "auto"
    """What the document is; `auto` finds out."""
    section: str | Routing | None = None
    """The section its articles go to, or rules; left out: where breadcrumb and categories lead."""
    enabled: bool = True
    """`no` pauses the source."""
    like: Slug | None = None
    """Id of another source whose keys hold here too, where this one does not say otherwise."""
    entry_id: Annotated[tuple[Literal["guid", "link", "date", "title", "content"], ...], BeforeValidator(_listed)] = (
        "guid",
        "link",
    )
    """What identifies an entry of this source, for feeds whose guids cannot be trusted."""
    page: ListingPage = ListingPage()
    """Selectors for the listing page."""
    article: ArticlePage = ArticlePage()
    """Selectors for the article pages."""
    test: tuple[PageTest, ...] = ()
    """Saved pages and what must come out of them."""


class Section(Model):
    """A feed and a page that we publish."""

    id: Slug
    """The name of its files: `<id>.atom`, `<id>.rss`, `<id>.json`, `<id>/index.html`."""
    title: str
    """Its name for people. Articles labelled with it, or with the id, go here."""
    description: str = ""
    """A sentence about it."""
    language: str | None = None
    """Its language; left out: `site.language`."""
    include: Names = ()
    """More labels that lead here; `*` takes every article."""
    match: Condition | None = None
    """Articles for which it holds come here, whatever their labels."""
    keep: Condition | None = None
    """Of those that would come here, only the ones for which it holds."""
    block: Condition | None = None
    """Of those that would come here, none for which one key holds."""
    limit: int = Field(50, ge=1, le=5000)
    """Entries in the feed, the newest first."""
    max_age: Duration | None = None
    """Nothing older than this is in the feed."""
    max_per_source: int | None = Field(None, ge=1)
    """Entries of one source, so that a chatty one does not drown the others."""
    delay: Duration = timedelta()
    """Articles appear this long after they were first seen."""


class Site(Model):
    """The paper as a whole."""

    title: str = "Feed Aggregator"
    """Its name."""
    description: str = ""
    """A sentence about it."""
    base_url: HttpUrl | None = None
    """Where readers find it, without a slash at the end; left out: http:// and `server.listen`. Entry ids do not depend on it."""
    id_domain: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.@_-]+(,\d{4}(-\d\d(-\d\d)?)?)?$")] | None = None
    """Authority of entry ids (`tag:` URIs, RFC 4151), as `news.example.cn,2026`; left out: minted once and kept in the store."""
    language: str = "en"
    """BCP 47."""
    timezone: Zone = "UTC"
    """The zone of dates that name none, and of dates on the pages."""


class Near(Model):
    """Near-duplicates."""

    enabled: bool = True
    """Look for them at all."""
    threshold: float = Field(0.85, ge=0, le=1)
    """How much of the shorter text must stand in the longer one."""
    min_chars: int = Field(60, ge=0)
    """Shorter bodies are compared whole."""


class Dedup(Model):
    """One story once."""

    window: Duration = timedelta(days=14)
    """How far back copies are looked for."""
    exact: Annotated[tuple[Literal["id", "canonical_url", "content"], ...], BeforeValidator(_listed)] = (
        "id",
        "canonical_url",
        "content",
    )
    """What makes two articles one: the source's own id, the canonical address, the text."""
    near: Near = Near()
    """Near-duplicates."""
    scope: Literal["all", "section", "source"] = "all"
    """Where copies are looked for."""
    prefer: Literal["first", "longest", "priority"] = "first"
    """Which copy is printed."""
    show_also: bool = True
    """Name the other copies in the printed entry."""
    fold_variants: bool = True
    """Compare simplified and traditional characters, and widths, as one."""


class WebSub(Model):
    """Push to subscribers (W3C WebSub)."""

    hub: Annotated[str, StringConstraints(pattern=r"^(self|off|https?://\S+)$")] = "off"
    """`self`, `off`, or the address of a hub."""


class Output(Model):
    """What is published and where."""

    dir: Path = Path("var/public")
    """The folder, beside this file unless absolute."""
    formats: Annotated[tuple[Literal["atom", "rss", "json", "html", "opml"], ...], BeforeValidator(_listed)] = (
        "atom",
        "rss",
        "json",
        "html",
        "opml",
    )
    """Which forms are written."""
    content: Literal["full", "summary"] = "full"
    """Whole bodies, or summaries alone."""
    attribution: str | None = None
    """A line under each entry; {source}, {link}, {author} and {site} stand for their values."""
    websub: WebSub = WebSub()
    """Push to subscribers."""
    archive: bool = False
    """Archive pages (RFC 5005)."""


class Storage(Model):
    """The database."""

    url: str = "sqlite:///var/aggregator.db"
    """A SQLAlchemy URL; relative SQLite paths are beside this file."""


class Server(Model):
    """The built-in HTTP server."""

    listen: Annotated[str, StringConstraints(pattern=r"^(\[[0-9a-fA-F:.]+\]|[^\s:]*):\d{1,5}$")] = "127.0.0.1:8000"
    """Address and port; port 0 takes a free one."""
    token: str = ""
    """With a token, status and metrics ask for it (`Authorization: Bearer`, or `?token=`)."""
    metrics: bool = True
    """Serve /metrics."""


class Retention(Model):
    """How long articles are kept. What is published does not change by it: sections have their own limits."""

    articles: Duration | None = timedelta(days=180)
    """Older articles are reduced to their identity, so that they never come back as new."""
    bodies: Duration | None = timedelta(days=90)
    """Older bodies are emptied."""
    seen_ids: Literal["forever"] = "forever"
    """Identities are kept for good."""


class Notify(Model):
    """A webhook."""

    events: Annotated[
        tuple[Literal["source_broken", "source_stale", "source_recovered", "new_article"], ...], BeforeValidator(_listed)
    ]
    """What it is told of."""
    url: HttpUrl
    """Where to."""


class Config(Model):
    """The whole of feeds.yaml, includes and defaults worked in."""

    version: Literal[1] = 1
    """Of this format."""
    site: Site = Site()
    """The paper as a whole."""
    defaults: SourceDefaults = SourceDefaults()
    """What holds for every source that does not say otherwise."""
    sources: tuple[Source, ...] = ()
    """What is polled."""
    sections: tuple[Section, ...] = ()
    """What is published; left out: one section for each that the sources name, and `all`."""
    dedup: Dedup = Dedup()
    """One story once."""
    output: Output = Output()
    """What is published and where."""
    storage: Storage = Storage()
    """The database."""
    server: Server = Server()
    """The built-in HTTP server."""
    retention: Retention = Retention()
    """How long articles are kept."""
    notify: tuple[Notify, ...] = ()
    """Webhooks."""
    include: Names = ()
    """More files of sources and sections, as `feeds.d/*.yaml`, beside this one."""
