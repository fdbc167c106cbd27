"""What is kept: the article, the source's record, and the decisions between them.

Every time is an aware ``datetime`` in UTC. Text is ``str``; bytes stay ``bytes``. ``None`` means "the source
does not say".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to an article: a recording, a picture, a document."""

    url: str  #: absolute, http or https
    type: str | None = None  #: media type, as "audio/mpeg"
    length: int | None = None  #: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of one source, normalised. Copies of one story are articles of their own that share ``story``."""

    uid: str  #: ours: minted once, stored, never changed; 26 characters of [0-9a-z]
    source: str  #: id of the source it came from
    url: str = ""  #: absolute address for people; "" when the source gives none
    canonical_url: str = ""  #: ``url`` reduced to its identity; compared, never shown
    guid: str = ""  #: the source's own id, raw: never resolved against a base, never trimmed to a link
    title: str = ""  #: plain text
    summary: str = ""  #: plain text, a few sentences
    html: str = ""  #: sanitised fragment, absolute addresses only
    text: str = ""  #: the body as plain text, a paragraph a line
    authors: tuple[str, ...] = ()
    published: datetime | None = None  #: what the source says; a doubtful date is none
    updated: datetime | None = None
    first_seen: datetime
    sections: tuple[str, ...] = ()  #: ids of our sections it is placed in, in the order of the configuration
    breadcrumb: tuple[str, ...] = ()  #: names, outermost first
    labels: tuple[
        str, ...
    ] = ()  #: section candidates the source itself gave (its section, breadcrumb, categories)
    tags: tuple[str, ...] = ()
    language: str | None = None  #: BCP 47
    image: str | None = None  #: absolute address of the lead picture
    enclosures: tuple[Enclosure, ...] = ()
    site: str | None = None  #: name of the publishing site, as its pages say
    origin: str | None = None  #: the outlet that the article names as its origin (来源)
    content_hash: str = ""  #: of all that a reader sees; another hash is another revision
    text_hash: str = ""  #: of the folded body; "" where the body is too short to identify anything
    revision: int = 1  #: counts material changes since first seen
    story: str = ""  #: shared by all copies of one story: the uid of its first article
    copy_of: str | None = None  #: uid of the article that is printed in this one's stead
    expired: bool = False  #: past retention: only its identity is left, so that it never comes back as new

    @property
    def date(self) -> datetime:
        """The date it is printed under and sorted by: never "now", and the same at every build."""
        return self.published or self.first_seen

    def placed(self, sections: tuple[str, ...]) -> Article:
        """The same, in these sections: what every article goes through once."""
        values = list(article_values(self))
        values[_SECTIONS] = sections
        return article_from(values)

    def __reduce__(self) -> tuple[Callable[..., Article], tuple[object, ...]]:
        """Pickled as a row of values: dataclasses' own way, field by field, takes three times as long."""
        return article_from, (article_values(self),)


ARTICLE_FIELDS = tuple(one.name for one in fields(Article))
_SECTIONS = ARTICLE_FIELDS.index("sections")
_PUT: tuple[Callable[[Article, Any], None], ...] = tuple(
    getattr(Article, name).__set__ for name in ARTICLE_FIELDS
)
#: In the order of ``ARTICLE_FIELDS``.
article_values: Callable[[Article], tuple[Any, ...]] = attrgetter(*ARTICLE_FIELDS)


