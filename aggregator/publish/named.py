"""Names on an article's page that lead to the search for them, where their feed is offered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aggregator.publish.edition import Paper, PrintedArticle
from aggregator.publish.entry import line, tags
from aggregator.publish.heads import LONGEST_ASKED, FeedQuery, page_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A tag or an author."""

    name: str
    href: str  #: "" where nothing is found by the name

    def __str__(self) -> str:
        return self.name


def named_tags(paper: Paper, printed: PrintedArticle, root: str) -> list[Named]:
    """A section at the source, which may stand among them, is none that is searched for."""
    sought = set(map(line, printed.article.tags))
    return [
        Named(name=tag, href=_href(paper, FeedQuery(tag=tag), root) if tag in sought else "")
        for tag in tags(printed)
    ]


def named_authors(paper: Paper, authors: Iterable[str], root: str) -> list[Named]:
    return [Named(name=name, href=_href(paper, FeedQuery(author=name), root)) for name in map(line, authors)]


def _href(paper: Paper, query: FeedQuery, root: str) -> str:
    asked = (query.tag or query.author).strip()
    if not paper.output.search or not 0 < len(asked) <= LONGEST_ASKED:
        return ""
    return root + page_address(query)
