"""The page of a story: who has it, since when, by which rule it is the same, and what each of them says otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from aggregator.publish.differences import Differences, Run, differences
from aggregator.publish.edition import Copy, Paper, PrintedArticle, Story
from aggregator.publish.entry import headline, language_tag, line
from aggregator.publish.fragments import FragmentCache, fragment_key
from aggregator.publish.links import public_url
from aggregator.publish.pages import Setting, common, setting_of
from aggregator.publish.story_words import StoryWords, story_words_for
from aggregator.publish.words import short_time

#: So many copies are compared word by word, the earliest; the others are named.
MOST_COMPARED = 12
#: So many of them stand open.
MOST_OPEN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Paragraphs of a copy, or several in a row that it has not."""

    paragraphs: tuple[tuple[Run, ...], ...]
    lacking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One copy as the page shows it."""

    source: str
    href: str  #: "" when the source gives no address
    iso: str
    time: str
    title: tuple[Run, ...]
    marks: tuple[str, ...]  #: what is remarkable about it
    like: str
    clause: str
    lang: str
    shown: bool
    note: str  #: instead of a text: why there is none to compare
    common: str
    blocks: tuple[Block, ...]
    open: bool
    cut: bool


def render_story_page(paper: Paper, printed: PrintedArticle, cache: FragmentCache) -> bytes:
    """story/<uid>.html; the article has a story."""
    story = printed.story
    assert story is not None
    setting = setting_of(paper, paper.site.language, "../", None)
    sections = tuple((edition.id, edition.title) for edition in paper.sections)
    around = (
        paper.site.title,
        paper.site.description,
        sections,
        paper.output.formats,
        paper.generator_version,
    )
    key = ("story", fragment_key(printed), _key(story), setting.imprint, setting.look, setting.zone, around)
    return cache.get(key, lambda: _page(paper, printed, story, setting))


def _key(story: Story) -> tuple[object, ...]:
    copies = tuple(
        (
            copy.article.uid, copy.article.url, copy.article.date, hash(copy.article.title), hash(copy.article.text),
            copy.source_name, copy.similarity, copy.clause, copy.shown, copy.origin,
        )
        for copy in story.copies
    )  # fmt: skip
    return copies, story.reasons, story.related


def _page(paper: Paper, printed: PrintedArticle, story: Story, setting: Setting) -> bytes:
    said = story_words_for(setting.imprint.language)
    title = headline(printed.article, setting.imprint.language)
    page = setting.look.page(
        "story.html",
        **common(paper, setting),
        feeds=[],
        said=said,
        article_href=f"../a/{printed.article.uid}.html",
        title=title,
        heading=said.title.format(title=title),
        count=said.copies.format(n=len(story.copies)),
        copies=list(_entries(printed, story, setting, said)),
        related=[
            (f"../a/{one.uid}.html", line(one.title), line(one.source_name), _percent(one.similarity))
            for one in story.related
        ],
    )
    return page.encode()


def _entries(printed: PrintedArticle, story: Story, setting: Setting, said: StoryWords) -> Iterator[Entry]:
    left = MOST_COMPARED
    for copy in story.copies:
        compared = not copy.shown and bool(copy.article.text.strip()) and left > 0
        found = differences(copy.article.text, printed.article.text) if compared else None
        if found is not None and not found.none:
            left -= 1
        yield _entry(copy, printed, story, found, setting, said, still=left >= MOST_COMPARED - MOST_OPEN)


def _entry(
    copy: Copy,
    printed: PrintedArticle,
    story: Story,
    found: Differences | None,
    setting: Setting,
    said: StoryWords,
    *,
    still: bool,
) -> Entry:
    article, different = copy.article, found is not None and not found.none
    title, whole = headline(article, setting.imprint.language), headline(printed.article)
    lang = language_tag(article.language) or setting.imprint.language
    return Entry(
        source=line(copy.source_name) or article.source,
        href=public_url(article.url),
        iso=article.date.isoformat(timespec="seconds"),
        time=short_time(article.date, setting.zone, setting.words, this_year=setting.year),
        title=_one_line(differences(title, whole)),
        marks=tuple(_marks(copy, printed, story, said)),
        like="" if copy.similarity is None else said.like.format(percent=_percent(copy.similarity)),
        clause=in_words(copy.clause, said),
        lang="" if lang == setting.imprint.language else lang,
        shown=copy.shown,
        note=_note(copy, found, said),
        common=said.common.format(percent=_percent(found.common)) if found and different else "",
        blocks=tuple(_blocks(found)) if found and different else (),
        open=still,
        cut=found is not None and found.cut,
    )


def _marks(copy: Copy, printed: PrintedArticle, story: Story, said: StoryWords) -> Iterator[str]:
    if copy.shown:
        why = said.between.join(said.reasons.get(reason, reason) for reason in story.reasons)
        yield said.printed_as.format(why=why) if why else said.printed
    elif copy.origin:
        yield said.origin
    if copy.article.uid == printed.article.uid:
        yield said.first


def _note(copy: Copy, found: Differences | None, said: StoryWords) -> str:
    if copy.shown:
        return ""
    if not copy.article.text.strip():
        return said.no_text
    return said.same if found is not None and found.none else ""


def in_words(clause: str, said: StoryWords) -> str:
    """The rule in the language of the paper; what has no words of its own stays as ``explain`` has it."""
    for pattern, words in said.clauses:
        clause = re.sub(rf"(?<![A-Za-z]){pattern}", words, clause)
    return clause


def _one_line(found: Differences) -> tuple[Run, ...]:
    return tuple(run for paragraph in found.paragraphs for run in paragraph)


def _blocks(found: Differences) -> Iterator[Block]:
    """What a copy has not, in a row of several paragraphs, is folded away."""
    for lacking, paragraphs in groupby(found.paragraphs, key=_is_lacking):
        yield Block(paragraphs=tuple(paragraphs), lacking=lacking)


def _is_lacking(paragraph: Sequence[Run]) -> bool:
    return all(run.kind == "missing" for run in paragraph)


def _percent(share: float) -> str:
    """Never 100 % of what is not all."""
    return f"{int(share * 100 + 1e-9)} %"
