"""Articles as they are printed: each story in the words of its preferred copy, with the others named beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from aggregator.dedup import Member, Shown, shown
from aggregator.pipeline.plan import Plan
from aggregator.publish import Also, PrintedArticle
from storage.interface import ArticleStore
from storage.model import Article, Decision, SourceRecord

Byline = tuple[str, str]  # a source's name and address


class Bylines:
    """What the sources are called and where they are polled, those that were removed included."""

    def __init__(self, plan: Plan, store: ArticleStore, active: Sequence[SourceRecord]) -> None:
        self._plan = plan
        self._store = store
        self._active = {record.id for record in active}
        self._records: dict[str, SourceRecord | None] = {record.id: record for record in active}

    def of(self, source_id: str) -> Byline:
        record = self._record(source_id)
        if record is None:
            return self._plan.source_name(source_id), ""
        return self._plan.source_name(source_id, record.title), record.url

    def member(self, article: Article) -> Member:
        """The article as one copy among others."""
        source, record = self._plan.sources.get(article.source), self._record(article.source)
        name, address = self.of(article.source)
        return Member(
            article=article,
            names=tuple(dict.fromkeys(filter(None, (name, record.title if record else "")))),
            address=address,
            priority=source.priority if source else 0,
        )

    def differ(self, shown_: Mapping[str, Byline]) -> bool:
        """Whether an active source is another now than shown; a removed one changes no more."""
        return any(self.of(id) != byline for id, byline in shown_.items() if id in self._active)

    def _record(self, source_id: str) -> SourceRecord | None:
        if source_id not in self._records:
            self._records[source_id] = self._store.source(source_id)
        return self._records[source_id]


def merged_by(decisions: Sequence[Decision]) -> Decision | None:
    """Of all that was decided about an article: what made it the copy that it is."""
    return next((one for one in reversed(decisions) if one.verdict not in ("new", "update", "split")), None)


def shown_of(plan: Plan, bylines: Bylines, article: Article, copies: Sequence[Article]) -> Shown:
    """How the story of this first article is printed."""
    return shown(bylines.member(article), list(map(bylines.member, copies)), plan.config.dedup.prefer)


def printed_articles(
    plan: Plan, bylines: Bylines, articles: Iterable[Article], copies: Mapping[str, Sequence[Article]]
) -> Iterable[PrintedArticle]:
    """The stories of these first articles; ``copies`` are theirs by uid."""
    titles = {section.id: section.title for section in plan.config.sections}
    for article in articles:
        others = [copy for copy in copies.get(article.uid, ()) if not copy.expired]
        story = shown_of(plan, bylines, article, others)
        name, url = bylines.of(story.article.source)
        yield PrintedArticle(
            article=story.article,
            source_name=name,
            source_url=url,
            also=_also(story, (article, *others), bylines) if plan.config.dedup.show_also else (),
            sections=tuple((id, titles[id]) for id in article.sections if id in titles),
        )


def _also(story: Shown, members: Sequence[Article], bylines: Bylines) -> tuple[Also, ...]:
    """The other copies, the earliest first; not those that lead to the page that the entry leads to."""
    there = {story.article.canonical_url or story.article.url}
    others = sorted((one for one in members if one.uid != story.of), key=lambda one: (one.date, one.uid))
    return tuple(
        Also(
            source_name=bylines.of(one.source)[0],
            url=one.url,
            title=one.title,
            origin=one.uid in story.origins,
        )
        for one in others
        if one.url and (one.canonical_url or one.url) not in there
    )
