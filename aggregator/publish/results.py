"""What a reader's question to the store found, as a page: snippets with the words marked, filters, further pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from aggregator.publish.edition import Paper, PrintedArticle
from aggregator.publish.entry import cut, headline, line, summary
from aggregator.publish.heads import FEED_TYPES, FeedQuery, query_head
from aggregator.publish.marks import marked, snippet
from aggregator.publish.pages import Feed, Setting, common, setting_of, teaser_of
from aggregator.publish.words import Words
from storage import search

PER_PAGE = 20
_LABELS = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What was found for one page of results."""

    articles: tuple[PrintedArticle, ...] = ()
    total: int = 0  #: on all pages
    more: bool = False  #: there are older ones, which no page shows
    sources: tuple[tuple[str, str, int], ...] = ()  #: (id, name, articles) among all pages
    without_page: frozenset[str] = frozenset()  #: uids of which we print no page: they lead to their source


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A filter's value, as a link."""

    name: str
    href: str
    chosen: bool


def render_search(paper: Paper, query: FeedQuery, number: int, hits: Hits) -> str:
    """The page of results of this ``number``, counted from 1. Raises BrokenLook."""
    setting = setting_of(paper, paper.site.language, "", None)
    asked = bool(query.parameters())
    feeds = _feeds(paper, query) if asked else []
    return paper.look.page(
        "search.html",
        **{**common(paper, setting), "query": query.words, "feeds": feeds},
        asked=asked,
        title=" · ".join(_named(paper, query, hits)),
        items=[_teaser(one, setting, query, hits) for one in hits.articles],
        count=_count(hits, setting.words),
        by_section=_by_section(paper, query, setting.words) if asked else [],
        by_source=_by_source(query, hits, setting.words) if asked else [],
        hidden={name: value for name, value in query.parameters().items() if name != "q"},
        pages=_pages(query, number, hits),
    )


def address(query: FeedQuery, number: int = 1) -> str:
    """The page's address, relative to the paper's root."""
    parameters = {**query.parameters(), **({"page": str(number)} if number > 1 else {})}
    return f"search?{urlencode(parameters)}" if parameters else "search"


def _teaser(printed: PrintedArticle, setting: Setting, query: FeedQuery, hits: Hits) -> object:
    article = printed.article
    words = search.words(query.words)
    told = snippet(line(article.text), words) or cut(summary(article), setting.blurb)
    teaser = teaser_of(printed, setting, own_page=article.uid not in hits.without_page)
    return replace(
        teaser, title=marked(headline(article, setting.imprint.language), words), summary=marked(told, words)
    )


def _feeds(paper: Paper, query: FeedQuery) -> list[Feed]:
    head = query_head(paper, query)
    return [
        Feed(
            label=_LABELS[form],
            mime=FEED_TYPES[form],
            href=f"search.{form}{head.query}",
            url=head.address(form),
            title=f"{head.title} ({_LABELS[form]})",
        )
        for form in ("atom", "rss", "json")
        if form in paper.output.formats
    ]


def _named(paper: Paper, query: FeedQuery, hits: Hits) -> list[str]:
    """What was asked for, in the names that people know."""
    titles = {edition.id: edition.title for edition in paper.sections}
    names = {id: name for id, name, _ in hits.sources}
    values = {
        **query.parameters(),
        "section": titles.get(query.section, query.section),
        "source": names.get(query.source, query.source),
    }
    return [line(value) for value in values.values() if value]


def _count(hits: Hits, words: Words) -> str:
    text = words.found_more if hits.more else words.found
    return text.replace("{n}", str(hits.total))


def _by_section(paper: Paper, query: FeedQuery, words: Words) -> list[Choice]:
    every = ("", words.all_sections)
    return [
        Choice(name=line(name), href=address(replace(query, section=id)), chosen=id == query.section)
        for id, name in (every, *((edition.id, edition.title or edition.id) for edition in paper.sections))
    ]


def _by_source(query: FeedQuery, hits: Hits, words: Words) -> list[Choice]:
    every = Choice(name=words.all_sources, href=address(replace(query, source="")), chosen=not query.source)
    return [
        every,
        *(
            Choice(
                name=f"{line(name)} ({count})",
                href=address(replace(query, source=id)),
                chosen=id == query.source,
            )
            for id, name, count in hits.sources
        ),
    ]


def _pages(query: FeedQuery, number: int, hits: Hits) -> Sequence[Choice]:
    last = -(-hits.total // PER_PAGE)
    if last <= 1:
        return []
    return [
        Choice(name=str(one), href=address(query, one), chosen=one == number) for one in range(1, last + 1)
    ]
