"""Which files a paper has, and what stands in each."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from aggregator.config.model import Section
from aggregator.config.reserved import RESERVED
from aggregator.publish.combined import COMBINED
from aggregator.publish.document import Document, whole
from aggregator.publish.edition import Paper, PrintedArticle, SectionEdition
from aggregator.publish.entry import has_article_pages
from aggregator.publish.errors import PublishError
from aggregator.publish.feeds import render_feed
from aggregator.publish.fragments import FragmentCache, Rendered
from aggregator.publish.heads import FEED_TYPES, archive_head, combined_head, section_head
from aggregator.publish.looks import Look, our_scripts
from aggregator.publish.opml import render_opml
from aggregator.publish.pages import render_article_page, render_front, render_section_page
from aggregator.publish.status_feed import render_status_feed
from aggregator.publish.story import render_story_page
from storage.model import SourceRecord

_ICONS = ("favicon.svg", "favicon.ico", "favicon.png")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedFiles:
    """Files by their name in the published folder, and the articles that had to be left out of one."""

    documents: Mapping[str, Document]
    faults: tuple[str, ...] = ()

    @property
    def files(self) -> dict[str, bytes]:
        """The same for who looks into them: each in one piece, put together at every call."""
        return {name: whole(document) for name, document in self.documents.items()}


def render_paper(paper: Paper, cache: FragmentCache, sources: Sequence[SourceRecord] = ()) -> RenderedFiles:
    """Every file of the paper."""
    return _together(
        [render_section(paper, edition, cache) for edition in paper.sections]
        + [render_combined(paper, cache), render_front_files(paper, sources)]
    )


def render_section(paper: Paper, edition: SectionEdition, cache: FragmentCache) -> RenderedFiles:
    """The files of one section with its article pages. Of ``paper.sections`` only ids and titles are used."""
    if (whose := RESERVED.get(edition.id)) is not None:
        raise ValueError(f"a section cannot have the id {edition.id!r}: it is for {whose}; rename it")
    rendered: dict[str, Rendered] = {}
    for one in (edition, *edition.variants):
        head = section_head(paper, one)
        rendered |= {
            f"{one.stem}.{form}": render_feed(form, paper, head, one.articles, cache)
            for form in FEED_TYPES
            if form in paper.output.formats
        }
        if "html" in paper.output.formats:
            rendered[f"{one.folder}/index.html"] = render_section_page(paper, one, cache)
    if "html" in paper.output.formats:
        # The page of an article is one for all sections that print it, whatever scripts these are in.
        articles = edition.articles if edition.originals is None else edition.originals
        rendered |= _article_pages(paper, articles, cache)
    return _collected(rendered)


def render_archive(
    paper: Paper, edition: SectionEdition, number: int, articles: Sequence[PrintedArticle]
) -> RenderedFiles:
    """An archive document of the section's feed, once and for all: no other build makes use of its fragments."""
    head = archive_head(paper, edition, number)
    cache = FragmentCache(max_bytes=0)
    return _collected(
        {
            f"{head.name}.{form}": render_feed(form, paper, head, articles, cache)
            for form in FEED_TYPES
            if form in paper.output.formats
        }
    )


def section_files(section: Section, forms: Collection[str]) -> set[str]:
    """The names of all that ``render_section`` makes of a section, its article pages aside."""
    names = set()
    for variant in ("", *section.script[1:]):
        empty = SectionEdition(section=section, title=section.title, variant=variant)
        names |= {f"{empty.stem}.{form}" for form in FEED_TYPES if form in forms}
        names |= {f"{empty.folder}/index.html"} if "html" in forms else set()
    return names


def render_combined(paper: Paper, cache: FragmentCache) -> RenderedFiles:
    """The feed of ``paper.combined`` in every form; nothing where there is none."""
    if paper.combined is None:
        return RenderedFiles(documents={})
    head = combined_head(paper)
    return _collected(
        {
            f"{COMBINED}.{form}": render_feed(form, paper, head, paper.combined, cache)
            for form in FEED_TYPES
            if form in paper.output.formats
        }
    )


def render_front_files(paper: Paper, sources: Sequence[SourceRecord] = ()) -> RenderedFiles:
    """What belongs to no section: front page, feeds.opml, status.atom, style and icons."""
    rendered = {"status.atom": render_status_feed(paper, sources)}
    if "opml" in paper.output.formats:
        rendered["feeds.opml"] = Rendered(document=render_opml(paper))
    if "html" in paper.output.formats:
        rendered["index.html"] = render_front(paper)
    return _together([_collected(rendered), RenderedFiles(documents=assets(paper.look))])


def assets(look: Look) -> Mapping[str, bytes]:
    """The style, the operator's own beside ours, the scripts and the icons."""
    own = {} if look.own_style is None else {"assets/own.css": look.own_style}
    scripts = {f"assets/{name}": body for name, body in our_scripts().items()}
    return {"assets/style.css": look.style, **own, **scripts, **_icons()}


@functools.cache
def _icons() -> Mapping[str, bytes]:
    folder = files("aggregator.publish") / "assets"
    return {name: (folder / name).read_bytes() for name in _ICONS}


def article_page(uid: str) -> str:
    return f"a/{uid}.html"


def story_page(uid: str) -> str:
    """Of the story whose first article has this uid."""
    return f"story/{uid}.html"


def uid_of_page(name: str) -> str | None:
    """The uid that ``article_page`` or ``story_page`` made this name of; None for a name of another form."""
    folder, _, leaf = name.partition("/")
    return leaf.removesuffix(".html") if folder in ("a", "story") and leaf.endswith(".html") else None


def render_article_pages(
    paper: Paper, articles: Sequence[PrintedArticle], cache: FragmentCache
) -> RenderedFiles:
    """The pages of these articles alone; none where the paper has no article pages."""
    return _collected(_article_pages(paper, articles, cache))


def _article_pages(
    paper: Paper, articles: Sequence[PrintedArticle], cache: FragmentCache
) -> dict[str, Rendered]:
    if not has_article_pages(paper):
        return {}
    pages: dict[str, Rendered] = {}
    for printed in articles:
        uid = printed.article.uid
        pages[article_page(uid)] = _page(render_article_page, paper, printed, cache)
        if printed.story is not None:
            pages[story_page(uid)] = _page(render_story_page, paper, printed, cache)
    return pages


def _page(
    render: Callable[[Paper, PrintedArticle, FragmentCache], bytes],
    paper: Paper,
    printed: PrintedArticle,
    cache: FragmentCache,
) -> Rendered:
    try:
        return Rendered(document=render(paper, printed, cache))
    except PublishError:
        raise
    except Exception as error:  # one article never kills a section
        return Rendered(document=b"", faults=(f"article {printed.article.uid} has no page: {error!r}",))


def _collected(rendered: Mapping[str, Rendered]) -> RenderedFiles:
    """Without the files that came out empty: where a page could not be rendered, the old one stays."""
    return RenderedFiles(
        documents={name: one.document for name, one in rendered.items() if one.document},
        faults=tuple(fault for one in rendered.values() for fault in one.faults),
    )


def _together(parts: Sequence[RenderedFiles]) -> RenderedFiles:
    merged: dict[str, Document] = {}
    for part in parts:
        merged |= part.documents
    return RenderedFiles(documents=merged, faults=tuple(fault for part in parts for fault in part.faults))
