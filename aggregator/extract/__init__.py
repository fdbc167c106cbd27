"""Articles and links out of HTML pages: bytes in, values out; no input or output, no clock, never an exception."""

from aggregator.extract.article import extract_article
from aggregator.extract.links import extract_links, next_listing_page
from aggregator.extract.model import Extracted, Link

__all__ = ["Extracted", "Link", "extract_article", "extract_links", "next_listing_page"]
