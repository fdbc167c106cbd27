"""What a publisher offers: a hub, and the topic to ask it for (WebSub §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.websub.links import WebLink, web_links

_MOST_HUBS = 5
_LONGEST = 2000  #: characters of an address; it is sent back and forth


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Where to ask for pushes, and of what."""

    hub: str  #: absolute, http or https
    topic: str  #: rel=self, else the address that answered
    others: tuple[str, ...] = ()  #: more hubs, for when that one does not do its work

    @property
    def hubs(self) -> tuple[str, ...]:
        return self.hub, *self.others

    def after(self, hub: str) -> str:
        """The hub to be asked when this one has not done its work."""
        at = self.hubs.index(hub) if hub in self.hubs else -1
        return self.hubs[(at + 1) % len(self.hubs)]


def offered(*, url: str, link_header: str, hubs: Sequence[str], self_url: str | None) -> Offer | None:
    """The offer of a document that ``url`` answered with; None where it names no hub.

    ``hubs`` and ``self_url`` are what the document says within; what its Link header says goes before (websub.rocks
    104). The first hub is asked, others when it fails.
    """
    links = web_links(link_header, url) if link_header else []
    hubs = _all(links, "hub") or hubs
    topic = next(iter(_all(links, "self")), None) or self_url or url
    found = list(dict.fromkeys(hub for hub in hubs if len(hub) <= _LONGEST))[:_MOST_HUBS]
    if not found or len(topic) > _LONGEST:
        return None
    return Offer(hub=found[0], topic=topic, others=tuple(found[1:]))


def offer_to_memory(offer: Offer | None) -> dict[str, Any] | None:
    """As JSON, for the source's record."""
    if offer is None:
        return None
    others = {"others": list(offer.others)} if offer.others else {}
    return {"hub": offer.hub, "topic": offer.topic, **others}


def offer_from_memory(noted: Any) -> Offer | None:
    """What ``offer_to_memory`` wrote; anything else is no offer."""
    if not isinstance(noted, Mapping):
        return None
    hub, topic, others = noted.get("hub"), noted.get("topic"), noted.get("others", [])
    if not (isinstance(hub, str) and isinstance(topic, str) and isinstance(others, list)):
        return None
    return Offer(hub=hub, topic=topic, others=tuple(other for other in others if isinstance(other, str)))


def _all(links: Iterable[WebLink], relation: str) -> list[str]:
    return [link.url for link in links if relation in link.relations]