def article_from(values: Iterable[Any]) -> Article:
    """Of its ``article_values``. The constructor of a frozen class takes twice as long, ``replace`` three times."""
    made = object.__new__(Article)
    for put, value in zip(_PUT, values, strict=True):
        put(made, value)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """The sentences of an article as vectors. The store keeps them as they are; ``aggregator.dedup`` makes them."""

    uid: str
    encoder: str  #: vectors of two encoders are not comparable
    date: datetime  #: of the article
    check: int  #: of the text they were made of
    code: bytes  #: of the article as a whole
    packed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What is looked through to find articles of like meaning."""

    number: int  #: grows with every meaning that is kept
    uid: str
    date: datetime
    code: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What deduplication decided about one incoming article, kept so that ``explain`` can tell why."""

    at: datetime
    uid: str
    source: str
    verdict: str  #: "new" | "update" | "exact" | "near"; by hand: "split" | "join"
    of: str | None = None  #: uid of the printed article it was decided against
    similarity: float = 0.0  #: 0..1
    clause: str = ""  #: the rule that fired, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """Two articles about the same, of which neither is a copy of the other."""

    uid: str
    other: str  #: uid
    similarity: float  #: 0..1


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """An article was taken out of a story by hand: what its source brings is not merged with that story again."""

    at: datetime
    source: str
    story: str
    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the next conditional request echoes, byte for byte (RFC 9110 §8.8, §13.1)."""

    etag: bytes | None = None  #: quotes and W/ included
    last_modified: bytes | None = None  #: never re-formatted

    def __bool__(self) -> bool:
        return self.etag is not None or self.last_modified is not None


class Health(StrEnum):
    """The state of a source as ``status`` shows it."""

    OK = "ok"
    FAILING = "failing"
    DEAD = "dead"  #: failing for a month: still polled, weekly
    GONE = "gone"  #: the server said 410 and meant it: polled no more
    PAUSED = "paused"  #: switched off in the configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """All that is remembered about one source from poll to poll."""

    id: str
    configured_url: str  #: as in the configuration; a change of it resets ``url`` and the validators
    url: str  #: what is asked now: the configured address, or where it has moved for good
    kind: str = "auto"  #: "auto" until the first answer settles it: "feed" | "page" | "json" | "sitemap"
    title: str = ""  #: the name the document gives itself
    health: Health = Health.OK
    validators: Validators = Validators()
    body_hash: bytes | None = None  #: of the last body taken in, before parsing
    next_poll: datetime
    next_poll_reason: str = "first poll"
    hold_until: datetime | None = None  #: Retry-After: nothing is asked before, not even by ``--all``
    last_poll: datetime | None = None
    last_success: datetime | None = None
    last_status: int | None = None  #: HTTP status of the last answer; None when there was none
    last_error: str | None = None  #: None after a success
    failures: int = 0  #: in a row
    failing_since: datetime | None = None
    polls: int = 0
    not_modified: int = 0  #: polls answered by 304
    articles: int = 0  #: articles kept of this source; the store counts, what a caller sets is ignored
    #: JSON: what is learnt (rates, redirects, patterns).
    memory: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSeed:
    """A configured source, as the store is told of it at start and at reload."""

    id: str
    url: str
    kind: str = "auto"
    paused: bool = False
    wait: timedelta = timedelta()  #: for its first poll, when it is new
    due: bool = False  #: it was put off for a reason that the configuration has taken away
    #: Its next poll, and why, where it was reckoned by another interval.
    no_later: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to poll one source until the lease ends. The token fences off whoever held it before."""

    source: SourceRecord
    token: int  #: grows by one at every claim of this source
    owner: str
    lease_until: datetime
    shared: bool = False  #: another active source asks the same address at present


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsRecord:
    """A site's robots.txt as it was last asked for."""

    site: str  #: as ``storage.sites.site_of`` writes it
    at: datetime
    expires: datetime
    status: int | None = None  #: HTTP status; None: the site could not be reached
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One agreement with a hub: it pushes what is new at the topic to the address that the token is part of."""

    source: str  #: id
    token: str  #: secret and unique; whoever knows it may be the hub
    topic: str
    hub: str
    secret: str  #: signs what is pushed
    state: Literal["asked", "active", "denied", "ending"]
    asked_at: datetime
    lease_until: datetime | None = None
    last_push: datetime | None = None
    pushes: int = 0
    error: str | None = None  #: what went wrong last, for people


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscription:
    """Somebody to whom our own hub brings a feed; one for each callback and topic."""

    callback: str  #: where to, query included
    topic: str  #: address of the feed, as it was asked for
    secret: str = ""  #: signs what is brought; "" where none was given
    lease_until: datetime
    delivered: str = ""  #: tag of the document that was taken last; another one is owed
    attempts: int = 0  #: in a row that failed
    next_try: datetime | None = None  #: after a failure
    failing_since: datetime | None = None
    error: str | None = None  #: what went wrong last, for people


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRevision:
    """How often a section's content changed, and up to which change it was published."""

    id: str
    revision: int
    published: int  #: < revision: the files are older than the store


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleQuery:
    """Which articles to list; newest first by ``Article.date``, then by uid. Every given field must hold."""

    section: str | None = None
    source: str | None = None
    story: str | None = None
    since: datetime | None = None  #: ``date`` at or after
    search: str | None = None  #: words, all of which occur in title, summary or text (case and width folded)
    copies: bool = True  #: False: printed articles only
    limit: int | None = 100
    offset: int = 0
