"""What stands above the entries of a feed: a section's, or that of a question to the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Literal, TypeAlias
from urllib.parse import urlencode

from aggregator.publish import markup
from aggregator.publish.combined import COMBINED
from aggregator.publish.edition import UNPRINTED, Paper, SectionEdition, Withdrawn
from aggregator.publish.entry import line
from aggregator.publish.links import section_tag

#: Characters of a word or a name that may be asked for.
LONGEST_ASKED = 100

FeedForm: TypeAlias = Literal["rss", "atom", "json"]

#: Media type of each form of a feed.
FEED_TYPES: dict[FeedForm, str] = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """One feed in all its forms, without its entries."""

    name: str  #: what messages call it; of a section its id
    id: str  #: a ``tag:`` URI, for good
    suffix: str  #: of entry ids, where an article has one in each feed
    title: str
    description: str = ""
    language: str  #: BCP 47; decides the words around the articles
    page: str  #: the address for people
    stem: str  #: the address of the feed, up to the dot before its form
    query: str = ""  #: what follows the form, "?" included
    category: tuple[str, str] | None = None  #: id and title of the section it is
    opened: datetime = UNPRINTED  #: its date while it is empty
    hub: str | None = None  #: pushes what is new in it
    is_archive: bool = False  #: closed: never changes again (RFC 5005 §4)
    links: tuple[
        tuple[str, str], ...
    ] = ()  #: other documents of the same feed: relation, stem of the address
    withdrawn: tuple[Withdrawn, ...] = ()  #: what readers are to take away again (RFC 6721)

    def address(self, form: FeedForm) -> str:
        return f"{self.stem}.{form}{self.query}"

    def linked(self, form: FeedForm) -> list[tuple[str, str]]:
        """Relations and addresses of the other documents, in the same form."""
        return [(relation, f"{stem}.{form}") for relation, stem in self.links]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedQuery:
    """What a feed is asked for. Every given field holds for its articles; at least one is given."""

    words: str = ""  #: as ``ArticleQuery.search``
    section: str = ""
    source: str = ""
    tag: str = ""
    author: str = ""

    def parameters(self) -> dict[str, str]:
        """The given fields as they stand in an address: one order, so that one question has one address."""
        given = {
            "q": line(self.words),
            "section": line(self.section),
            "source": line(self.source),
            "tag": line(self.tag),
            "author": line(self.author),
        }
        return {name: value for name, value in given.items() if value}


def page_address(query: FeedQuery) -> str:
    """Of the page that answers the question, relative to the paper's root."""
    return f"search?{urlencode(query.parameters())}"


def section_head(paper: Paper, edition: SectionEdition) -> FeedHead:
    title = markup.title_of(edition)
    return FeedHead(
        name=edition.stem,
        id=section_tag(paper.id_authority, edition.stem),
        suffix=edition.id,
        title=title,
        description=line(edition.description),
        language=edition.language,
        page=markup.section_url(paper, edition),
        stem=f"{paper.base_url}/{edition.stem}",
        category=(edition.id, title),
        opened=edition.opened,
        hub=paper.hub,
        links=_links_to_archives(paper, edition),
        withdrawn=tuple(one for one in paper.withdrawn if edition.id in one.sections),
    )


def archive_name(section_id: str, number: int) -> str:
    """Of the files of an archive document, without their form; the first is 1."""
    return f"{section_id}/archive/{number}"


def archive_head(paper: Paper, edition: SectionEdition, number: int) -> FeedHead:
    """An archive document of the section's feed. Nothing in it depends on what comes later.

    The first two are closed together, so that the first can name the second: an archive has to be linked to one.
    """
    current = section_head(paper, edition)
    before, after = (f"{paper.base_url}/{archive_name(edition.id, number + step)}" for step in (-1, 1))
    return replace(
        current,
        name=archive_name(edition.id, number),
        stem=f"{paper.base_url}/{archive_name(edition.id, number)}",
        hub=None,
        is_archive=True,
        links=(
            ("current", current.stem),
            ("prev-archive", before) if number > 1 else ("next-archive", after),
        ),
        withdrawn=(),
    )


def _links_to_archives(paper: Paper, edition: SectionEdition) -> tuple[tuple[str, str], ...]:
    if not edition.archives:
        return ()
    newest = f"{paper.base_url}/{archive_name(edition.id, edition.archives)}"
    return (("prev-archive", newest),)


def combined_head(paper: Paper, opened: datetime = UNPRINTED) -> FeedHead:
    """The feed of the whole paper; its page is the front page."""
    return FeedHead(
        name=COMBINED,
        id=section_tag(paper.id_authority, COMBINED),
        suffix=COMBINED,
        title=line(paper.site.title) or COMBINED,
        description=line(paper.site.description),
        language=paper.site.language,
        page=f"{paper.base_url}/",
        stem=f"{paper.base_url}/{COMBINED}",
        opened=opened,
        hub=paper.hub,
        withdrawn=paper.withdrawn,
    )


def query_head(paper: Paper, query: FeedQuery, *, title: str = "") -> FeedHead:
    """The feed of a question: ``search.atom?q=…``. ``title`` names what was asked for; left out, its values do.

    It has no hub: none knows what a question will find.
    """
    parameters = query.parameters()
    asked = urlencode(parameters)
    digest = blake2b(asked.encode(), digest_size=10).hexdigest()
    named = line(title) or " · ".join(parameters.values())
    return FeedHead(
        name=f"search?{asked}",
        id=f"tag:{paper.id_authority}:search:{digest}",
        suffix=f"search-{digest}",
        title=f"{named} · {line(paper.site.title)}",
        language=paper.site.language,
        page=f"{paper.base_url}/{page_address(query)}",
        stem=f"{paper.base_url}/search",
        query=f"?{asked}",
    )
