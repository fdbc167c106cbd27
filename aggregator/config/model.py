"""feeds.yaml as typed, frozen values. A field's docstring is its reference entry and its editor help.

The types of the other modules are here as well: the rest of the program finds all of them in this one.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field

from aggregator import extras
from aggregator.config.base import Model as Model
from aggregator.config.conditions import Condition as Condition
from aggregator.config.conditions import Route as Route
from aggregator.config.conditions import Routing as Routing
from aggregator.config.durations import Duration
from aggregator.config.forms import (
    Attribution,
    Authority,
    BaseUrl,
    Cidr,
    DatabaseUrl,
    Editor,
    Hub,
    Language,
    Listen,
    OneOrMore,
    listed,
)
from aggregator.config.forms import HttpUrl as HttpUrl
from aggregator.config.forms import Names as Names
from aggregator.config.forms import Network as Network
from aggregator.config.forms import Slug as Slug
from aggregator.config.forms import Zone as Zone
from aggregator.config.manners import FirstFetch as FirstFetch
from aggregator.config.manners import Images as Images
from aggregator.config.manners import Interval as Interval
from aggregator.config.manners import PerHost as PerHost
from aggregator.config.page import ArticlePage as ArticlePage
from aggregator.config.page import ListingPage as ListingPage
from aggregator.config.page import PageTest as PageTest
from aggregator.config.page import Select as Select
from aggregator.config.page import Selector as Selector
from aggregator.config.source import Defaults as Defaults
from aggregator.config.source import Source as Source
from aggregator.config.source import SourceDefaults as SourceDefaults

Script: TypeAlias = Literal["hans", "hant", "hant-tw", "hant-hk"]


class Section(Model):
    """A feed and a page that we publish."""

    id: Slug
    """The name of its files: `<id>.atom`, `<id>.rss`, `<id>.json`, `<id>/index.html`."""
    title: str
    """Its name for people. Articles labelled with it, or with the id, go here."""
    description: str = ""
    """A sentence about it."""
    language: Language | None = None
    """Its language; left out: `site.language`."""
    script: Annotated[tuple[Script, ...], BeforeValidator(listed), OneOrMore()] = ()
    """Publish it in Simplified or Traditional Chinese, whichever the sources write; `hant-tw` and `hant-hk` have their
    regions' words. Of several the first is `<id>.atom`, the others are `<id>.<script>.atom` and `<id>/<script>/`."""
    include: Names = ()
    """More labels that lead here; `*` takes every article."""
    match: Condition | None = None
    """Articles for which it holds come here, whatever their labels."""
    keep: Condition | None = None
    """Of those that would come here, only the ones for which it holds."""
    block: Condition | None = None
    """Of those that would come here, none for which one key holds."""
    limit: int = Field(default=50, ge=1, le=5000)
    """Entries in the feed, the newest first; a fifth of them are the last to arrive, whatever their date."""
    max_age: Duration | None = None
    """Nothing older than this is in the feed."""
    max_per_source: int | None = Field(default=None, ge=1)
    """Entries of one source, so that a chatty one does not drown the others."""
    min_score: int | None = None
    """Only articles of as many points: one for each further source that carries the story (5 at most), one for a
    picture, one each for 400 and 1500 characters, and the `priority` of its source. `explain` shows them."""
    delay: Duration = timedelta()
    """Articles appear this long after they were first seen."""


class Site(Model):
    """The paper as a whole."""

    title: str = "Feed Aggregator"
    """Its name."""
    description: str = ""
    """A sentence about it."""
    base_url: BaseUrl | None = None
    """Where readers find it, and publishers (User-Agent); left out: http:// and `server.listen`, for readers alone.
    Entry ids do not depend on it."""
    id_domain: Authority | None = None
    """Authority of entry ids (`tag:` URIs, RFC 4151), as `news.example.cn,2026`; left out: made once."""
    language: Language = "en"
    """BCP 47."""
    timezone: Zone = "UTC"
    """The zone of dates that name none, and of dates on the pages."""
    editor: Editor | None = None
    """Who answers for it, as `desk@news.example.org (The desk)`; printed in the feeds."""
    copyright: str = ""
    """A line about rights, printed in the feeds."""
    logo: HttpUrl | None = None
    """The address of its picture, for readers that show one; left out: the icon."""


def _installed(mode: str) -> str:
    """What is asked for must be there."""
    if mode == "on" and extras.semantic_encoder() is None:
        raise ValueError(extras.NO_SEMANTIC)
    return mode


class Near(Model):
    """Near-duplicates."""

    enabled: bool = True
    """Look for them at all."""
    threshold: float = Field(default=0.85, ge=0, le=1)
    """How alike copies are: 0.85 is measured, below it more is mistaken; at 1 one text holds the other whole."""
    min_chars: int = Field(default=60, ge=0)
    """Characters; shorter bodies are compared whole, and by their titles."""


