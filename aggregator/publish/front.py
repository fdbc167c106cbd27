"""What stands on the front page: the lead stories, and a column a section. Each story stands there once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.publish.edition import Paper, PrintedArticle, SectionEdition, is_dated
from aggregator.publish.links import public_url

_LEAD_POOL = 12  #: the lead is the newest story with a picture among so many
_SECONDS_POOL = 40  #: what stands beside it is chosen among so many
_ROOM = 8  #: beside the lead: a bare headline takes one place, a story with more to it two
_COLUMN = 6  #: stories in a column …
_COLUMN_LEAST = 3
_BARE_COLUMN = 9  #: … more where they are headlines alone …
_ALL_COLUMNS = 72  #: … and fewer where there are many, so that the page stays light
_OF_ONE_SOURCE = 2  #: beside the lead: a chatty source leaves room for others


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    edition: SectionEdition
    articles: tuple[PrintedArticle, ...]
    bare: bool = False  #: headlines alone, as of a wire


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage:
    lead: PrintedArticle | None
    seconds: tuple[PrintedArticle, ...]
    columns: tuple[Column, ...]


def front_page(paper: Paper) -> FrontPage:
    """Choose the stories. A section that takes everything (``include: '*'``) feeds the lead only."""
    stories = _newest_first(paper.sections)
    lead = next(
        (story for story in stories[:_LEAD_POOL] if has_picture(story)), stories[0] if stories else None
    )
    seconds = _beside([story for story in stories if story is not lead], len(stories) // 4)
    shown = {story.article.uid for story in (lead, *seconds) if story}
    columns = []
    for edition in paper.sections:
        if not takes_everything(edition) or len(paper.sections) == 1:
            column = _column(edition, shown, len(paper.sections))
            shown.update(story.article.uid for story in column.articles)
            if column.articles or not edition.articles:
                columns.append(column)
    return FrontPage(lead=lead, seconds=tuple(seconds), columns=tuple(columns))


def has_picture(printed: PrintedArticle) -> bool:
    return bool(public_url(printed.article.image or ""))


def takes_everything(edition: SectionEdition) -> bool:
    return "*" in edition.section.include


def columns_across(columns: int) -> int:
    """How many columns stand side by side on a wide screen: as few empty places as can be in the last row."""
    return columns if columns <= 4 else min((4, 3), key=lambda across: -columns % across)


def _newest_first(sections: Iterable[SectionEdition]) -> list[PrintedArticle]:
    stories = {
        printed.article.uid: printed
        for edition in sections
        for printed in edition.articles
        if is_dated(printed.article)
    }
    return sorted(
        stories.values(), key=lambda printed: (printed.article.date, printed.article.uid), reverse=True
    )


def _beside(stories: Sequence[PrintedArticle], most: int) -> list[PrintedArticle]:
    """As many as fill the height of the lead. (A small paper keeps its stories for the columns.)"""
    room = _ROOM
    chosen = []
    for story in _substance_first(stories[:_SECONDS_POOL])[:most]:
        room -= 1 if _is_bare(story) else 2
        if room < 0:
            break
        chosen.append(story)
    return chosen


def _substance_first(stories: Iterable[PrintedArticle]) -> list[PrintedArticle]:
    """Bare headlines, and what a source has beyond its share, fill what the others leave."""
    of_source: Counter[tuple[bool, str]] = Counter()
    ranked = []
    for story in stories:
        kind = _is_bare(story), story.article.source
        of_source[kind] += 1
        ranked.append((_is_bare(story), of_source[kind] > _OF_ONE_SOURCE, story))
    return [story for _, _, story in sorted(ranked, key=lambda ranks: ranks[:2])]


def _is_bare(story: PrintedArticle) -> bool:
    """A headline and nothing more."""
    return not story.article.summary and not has_picture(story)


def _column(edition: SectionEdition, shown: set[str], sections: int) -> Column:
    fresh = [
        printed
        for printed in edition.articles
        if printed.article.uid not in shown and is_dated(printed.article)
    ]
    bare = bool(fresh) and all(map(_is_bare, fresh[:_BARE_COLUMN]))
    size = max(_COLUMN_LEAST, min(_BARE_COLUMN if bare else _COLUMN, _ALL_COLUMNS // sections))
    return Column(edition=edition, articles=tuple(fresh[:size]), bare=bare)
