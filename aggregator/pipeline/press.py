"""Publishes what changed: which sections, which articles of them, into which files.

A section is printed again when the store has a newer revision of it than the files show, when time alone changes its
choice (a delayed article comes due, an aged one leaves), when a source it shows has another name or address, or when
the configuration changed.

An article's page outlives its place in an edition: it is kept while the article is in any section, and written again
when the article or a copy of it changes. Pages of articles that are expired or in no section, and all pages where the
paper has none, are taken away once a configuration and with the daily retention. What is told beside the article
(names, other sections) stays on such a page as it was last printed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from aggregator import program_version
from aggregator.clock import Clock
from aggregator.config.model import Config, Section
from aggregator.curate import next_change, select
from aggregator.pipeline.authority import lasting_authority
from aggregator.pipeline.pictures import Pictures
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.shelving import Shelving
from aggregator.pipeline.stories import Byline, Bylines, Compositor, points_of
from aggregator.pipeline.withdrawn import withdrawn
from aggregator.publish import (
    FragmentCache,
    Paper,
    PrintedArticle,
    Publisher,
    PublishError,
    Scripts,
    SectionEdition,
    combine,
    has_combined_feed,
    render_combined,
    render_front_files,
    render_section,
    section_files,
)
from aggregator.publish.document import Document
from aggregator.publish.entry import has_article_pages
from aggregator.publish.errors import BrokenOff
from aggregator.publish.looks import Look, look_of
from aggregator.publish.paths import article_page, render_article_pages, story_page, uid_of_page
from storage.errors import StorageError
from storage.interface import ArticleStore
from storage.model import Article, ArticleQuery, Health, SourceRecord

log = structlog.get_logger("aggregator.press")

#: Under this setting stands how far updates of articles have reached their pages (``ArticleStore.updated``).
PAGES_UPTO = "article_pages_upto"
#: Updates that one printing takes to their pages at most; a store of an older version has years of them.
_PORTION = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PressReport:
    """What one printing did."""

    sections: tuple[str, ...] = ()  #: rendered again
    written: tuple[str, ...] = ()
    unchanged: int = 0
    removed: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()  #: articles that had to be left out of a file
    error: str | None = None  #: nothing, or not all, could be written; the sections are tried again
    broken_off: bool = False  #: that is because nobody waits for it any more


class Press:
    """Prints the paper. ``publish`` blocks and may be called from any thread, one printing at a time."""

    def __init__(
        self,
        *,
        store: ArticleStore,
        folder: Path,
        base_url: str,
        plan: Plan,
        clock: Clock,
        pictures: Pictures | None = None,
    ) -> None:
        self._store = store
        self._pictures = pictures or Pictures(store)
        self._unwanted = threading.Event()
        self._publisher = Publisher(folder, go_on=self._go_on)
        self._base_url = base_url
        self._plan = plan
        self._clock = clock
        self._cache = FragmentCache(go_on=self._go_on)
        self._scripts = Scripts()
        self._shelving = Shelving(store, self._publisher, self._scripts)
        self._lock = threading.Lock()
        self._editions: dict[str, SectionEdition] = {}
        self._printed: dict[str, int] = {}  #: revision of each section as last printed
        #: What each section prints, copies named beside it included.
        self._uids: dict[str, frozenset[str]] = {}
        self._shown: dict[str, Mapping[str, Byline]] = {}  #: the sources that each section shows, by id
        self._changes: dict[str, datetime | None] = {}  #: when time alone will change a section's choice
        self._troubles: object = None  #: what status.atom showed last
        self._pruned = False
        self._look: Look | None = None  #: of the present plan; None until it is first printed by
        self._upto: int | None = None  #: see PAGES_UPTO; None until it is read
        self.last_error: str | None = None

    def take(self, plan: Plan) -> None:
        """Print by another plan from now on: everything once."""
        with self._lock:
            self._plan = plan
            self._editions.clear()
            self._printed.clear()
            self._uids.clear()
            self._shown.clear()
            self._changes.clear()
            self._troubles = None
            self._pruned = False
            self._look = None

    def break_off(self) -> None:
        """The program ends: what is being printed ends at its next piece, and nothing is printed after it.

        Each file is the old one or the new one; sections that are not done are printed at the next start.
        """
        self._unwanted.set()

    def _go_on(self) -> None:
        if self._unwanted.is_set():
            raise BrokenOff("the program ends; the rest is printed at the next start")

    def stands_at(self, base_url: str) -> None:
        """The address that readers find the paper at, where the configuration does not say."""
        self._base_url = base_url

    @property
    def address(self) -> str:
        """Where readers find the paper, without a slash at the end."""
        return self._base_url.rstrip("/")

    def due(self, now: datetime) -> bool:
        """Whether a section changes by now though no article came."""
        return any(change is not None and change <= now for change in list(self._changes.values()))

    def printed(self) -> frozenset[str] | None:
        """The uids of all articles in the present editions, and of the copies named beside them.

        None until every section has been printed by the present plan.
        """
        with self._lock:
            return frozenset().union(*self._uids.values()) if self._complete() else None

    def prune(self) -> tuple[str, ...]:
        """Take away what the paper has no more of (see above); nothing before every section has been printed.

        Goes through all article pages: for once a day. Raises PublishError and StorageError.
        """
        with self._lock:
            return self._prune(self._plan.config) if self._complete() else ()

    def _complete(self) -> bool:
        return all(section.id in self._printed for section in self._plan.config.sections)

    def publish(self, *, everything: bool = False) -> PressReport:
        """Render what is stale, write what differs, and record it. A failure is reported, not raised."""
        with self._lock:
            try:
                report = self._publish(everything)
            except (PublishError, StorageError) as error:
                report = PressReport(error=str(error), broken_off=isinstance(error, BrokenOff))
            except Exception as error:
                self.last_error = f"a fault of this program: {type(error).__name__}: {error}"
                raise
            self.last_error = report.error
        for fault in report.faults:
            log.warning("left out", fault=fault)
        return report

    def _publish(self, everything: bool) -> PressReport:
        config, now = self._plan.config, self._clock()
        revisions = {id: section.revision for id, section in self._store.section_revisions().items()}
        records = self._store.sources()
        bylines = Bylines(self._plan, self._store, records)
        stale = [
            s for s in config.sections if everything or self._stale(s, revisions.get(s.id, 0), bylines, now)
        ]
        troubles = _troubles(records)
        if not stale and troubles == self._troubles:
            return PressReport()
        self._shelving.begin()
        self._cache.begin()
        updated, upto = self._updated()  # before the editions are chosen, which then hold these or newer
        for section in stale:
            self._go_on()
            # Until it is written it counts as not printed, so that a failure anywhere below is made good.
            self._printed.pop(section.id, None)
            self._editions[section.id] = self._edition(section, bylines, now)
        paper = self._paper(config)
        compositor = self._compositor(bylines)
        rendered = self._shelving.render(self._plan, paper, self._editions, compositor, lost=not self._pruned)
        rendered += [render_section(paper, self._editions[section.id], self._cache) for section in stale]
        left = self._left(updated, stale, bylines)
        rendered.append(render_article_pages(paper, left, self._cache))
        rendered.append(render_combined(paper, self._cache))
        rendered.append(render_front_files(paper, records))
        files = {name: body for part in rendered for name, body in part.documents.items()}
        printed = [*(one for section in stale for one in self._editions[section.id].articles), *left]
        written = self._publisher.write(files | self._moved(printed, files))
        withdraws = self._shelving.withdraws()
        self._shelving.written()
        removed = self._publisher.remove(_no_stories(printed))
        removed += () if self._pruned and not withdraws else self._prune(config)
        self._printed.update({section.id: revisions.get(section.id, 0) for section in stale})
        self._store.mark_published({s.id: revisions[s.id] for s in stale if s.id in revisions})
        self._reached(upto, worth_keeping=bool(updated))
        self._troubles = troubles
        return PressReport(
            sections=tuple(section.id for section in stale),
            written=tuple(written.written),
            unchanged=len(written.unchanged),
            removed=removed,
            faults=tuple(fault for part in rendered for fault in part.faults),
        )

    def _stale(self, section: Section, revision: int, bylines: Bylines, now: datetime) -> bool:
        if section.id not in self._editions or self._printed.get(section.id) != revision:
            return True
        if bylines.differ(self._shown.get(section.id, {})):
            return True
        change = self._changes.get(section.id)
        return change is not None and change <= now

    # -- the articles of a section

    def _edition(self, section: Section, bylines: Bylines, now: datetime) -> SectionEdition:
        articles, candidates = self._choose(section, now)
        copies = self._store.copies([article.uid for article in articles])
        everyone = (*articles, *(copy for found in copies.values() for copy in found))
        self._uids[section.id] = frozenset(one.uid for one in everyone)
        self._shown[section.id] = {one.source: bylines.of(one.source) for one in everyone}
        points = points_of(self._plan, self._store, section, candidates)
        self._changes[section.id] = next_change(candidates, section, now=now, points=points)
        site = self._plan.config.site
        edition = SectionEdition(
            section=section,
            title=section.title,
            description=section.description,
            language=section.language or site.language,
            articles=self._compositor(bylines).printed(articles, copies),
        )
        if self._plan.config.output.archive:
            edition = replace(edition, archives=self._shelving.plan(edition, now))
        return self._scripts.editions(edition)

    def _compositor(self, bylines: Bylines) -> Compositor:
        pictured = partial(self._pictures.printed, self._plan, self.address)
        return Compositor(self._plan, self._store, bylines, pictured)

    def _choose(self, section: Section, now: datetime) -> tuple[list[Article], list[Article]]:
        """The articles to print, and the candidates they were chosen from: more of these until the section is full."""
        since = now - section.max_age if section.max_age else None
        wanted = section.limit * 2
        while True:
            query = ArticleQuery(section=section.id, copies=False, since=since, limit=wanted)
            candidates = self._store.articles(query)
            points = points_of(self._plan, self._store, section, candidates)
            chosen = select(candidates, section, now=now, points=points)
            if len(chosen) >= section.limit or len(candidates) < wanted:
                return chosen, candidates
            wanted *= 4

    # -- pages of articles that left the editions

    def _updated(self) -> tuple[list[str], int]:
        if self._upto is None:
            self._upto = int(self._store.setting(PAGES_UPTO) or 0)
        return self._store.updated(self._upto, _PORTION)

    def _reached(self, upto: int, *, worth_keeping: bool) -> None:
        """Without updates the mark stays in memory: a restart looks through a few decisions more."""
        if worth_keeping:
            self._store.set_setting(PAGES_UPTO, str(upto))
        self._upto = upto

    def _left(
        self, updated: Sequence[str], stale: Sequence[Section], bylines: Bylines
    ) -> Sequence[PrintedArticle]:
        """What changed of stories that no section prints now, though they have a page from before."""
        shown = frozenset().union(*(self._uids[section.id] for section in stale))
        left = [self._store.article(uid) for uid in updated if uid not in shown]
        pages = {
            article_page(one.copy_of or one.uid): one.copy_of or one.uid for one in left if one is not None
        }
        found = [self._store.article(pages[name]) for name in sorted(self._publisher.present(pages))]
        articles = [one for one in found if one is not None and one.sections and not one.expired]
        copies = self._store.copies([article.uid for article in articles])
        return self._compositor(bylines).printed(articles, copies)

    def _moved(self, printed: Sequence[PrintedArticle], files: Mapping[str, Document]) -> dict[str, Document]:
        """Pages that articles had before they became copies: an address once given goes on showing the story."""
        pages = {
            article_page(copy.article.uid): article_page(one.article.uid)
            for one in printed
            if one.story is not None
            for copy in one.story.copies
            if copy.article.uid != one.article.uid
        }
        return {name: files[pages[name]] for name in self._publisher.present(pages) if pages[name] in files}

    # -- the paper around them

    def _paper(self, config: Config) -> Paper:
        empty = {
            section.id: SectionEdition(section=section, title=section.title) for section in config.sections
        }
        sections = tuple(self._editions.get(id, edition) for id, edition in empty.items())
        return Paper(
            site=config.site,
            base_url=self._base_url.rstrip("/"),
            id_authority=lasting_authority(config, self._store, self._base_url, self._clock()),
            sections=sections,
            withdrawn=tuple(reversed(withdrawn(self._store))),
            combined=combine(sections) if has_combined_feed(config.output, empty) else None,
            output=config.output,
            look=self._present_look(),
            generator_version=program_version(),
        )

    def _present_look(self) -> Look:
        if self._look is None:
            self._look = look_of(self._plan.config.output, self._plan.root)
        return self._look

    def _prune(self, config: Config) -> tuple[str, ...]:
        paper = replace(self._paper(config), sections=())
        current = {name for s in config.sections for name in section_files(s, config.output.formats)}
        for section in config.sections if config.output.archive else ():
            current |= self._shelving.names(section.id, config.output.formats)
        current |= set(render_combined(paper, self._cache).documents)
        current |= set(render_front_files(paper).documents)
        removed = self._publisher.prune(current | self._pages_kept(paper)).removed
        if self._pictures.archive:
            self._pictures.archive.prune()
        self._pruned = True
        return removed

    def _pages_kept(self, paper: Paper) -> set[str]:
        if not has_article_pages(paper):
            return set()
        uids = {uid for name in self._publisher.names() if (uid := uid_of_page(name))}
        printed = [one for edition in self._editions.values() for one in edition.articles]
        kept = self._store.placed(uids - {one.article.uid for one in printed})
        kept |= {one.article.uid for one in printed}
        stories = {story_page(uid) for uid in kept} - set(_no_stories(printed))
        return {article_page(uid) for uid in kept} | stories


def _no_stories(printed: Sequence[PrintedArticle]) -> list[str]:
    """The pages of stories that these articles would have, and their copies: they have no story of their own."""
    alone = [one.article.uid for one in printed if one.story is None]
    copies = [
        copy.article.uid
        for one in printed
        if one.story is not None
        for copy in one.story.copies
        if copy.article.uid != one.article.uid
    ]
    return [story_page(uid) for uid in (*alone, *copies)]


def _troubles(records: Sequence[SourceRecord]) -> tuple[object, ...]:
    """All that status.atom depends on."""
    return tuple(
        (record.id, record.health, record.failing_since, record.last_error)
        for record in records
        if record.health not in (Health.OK, Health.PAUSED)
    )
