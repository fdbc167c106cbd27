"""Articles and links out of HTML pages: bytes in, values out; no input or output, no clock, never an exception."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.extract.article import extract_article
    from aggregator.extract.links import extract_links, extract_listing
    from aggregator.extract.model import Extracted, Link, Listing
    from aggregator.extract.otherlists import OtherList, other_lists
    from aggregator.extract.proposal import Proposal, Sampled, propose
    from aggregator.extract.repeated import without_repeated

__all__ = [
    "Extracted",
    "Link",
    "Listing",
    "OtherList",
    "Proposal",
    "Sampled",
    "extract_article",
    "extract_links",
    "extract_listing",
    "other_lists",
    "propose",
    "without_repeated",
]

__getattr__ = lazily(
    __name__,
    article="extract_article",
    links="extract_links extract_listing",
    otherlists="OtherList other_lists",
    model="Extracted Link Listing",
    proposal="Proposal Sampled propose",
    repeated="without_repeated",
)
