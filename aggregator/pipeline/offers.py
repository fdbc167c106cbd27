"""What a document that came offers of pushes, noted on its source's record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aggregator.fetch import Response
from aggregator.item import ParsedFeed
from aggregator.websub import Offer, offer_to_memory, offered

#: Under this key a record remembers the hub that its document names, and the topic.
OFFER = "offer"


def feed_offer(response: Response, feed: ParsedFeed) -> dict[str, Any]:
    """For the record's memory. A part of a feed may leave out what the whole says: then nothing changes."""
    offer = _offer(response, feed.hubs, feed.self_url)
    return {} if offer is None and response.partial else {OFFER: offer_to_memory(offer)}


def may_offer(response: Response) -> bool:
    """Whether a page is worth looking through for a hub."""
    return b"hub" in response.body.lower()


def page_offer(response: Response, found: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """For the record's memory, of a page whose links say ``found`` of a hub and of itself."""
    topic = next(iter(found.get("self", ())), None)
    return {OFFER: offer_to_memory(_offer(response, found.get("hub", ()), topic))}


def _offer(response: Response, hubs: Sequence[str], self_url: str | None) -> Offer | None:
    return offered(
        url=response.url, link_header=response.headers.get("link", ""), hubs=hubs, self_url=self_url
    )
