"""What a publisher offers: a hub, and the topic to ask it for (WebSub §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aggregator.websub.links import WebLink, web_links

_LONGEST = 2000  #: characters of an address; it is sent back and forth


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Where to ask for pushes, and of what."""

    hub: str  #: absolute, http or https
    topic: str  #: rel=self, else the address that answered


def offered(*, url: str, link_header: str, hub: str | None, self_url: str | None) -> Offer | None:
    """The offer of a document that ``url`` answered with; None where it names no hub.

    ``hub`` and ``self_url`` are what the document says within; what its Link header says goes before (websub.rocks
    104). The document's first hub is taken.
    """
    links = web_links(link_header, url) if link_header else []
    hub = _first(links, "hub") or hub
    topic = _first(links, "self") or self_url or url
    if not hub or len(hub) > _LONGEST or len(topic) > _LONGEST:
        return None
    return Offer(hub=hub, topic=topic)


def offer_to_memory(offer: Offer | None) -> dict[str, str] | None:
    """As JSON, for the source's record."""
    return None if offer is None else {"hub": offer.hub, "topic": offer.topic}


def offer_from_memory(noted: Any) -> Offer | None:
    """What ``offer_to_memory`` wrote; anything else is no offer."""
    if not isinstance(noted, Mapping):
        return None
    hub, topic = noted.get("hub"), noted.get("topic")
    return Offer(hub=hub, topic=topic) if isinstance(hub, str) and isinstance(topic, str) else None


def _first(links: Iterable[WebLink], relation: str) -> str | None:
    return next((link.url for link in links if relation in link.relations), None)
