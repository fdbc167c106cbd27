"""Publishing: a paper of articles in, files out. Rendering is pure; ``writer`` alone touches the disk.

``paths.render_paper`` and ``paths.render_section`` make the files, ``writer.Publisher`` writes them.
"""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.publish.combined import has_combined_feed
    from aggregator.publish.edition import (
        Also,
        Copy,
        Paper,
        PrintedArticle,
        Related,
        SectionEdition,
        Story,
        Withdrawn,
        combine,
    )
    from aggregator.publish.errors import PublishError
    from aggregator.publish.feeds import render_query_feed
    from aggregator.publish.fragments import FragmentCache, Rendered
    from aggregator.publish.heads import FEED_TYPES, FeedForm, FeedQuery
    from aggregator.publish.links import entry_id
    from aggregator.publish.paths import (
        RenderedFiles,
        article_page,
        render_archive,
        render_combined,
        render_front_files,
        render_paper,
        render_section,
        section_files,
    )
    from aggregator.publish.results import Hits, render_search
    from aggregator.publish.scripts import Scripts
    from aggregator.publish.writer import Publisher, WriteReport

__all__ = [
    "FEED_TYPES",
    "Also",
    "Copy",
    "FeedForm",
    "FeedQuery",
    "FragmentCache",
    "Hits",
    "Paper",
    "PrintedArticle",
    "PublishError",
    "Publisher",
    "Related",
    "Rendered",
    "RenderedFiles",
    "Scripts",
    "SectionEdition",
    "Story",
    "Withdrawn",
    "WriteReport",
    "article_page",
    "combine",
    "entry_id",
    "has_combined_feed",
    "render_archive",
    "render_combined",
    "render_front_files",
    "render_paper",
    "render_query_feed",
    "render_search",
    "render_section",
    "section_files",
]

__getattr__ = lazily(
    __name__,
    combined="has_combined_feed",
    edition="Also Copy Paper PrintedArticle Related SectionEdition Story Withdrawn combine",
    errors="PublishError",
    feeds="render_query_feed",
    fragments="FragmentCache Rendered",
    heads="FEED_TYPES FeedForm FeedQuery",
    links="entry_id",
    paths="RenderedFiles article_page render_archive render_combined render_front_files render_paper "
    "render_section section_files",
    results="Hits render_search",
    scripts="Scripts",
    writer="Publisher WriteReport",
)
