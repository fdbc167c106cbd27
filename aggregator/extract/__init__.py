"""Articles and links out of HTML pages: bytes in, values out; no input or output, no clock, never an exception."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.extract.article import extract_article as extract_article
    from aggregator.extract.links import extract_links as extract_links, extract_listing as extract_listing
    from aggregator.extract.model import Extracted as Extracted, Link as Link, Listing as Listing
    from aggregator.extract.otherlists import OtherList as OtherList, other_lists as other_lists
    from aggregator.extract.proposal import Proposal as Proposal, Sampled as Sampled, propose as propose
    from aggregator.extract.repeated import without_repeated as without_repeated
else:
    __getattr__ = lazily(__name__)
