"""Publishing: a paper of articles in, files out. Rendering is pure; ``writer`` alone touches the disk.

``paths.render_paper`` and ``paths.render_section`` make the files, ``writer.Publisher`` writes them.
"""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.publish.combined import has_combined_feed as has_combined_feed
    from aggregator.publish.edition import (
        Also as Also,
        Copy as Copy,
        Paper as Paper,
        PrintedArticle as PrintedArticle,
        Related as Related,
        SectionEdition as SectionEdition,
        Story as Story,
        Withdrawn as Withdrawn,
        combine as combine,
    )
    from aggregator.publish.errors import PublishError as PublishError
    from aggregator.publish.feeds import render_query_feed as render_query_feed
    from aggregator.publish.fragments import FragmentCache as FragmentCache, Rendered as Rendered
    from aggregator.publish.heads import (
        FEED_TYPES as FEED_TYPES,
        FeedForm as FeedForm,
        FeedQuery as FeedQuery,
    )
    from aggregator.publish.links import entry_id as entry_id
    from aggregator.publish.paths import (
        RenderedFiles as RenderedFiles,
        article_page as article_page,
        render_archive as render_archive,
        render_combined as render_combined,
        render_front_files as render_front_files,
        render_paper as render_paper,
        render_section as render_section,
        section_files as section_files,
    )
    from aggregator.publish.results import Hits as Hits, render_search as render_search
    from aggregator.publish.scripts import Scripts as Scripts
    from aggregator.publish.writer import Publisher as Publisher, WriteReport as WriteReport
else:
    __getattr__ = lazily(__name__)
