"""Documents to items: feeds, the feeds that pages name, lists of subscriptions. Bytes in, values out.

No network.
"""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily
from aggregator.sources.errors import NotAFeed as NotAFeed, NotASitemap as NotASitemap, NotOpml as NotOpml
from aggregator.sources.sniff import sniff as sniff

if TYPE_CHECKING:
    from aggregator.sources.discover import (
        FoundFeed as FoundFeed,
        discover_feeds as discover_feeds,
        relations_of as relations_of,
    )
    from aggregator.sources.feed import parse_feed as parse_feed
    from aggregator.sources.opml import (
        Opml as Opml,
        OpmlEntry as OpmlEntry,
        OpmlOutline as OpmlOutline,
        parse_opml as parse_opml,
        read_opml as read_opml,
        render_opml as render_opml,
    )
    from aggregator.sources.sitemap import (
        Sitemap as Sitemap,
        SitemapEntry as SitemapEntry,
        parse_sitemap as parse_sitemap,
    )
    from aggregator.sources.slices import DIGEST_SIZE as DIGEST_SIZE, MOST_ENTRIES as MOST_ENTRIES
else:
    __getattr__ = lazily(__name__)
