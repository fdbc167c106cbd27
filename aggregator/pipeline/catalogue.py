"""Readers' questions to the store: what the paper shows, by words, section, source, tag or author."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

from aggregator import program_version
from aggregator.clock import Clock
from aggregator.pipeline.authority import authority_for
from aggregator.pipeline.picturearchive import PictureArchive
from aggregator.pipeline.pictures import Pictures
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.stories import Bylines, Compositor
from aggregator.publish import (
    FeedForm,
    FeedQuery,
    FragmentCache,
    Hits,
    Paper,
    SectionEdition,
    article_page,
    render_query_feed,
)
from aggregator.publish.edition import UNPRINTED, newest
from aggregator.publish.entry import line
from aggregator.publish.looks import Look, look_of
from storage.interface import ArticleStore
from storage.model import Article, ArticleQuery

#: So many are found at most: who looks for more adds a word.
MOST = 200
_PORTION = 100
#: Entries of a feed.
FEED_LENGTH = 50
#: Articles looked at for one question at most; some are not shown (yet), or have not the tag.
_LOOKED_AT = 1000
#: Sources that are offered as a filter, those with most articles found.
_SOURCES = 12


class Catalogue:
    """Answers by the plan of the moment. Its methods block on the disk."""

    def __init__(
        self,
        plan: Callable[[], Plan],
        address: Callable[[], str],
        folder: Path,
        clock: Clock,
        archive: PictureArchive | None = None,
    ) -> None:
        self._plan = plan
        self._address = address
        self._folder = folder
        self._clock = clock
        self._archive = archive
        self._looks: tuple[Plan, Look] | None = None

    def paper(self) -> Paper:
        """The paper without its articles. Raises BrokenLook."""
        plan = self._plan()
        if self._looks is None or self._looks[0] is not plan:
            self._looks = plan, look_of(plan.config.output, plan.root)
        site = plan.config.site
        return Paper(
            site=site,
            base_url=self._address(),
            id_authority="",  # of ids, of which none is shown
            sections=tuple(
                SectionEdition(
                    section=section, title=section.title, language=section.language or site.language
                )
                for section in plan.config.sections
            ),
            output=plan.config.output,
            look=self._looks[1],
            generator_version=program_version(),
        )

    def feed(self, store: ArticleStore, form: FeedForm, query: FeedQuery) -> tuple[bytes, datetime]:
        """The feed that answers the question, and when the newest of its articles changed."""
        hits = self.find(store, query, offset=0, limit=FEED_LENGTH)
        paper = replace(self.paper(), id_authority=authority_for(self._plan().config, store))
        of_source = list(query.parameters()) == ["source"] and bool(hits.sources)
        rendered = render_query_feed(
            form, paper, query, hits.articles, FragmentCache(), title=hits.sources[0][1] if of_source else ""
        )
        return rendered.body, newest(hits.articles) or UNPRINTED

    def find(self, store: ArticleStore, query: FeedQuery, *, offset: int, limit: int) -> Hits:
        """The articles that answer the question, the newest first: ``limit`` of them from ``offset`` on."""
        plan, now = self._plan(), self._clock()
        answers = (
            one for one in _candidates(store, query) if _is_shown(one, plan, now) and _answers(one, query)
        )
        found = list(islice(answers, MOST + 1))
        more, found = len(found) > MOST, found[:MOST]
        page = found[offset : offset + limit]
        bylines = Bylines(plan, store, ())
        copies = store.copies([article.uid for article in page])
        pictures = Pictures(store, self._archive, only_looks=True)
        pictured = partial(pictures.printed, plan, self._address())
        printed = Compositor(plan, store, bylines, pictured).printed(page, copies)
        sources = Counter(article.source for article in found).most_common(_SOURCES)
        return Hits(
            articles=printed,
            total=len(found),
            more=more,
            sources=tuple((id, bylines.of(id)[0], count) for id, count in sources),
            without_page=frozenset(
                one.uid for one in page if not (self._folder / article_page(one.uid)).is_file()
            ),
        )


def _candidates(store: ArticleStore, query: FeedQuery) -> Iterator[Article]:
    """What the store answers, the newest first, portion by portion."""
    for offset in range(0, _LOOKED_AT, _PORTION):
        portion = store.articles(
            ArticleQuery(
                search=query.words or None,
                section=query.section or None,
                source=query.source or None,
                copies=False,
                limit=_PORTION,
                offset=offset,
            )
        )
        yield from portion
        if len(portion) < _PORTION:
            return


def _is_shown(article: Article, plan: Plan, now: datetime) -> bool:
    """Whether it stands in a section, and not later only."""
    sections = {section.id: section for section in plan.config.sections}
    placed = [sections[id] for id in article.sections if id in sections]
    return any(article.first_seen + section.delay <= now for section in placed)


def _answers(article: Article, query: FeedQuery) -> bool:
    tags, authors = map(_names, (article.tags, article.authors))
    return (not query.tag or _name(query.tag) in tags) and (
        not query.author or _name(query.author) in authors
    )


def _names(said: tuple[str, ...]) -> set[str]:
    return set(map(_name, said))


def _name(said: str) -> str:
    return line(said).casefold()
