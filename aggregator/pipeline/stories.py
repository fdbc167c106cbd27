"""Articles as they are printed: each story in the words of its preferred copy, with the others named beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from aggregator import normalise
from aggregator.config.model import Section
from aggregator.curate import Score, score
from aggregator.dedup import Member, Shown, shown
from aggregator.pipeline.plan import Plan
from aggregator.publish import Also, Copy, PrintedArticle, Related, Story
from storage.interface import ArticleStore
from storage.model import Article, Decision, SourceRecord

Byline = tuple[str, str]  # a source's name and address
Relation = tuple[Article, float]  # an article, and how alike, 0..1
#: So many stories about the same are named with one.
MOST_RELATED = 6


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


def related_to(store: ArticleStore, stories: Mapping[str, Sequence[Article]]) -> Mapping[str, list[Relation]]:
    """By the first article of each story: the first articles of others about the same, the most alike first.

    ``stories`` holds all articles of each: what is kin to a copy is kin to the story.
    """
    kin = store.kin([one.uid for members in stories.values() for one in members])
    found: dict[str, list[Relation]] = {}
    for first, members in stories.items():
        own, near = {one.uid for one in members}, dict[str, Relation]()
        for pair in (pair for one in members for pair in kin.get(one.uid, ())):
            other = _first_of(store, pair.other)
            if other is None or other.expired or other.uid in own:
                continue
            if other.uid not in near or near[other.uid][1] < pair.similarity:
                near[other.uid] = other, pair.similarity
        if near:
            ordered = sorted(near.values(), key=lambda one: (-one[1], one[0].uid))
            found[first] = ordered[:MOST_RELATED]
    return found


def _first_of(store: ArticleStore, uid: str) -> Article | None:
    """The first article of the story that an article is in by now."""
    article = store.article(uid)
    return store.article(article.copy_of) if article is not None and article.copy_of else article


def shown_of(plan: Plan, bylines: Bylines, article: Article, copies: Sequence[Article]) -> Shown:
    """How the story of this first article is printed."""
    return shown(bylines.member(article), list(map(bylines.member, copies)), plan.config.dedup.prefer)


class Compositor:
    """Makes of stored stories what is printed of them."""

    def __init__(
        self,
        plan: Plan,
        store: ArticleStore,
        bylines: Bylines,
        pictured: Callable[[Article], Article] = lambda article: article,
    ) -> None:
        """``pictured``: the article with its pictures where readers are to get them from."""
        self._plan = plan
        self._store = store
        self._bylines = bylines
        self._pictured = pictured
        self._titles = {section.id: section.title for section in plan.config.sections}

    def printed(
        self, articles: Sequence[Article], copies: Mapping[str, Sequence[Article]]
    ) -> tuple[PrintedArticle, ...]:
        """The stories of these first articles; ``copies`` are theirs by uid."""
        named = self._plan.config.dedup.show_also
        present = {uid: [copy for copy in found if not copy.expired] for uid, found in copies.items()}
        stories = {one.uid: (one, *present[one.uid]) for one in articles if present.get(one.uid)}
        related = related_to(self._store, stories) if named else {}
        decided = (
            self._store.decided([copy.uid for found in present.values() for copy in found]) if named else {}
        )
        return tuple(
            self._one(
                article,
                present.get(article.uid, ()),
                decided if named else None,
                related.get(article.uid, ()),
            )
            for article in articles
        )

    def _one(
        self,
        article: Article,
        copies: Sequence[Article],
        decided: Mapping[str, Sequence[Decision]] | None,
        related: Sequence[Relation],
    ) -> PrintedArticle:
        found = shown_of(self._plan, self._bylines, article, copies)
        name, url = self._bylines.of(found.article.source)
        members = (article, *copies)
        return PrintedArticle(
            article=self._pictured(self._bounded(found.article)),
            source_name=name,
            source_url=url,
            also=_also(found, members, self._bylines) if decided is not None else (),
            sections=tuple((id, self._titles[id]) for id in article.sections if id in self._titles),
            story=self._story(found, members, decided, related) if decided is not None and copies else None,
        )

    def _bounded(self, article: Article) -> Article:
        """What was stored under a higher limit, or none, is bounded here."""
        source = self._plan.sources.get(article.source, self._plan.config.defaults)
        if max(len(article.html), len(article.text)) <= source.max_length:
            return article
        # An import of the moment: hardly any article asks for it.
        return normalise.bounded(article, source.max_length)

    def _story(
        self,
        found: Shown,
        members: Sequence[Article],
        decided: Mapping[str, Sequence[Decision]],
        related: Sequence[Relation],
    ) -> Story:
        ordered = sorted(members, key=lambda one: (one.uid != found.of, one.date, one.uid))
        return Story(
            copies=tuple(self._copy(one, found, merged_by(decided.get(one.uid, ()))) for one in ordered),
            reasons=found.reasons,
            related=tuple(
                Related(
                    uid=one.uid,
                    title=one.title,
                    source_name=self._bylines.of(one.source)[0],
                    similarity=similarity,
                )
                for one, similarity in related
                if one.sections  # else it has no page
            ),
        )

    def _copy(self, article: Article, found: Shown, merged: Decision | None) -> Copy:
        measured = merged is not None and merged.verdict not in ("exact", "join")
        return Copy(
            article=self._bounded(article),
            source_name=self._bylines.of(article.source)[0],
            similarity=merged.similarity if merged and measured else None,
            clause=merged.clause if merged else "",
            shown=article.uid == found.of,
            origin=article.uid in found.origins,
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


def points_of(
    plan: Plan, store: ArticleStore, section: Section, articles: Sequence[Article]
) -> Mapping[str, int]:
    """The points of these first articles by uid; of none where the section does not ask for points."""
    if section.min_score is None:
        return {}
    copies = store.copies([article.uid for article in articles])
    return {one.uid: scored(plan, one, copies.get(one.uid, ())).points for one in articles}


def scored(plan: Plan, article: Article, copies: Iterable[Article]) -> Score:
    """What the story of this first article weighs."""
    source = plan.sources.get(article.source)
    carriers = {copy.source for copy in copies if not copy.expired}
    return score(article, carriers=carriers, priority=source.priority if source else 0)
