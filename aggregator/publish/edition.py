"""What is to be printed, as values: a paper of sections of articles. The pipeline makes them of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aggregator.config.model import Output, Section, Site
from storage.model import Article

if TYPE_CHECKING:
    from aggregator.publish.looks import Look

#: The date of a section that has never printed anything. Fixed, as now would change its bytes at every build;
#: not the epoch, as validators call dates before 1990 implausible.
UNPRINTED = datetime(2000, 1, 1, tzinfo=UTC)


def _our_look() -> Look:
    from aggregator.publish.looks import (
        our_look,  # Jinja with it: editions are named where nothing is printed
    )

    return our_look()


@dataclass(frozen=True, slots=True, kw_only=True)
class Also:
    """A copy of a printed article elsewhere."""

    source_name: str
    url: str
    title: str = ""
    origin: bool = False  #: the copies name it as what they were taken from


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One article of a story, as its source has it, and how it came to be in the story."""

    article: Article
    source_name: str
    #: 0..1; None where none was measured: same address, put there by a person.
    similarity: float | None = None
    clause: str = ""  #: the rule that made it a copy, in words
    shown: bool = False  #: its words are printed
    origin: bool = False  #: the others name it as what they were taken from


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A printed article about the same, of which the story is no copy."""

    uid: str
    title: str
    source_name: str
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that a page about one story shows."""

    copies: tuple[Copy, ...]  #: the one that is printed, then the others, the earliest first
    reasons: tuple[str, ...] = ()  #: what the printed one has that the others have not, in words
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedArticle:
    """An article with what a reader is told beside it."""

    article: Article  #: of a story: the words of the preferred copy under the id and the date of the first
    source_name: str  #: for people
    source_url: str = ""  #: the address that is polled; credentials in it are not printed
    also: tuple[Also, ...] = ()  #: its copies; empty under ``dedup.show_also: no``
    sections: tuple[tuple[str, str], ...] = ()  #: (id, title) of every section it is printed in
    story: Story | None = None  #: of its copies; None: there is no page about them


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """An article that was taken out of the paper for good."""

    uid: str
    at: datetime
    sections: tuple[str, ...]  #: ids of those it stood in


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionEdition:
    """One section as it is to be published: its articles chosen, cut and in order, newest first."""

    section: Section
    title: str
    description: str = ""
    language: str = "en"  #: BCP 47; decides the words around the articles
    articles: tuple[PrintedArticle, ...] = ()
    variant: str = ""  #: the script in which it stands beside the main edition
    variants: tuple[SectionEdition, ...] = ()  #: the others beside this main edition
    originals: tuple[PrintedArticle, ...] | None = None  #: as they were before they were put into a script
    archives: int = 0  #: how many archive documents were closed
    opened: datetime = UNPRINTED  #: the date of the feed while it is empty; has to be the same at every build

    @property
    def id(self) -> str:
        return self.section.id

    @property
    def stem(self) -> str:
        """What its feeds are called, up to the dot before their form."""
        return f"{self.id}.{self.variant}" if self.variant else self.id

    @property
    def folder(self) -> str:
        """Where its page is."""
        return f"{self.id}/{self.variant}" if self.variant else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """All that is published, and under which name."""

    site: Site
    base_url: str  #: public root, without a slash at the end; links are made with it, ids never
    id_authority: str  #: of tag: URIs (RFC 4151), as "news.example.cn,2026"
    sections: tuple[SectionEdition, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()  #: the latest ones, the newest first
    combined: tuple[PrintedArticle, ...] | None = None  #: of all sections, newest first; None: no such feed
    output: Output = field(default_factory=Output)
    generator_version: str = ""
    look: Look = field(default_factory=_our_look)
    refresh: timedelta = timedelta(minutes=15)  #: how often asking again makes sense: <ttl> and sy:

    @property
    def hub(self) -> str | None:
        """The WebSub hub that the feeds name, if any."""
        hub = self.output.websub.hub
        return {"off": None, "self": f"{self.base_url}/hub"}.get(hub, hub)


def modified(article: Article) -> datetime:
    """When it last changed; never before the date it is printed under."""
    return max(article.date, article.updated or article.date)


def is_dated(article: Article) -> bool:
    """Whether its dates can be compared and printed: each has a zone, as the store promises."""
    return all(
        when is None or when.tzinfo for when in (article.first_seen, article.published, article.updated)
    )


def newest(articles: Sequence[PrintedArticle]) -> datetime | None:
    """The last change among the articles; None without any."""
    return max((modified(one.article) for one in articles if is_dated(one.article)), default=None)


def combine(sections: Sequence[SectionEdition]) -> tuple[PrintedArticle, ...]:
    """The newest articles of all sections, each once: as many as the largest section prints."""
    found = {
        one.article.uid: one for edition in sections for one in edition.articles if is_dated(one.article)
    }
    ordered = sorted(sorted(found), key=lambda uid: found[uid].article.date, reverse=True)
    most = max((edition.section.limit for edition in sections), default=0)
    return tuple(found[uid] for uid in ordered[:most])
