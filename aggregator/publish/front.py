"""What stands on the front page: the lead stories, and a column a section. Each story stands there once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.publish.edition import Paper, PrintedArticle, SectionEdition, is_dated
from aggregator.publish.links import public_url

_LEAD_POOL = 12  #: the lead is the newest story with a picture among so many
_ROOM = 8  #: beside the lead: a bare headline takes one place, a story with more to it two
_COLUMN = 6  #: stories in a column …
_COLUMN_LEAST = 3
_ALL_COLUMNS = 72  #: … and fewer where there are many, so that the page stays light


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    edition: SectionEdition
    articles: tuple[PrintedArticle, ...]


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
    seconds = _beside([story for story in stories if story is not lead][: len(stories) // 4])
    shown = {story.article.uid for story in (lead, *seconds) if story}
    columns = []
    for edition in paper.sections:
        if not takes_everything(edition) or len(paper.sections) == 1:
            column = _column(edition, shown, len(paper.sections))
            shown.update(story.article.uid for story in column.articles)
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


def _beside(stories: Sequence[PrintedArticle]) -> list[PrintedArticle]:
    """As many as fill the height of the lead. (A small paper keeps its stories for the columns.)"""
    room = _ROOM
    chosen = []
    for story in stories:
        room -= 2 if story.article.summary or has_picture(story) else 1
        if room < 0:
            break
        chosen.append(story)
    return chosen


def _column(edition: SectionEdition, shown: set[str], sections: int) -> Column:
    size = max(_COLUMN_LEAST, min(_COLUMN, _ALL_COLUMNS // sections))
    fresh = [
        printed
        for printed in edition.articles
        if printed.article.uid not in shown and is_dated(printed.article)
    ]
    return Column(edition=edition, articles=tuple(fresh[:size]))