class Dedup(Model):
    """One story once."""

    window: Duration = timedelta(days=14)
    """How far back copies are looked for."""
    exact: Annotated[
        tuple[Literal["id", "canonical_url", "content"], ...], BeforeValidator(listed), OneOrMore()
    ] = (
        "id",
        "canonical_url",
        "content",
    )
    """What makes two articles one: the source's own id, the canonical address, the text."""
    near: Near = Near()
    """Near-duplicates."""
    semantic: Annotated[Literal["auto", "on", "off"], AfterValidator(_installed)] = "auto"
    """Find articles that were rewritten sentence by sentence, by their meaning, once the others were looked for. Needs
    the extra `feed-aggregator[semantic]`: `auto` uses it where it is installed."""
    scope: Literal["all", "section", "source"] = "all"
    """Where copies are looked for: everywhere, among the articles of a section, of a source."""
    prefer: Literal["first", "longest", "priority"] = "first"
    """The copy whose words, link and author are printed. A title alone never stands before a text. `first`: the outlet
    that the others name as their origin; else who has the whole text, not a summary; of these the earliest, whichever
    was fetched first. `longest`: the clearly longest text, then origin, then earliest. `priority`: the source of the
    highest `priority`, then as `first`. Id and date of the entry stay those it was first printed with."""
    show_also: bool = True
    """Name the other copies in the printed entry, and compare them on a page of their own."""
    fold_variants: bool = True
    """Compare simplified and traditional characters as one."""


class WebSub(Model):
    """Push to subscribers (W3C WebSub)."""

    hub: Hub = "off"
    """`self`: subscribers come to `/hub` here; an address: that hub is told of what is new; `off`."""


class Output(Model):
    """What is published and where."""

    dir: Path = Path("var/public")
    """The folder, beside this file unless absolute."""
    formats: Annotated[
        tuple[Literal["atom", "rss", "json", "html", "opml"], ...], BeforeValidator(listed), OneOrMore()
    ] = (
        "atom",
        "rss",
        "json",
        "html",
        "opml",
    )
    """Which forms are written."""
    content: Literal["full", "summary"] = "full"
    """Whole bodies, or summaries alone."""
    entry_ids: Literal["one", "per_section"] = "one"
    """`one`: an article has one id wherever it is printed, as Atom wants it. `per_section`: one in each feed, for
    readers that keep an id once (newsboat). A change makes every entry new to subscribers."""
    combined: bool = True
    """`all.<form>`: the newest articles of all sections in one feed; not where a section has the id `all`."""
    attribution: Attribution | None = None
    """A line under each entry; {source}, {link}, {author} and {site} stand for their values."""
    websub: WebSub = WebSub()
    """Push to subscribers."""
    archive: bool = False
    """Keep what leaves a section's feed readable in archives that never change (RFC 5005), linked from the feed."""
    picture_archive: int = Field(default=1024 * 1024 * 1024, ge=0)
    """Bytes that all pictures kept for `images: archive` may take together; what is beyond keeps its address."""
    templates: Path | None = None
    """A folder of templates (Jinja2): one with the name of ours stands in its place, and may extend `ours/NAME`."""
    stylesheet: Path | None = None
    """A CSS file that comes after ours on every page."""
    search: bool = True
    """A search field on the pages. The built-in server answers it: where files alone are served, `no`."""


class Storage(Model):
    """The database."""

    url: DatabaseUrl = "sqlite:///var/aggregator.db"
    """SQLite, relative paths beside this file, or `postgresql://user@host/name` with the extra `postgresql`."""


class Server(Model):
    """The built-in HTTP server."""

    listen: Listen = "127.0.0.1:8000"
    """Address and port; port 0 takes a free one."""
    token: str = ""
    """With a token, status and metrics ask for it (`Authorization: Bearer`, or `?token=`)."""
    metrics: bool = True
    """Serve /metrics."""
    picture_cache: int = Field(default=200 * 1024 * 1024, ge=0)
    """Bytes of pictures that are kept for `images: proxy`, the last asked for; 0 keeps none."""


class Retention(Model):
    """How long articles are kept. What is published does not change by it: sections have their own limits."""

    articles: Duration | None = timedelta(days=180)
    """Older articles are reduced to their identity, so that they never come back as new."""
    bodies: Duration | None = timedelta(days=90)
    """Older bodies are emptied."""
    seen_ids: Literal["forever"] = "forever"
    """Identities are kept for good."""


class Notify(Model):
    """A webhook: a JSON document is posted to it, and again, ever more seldom, until it answers 2xx."""

    events: Annotated[
        tuple[Literal["source_broken", "source_stale", "source_recovered", "new_article"], ...],
        BeforeValidator(listed),
    ]
    """What it is told of: a source that failed three times in a row, or has had nothing new for `stale_after`, or
    is well again; articles, up to 20 in one document."""
    url: HttpUrl
    """Where to."""
    secret: str = ""
    """With a secret, `X-Hub-Signature-256` has the HMAC of the document: `sha256=` and hexadecimal digits."""
    allow_private: Annotated[tuple[Cidr, ...], BeforeValidator(listed), OneOrMore()] = ()
    """Networks (CIDR) inside which the address may lie though it is not public, besides those of `defaults`."""


def _version(value: object) -> object:
    return 1 if value in ("1", "1.0") else value


class Config(Model):
    """The whole of feeds.yaml, includes and defaults worked in."""

    version: Annotated[Literal[1], BeforeValidator(_version)] = 1
    """Of this format."""
    site: Site = Site()
    """The paper as a whole."""
    defaults: Defaults = Defaults()
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
