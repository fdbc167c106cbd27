"""The subscriber's side of W3C WebSub: what is offered, asked, confirmed and signed. Values in, values out."""

from aggregator.websub.lease import ASKED_LEASE, granted_lease, renewal_due, retry_wait
from aggregator.websub.links import WebLink, web_links
from aggregator.websub.offer import Offer, offer_from_memory, offer_to_memory, offered
from aggregator.websub.request import subscription_form
from aggregator.websub.signature import is_signed

__all__ = [
    "ASKED_LEASE",
    "Offer",
    "WebLink",
    "granted_lease",
    "is_signed",
    "offer_from_memory",
    "offer_to_memory",
    "offered",
    "renewal_due",
    "retry_wait",
    "subscription_form",
    "web_links",
]
