"""Publishing: a paper of articles in, files out. Rendering is pure; ``writer`` alone touches the disk.

``paths.render_paper`` and ``paths.render_section`` make the files, ``writer.Publisher`` writes them.
"""

from aggregator.publish.edition import Also, Paper, PrintedArticle, SectionEdition, combine
from aggregator.publish.feeds import render_query_feed
from aggregator.publish.fragments import FragmentCache, Rendered
from aggregator.publish.heads import FEED_TYPES, FeedForm, FeedQuery
from aggregator.publish.links import entry_id
from aggregator.publish.paths import (
    RESERVED_SECTION_IDS,
    RenderedFiles,
    article_page,
    has_combined_feed,
    render_combined,
    render_front_files,
    render_paper,
    render_section,
)
from aggregator.publish.results import Hits, render_search
from aggregator.publish.writer import Publisher, PublishError, WriteReport

__all__ = [
    "FEED_TYPES",
    "RESERVED_SECTION_IDS",
    "Also",
    "FeedForm",
    "FeedQuery",
    "FragmentCache",
    "Hits",
    "Paper",
    "PrintedArticle",
    "PublishError",
    "Publisher",
    "Rendered",
    "RenderedFiles",
    "SectionEdition",
    "WriteReport",
    "article_page",
    "combine",
    "entry_id",
    "has_combined_feed",
    "render_combined",
    "render_front_files",
    "render_paper",
    "render_query_feed",
    "render_search",
    "render_section",
]
