"""The archive documents of a printing: which are closed now, made anew because they were lost, or struck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.config.model import Section
from aggregator.curate import worthy
from aggregator.pipeline.backissues import BackIssues, Closing
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.stories import Compositor, points_of
from aggregator.pipeline.withdrawn import withdrawn
from aggregator.publish import (
    FEED_TYPES,
    FeedForm,
    Paper,
    Publisher,
    RenderedFiles,
    Scripts,
    SectionEdition,
    Withdrawn,
    entry_id,
)
from aggregator.publish.heads import archive_name
from aggregator.publish.paths import render_archive
from aggregator.publish.strike import strike
from storage.interface import ArticleStore
from storage.model import Article

#: Under this setting stands up to when withdrawn articles were struck from the archives.
STRUCK = "archives_struck"
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Shelving:
    """The press's hand in archives, one printing at a time."""

    def __init__(self, store: ArticleStore, publisher: Publisher, scripts: Scripts) -> None:
        self._store = store
        self._publisher = publisher
        self._scripts = scripts
        self._issues = BackIssues(store)
        self._closings: dict[str, list[Closing]] = {}
        self._gone: list[Withdrawn] = []  #: withdrawn since the archives were last looked through
        self._struck: datetime | None = None

    def begin(self) -> None:
        """Forget what an earlier printing wanted to close: it was written, or it failed and is decided anew."""
        self._closings.clear()
        self._gone = [one for one in withdrawn(self._store) if one.at > self._struck_upto()]

    def plan(self, edition: SectionEdition, now: datetime) -> int:
        """Decide what is to be closed beside this edition; returns how many archives the section then has."""
        articles = [one.article for one in edition.articles]
        closings = self._closings[edition.id] = self._issues.due(edition.section, articles, now)
        return self._issues.closed(edition.id) + len(closings)

    def render(
        self,
        plan: Plan,
        paper: Paper,
        editions: Mapping[str, SectionEdition],
        compositor: Compositor,
        *,
        lost: bool,
    ) -> list[RenderedFiles]:
        """The files of what is closed now; with ``lost`` also of closed archives that are there no more."""
        made = []
        for id, closings in self._closings.items():
            edition = editions[id]  # of this very printing
            again = self._lost(paper, edition) if lost else []
            for closing in (*again, *closings):
                articles = self._worthy(plan, edition.section, closing.articles)
                copies = self._store.copies([article.uid for article in articles])
                printed = compositor.printed(articles, copies)
                if edition.section.script:
                    as_they_were = replace(edition, articles=printed)
                    printed = self._scripts.edition(as_they_were, edition.section.script[0]).articles
                made.append(render_archive(paper, edition, closing.number, printed))
        return [*made, *self._without_withdrawn(paper)]

    def withdraws(self) -> bool:
        """Whether articles were withdrawn that may still stand in archives, or have their page."""
        return bool(self._gone)

    def written(self) -> None:
        """Record what was rendered, once it stands in the folder."""
        for id, closings in self._closings.items():
            if closings:
                self._issues.close(id, closings)
        self._closings.clear()
        if self._gone:
            self._struck = max(one.at for one in self._gone)
            self._store.set_setting(STRUCK, self._struck.isoformat())

    def names(self, section_id: str, forms: Sequence[str]) -> set[str]:
        """All files that the archives of the section have."""
        return {
            f"{archive_name(section_id, number)}.{form}"
            for number in range(1, self._issues.closed(section_id) + 1)
            for form in FEED_TYPES
            if form in forms
        }

    def _lost(self, paper: Paper, edition: SectionEdition) -> list[Closing]:
        wanted = {
            f"{archive_name(edition.id, number)}.{form}": number
            for number in range(1, self._issues.closed(edition.id) + 1)
            for form in _forms(paper)
        }
        missing = wanted.keys() - self._publisher.present(wanted)
        return [self._issues.again(edition.section, n) for n in sorted({wanted[name] for name in missing})]

    def _worthy(self, plan: Plan, section: Section, articles: Sequence[Article]) -> list[Article]:
        return list(worthy(articles, section, points_of(plan, self._store, section, articles)))

    def _without_withdrawn(self, paper: Paper) -> list[RenderedFiles]:
        files: dict[str, bytes] = {}
        for one in self._gone:
            article = self._store.article(one.uid)
            for section in one.sections if article else ():
                number = self._issues.holding(section, article) if article else None
                id = entry_id(one.uid, paper.id_authority, _suffix(paper, section))
                for form in _forms(paper) if number else ():
                    name = f"{archive_name(section, number or 0)}.{form}"
                    body = files.get(name) or self._publisher.read(name)
                    if body is not None:
                        files[name] = strike(form, body, {id})
        return [RenderedFiles(documents=files)]

    def _struck_upto(self) -> datetime:
        if self._struck is None:
            kept = self._store.setting(STRUCK)
            self._struck = datetime.fromisoformat(kept).astimezone(UTC) if kept else _LONG_AGO
        return self._struck


def _forms(paper: Paper) -> list[FeedForm]:
    return [form for form in FEED_TYPES if form in paper.output.formats]


def _suffix(paper: Paper, section_id: str) -> str:
    return section_id if paper.output.entry_ids == "per_section" else ""
