"""Documents to items: feeds, the feeds that pages name, lists of subscriptions. Bytes in, values out.

No network.
"""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily
from aggregator.sources.errors import NotAFeed, NotASitemap, NotOpml
from aggregator.sources.sniff import sniff

if TYPE_CHECKING:
    from aggregator.sources.discover import FoundFeed, discover_feeds, relations_of
    from aggregator.sources.feed import parse_feed
    from aggregator.sources.opml import Opml, OpmlEntry, OpmlOutline, parse_opml, read_opml, render_opml
    from aggregator.sources.sitemap import Sitemap, SitemapEntry, parse_sitemap
    from aggregator.sources.slices import DIGEST_SIZE, MOST_ENTRIES

__all__ = [
    "DIGEST_SIZE",
    "MOST_ENTRIES",
    "FoundFeed",
    "NotAFeed",
    "NotASitemap",
    "NotOpml",
    "Opml",
    "OpmlEntry",
    "OpmlOutline",
    "Sitemap",
    "SitemapEntry",
    "discover_feeds",
    "parse_feed",
    "parse_opml",
    "parse_sitemap",
    "read_opml",
    "relations_of",
    "render_opml",
    "sniff",
]

__getattr__ = lazily(
    __name__,
    discover="FoundFeed discover_feeds relations_of",
    feed="parse_feed",
    opml="Opml OpmlEntry OpmlOutline parse_opml read_opml render_opml",
    sitemap="Sitemap SitemapEntry parse_sitemap",
    slices="DIGEST_SIZE MOST_ENTRIES",
)
