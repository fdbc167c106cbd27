"""What a document that came offers of pushes, noted on its source's record."""

from __future__ import annotations

from typing import Any

from aggregator.fetch import Response
from aggregator.item import ParsedFeed
from aggregator.sources import relations_of
from aggregator.websub import Offer, offer_to_memory, offered

#: Under this key a record remembers the hub that its document names, and the topic.
OFFER = "offer"


def feed_offer(response: Response, feed: ParsedFeed) -> dict[str, Any]:
    """For the record's memory. A part of a feed may leave out what the whole says: then nothing changes."""
    offer = _offer(response, feed.hub, feed.self_url)
    return {} if offer is None and response.partial else {OFFER: offer_to_memory(offer)}


def page_offer(response: Response) -> dict[str, Any]:
    """For the record's memory; blocks for a parse where the page may name a hub."""
    found: dict[str, str] = {}
    if b"hub" in response.body.lower():
        found = relations_of(response.body, response.url, response.content_type, ("hub", "self"))
    return {OFFER: offer_to_memory(_offer(response, found.get("hub"), found.get("self")))}


def _offer(response: Response, hub: str | None, self_url: str | None) -> Offer | None:
    return offered(url=response.url, link_header=response.headers.get("link", ""), hub=hub, self_url=self_url)
