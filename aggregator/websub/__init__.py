"""The subscriber's side of W3C WebSub: what is offered, asked, confirmed and signed. Values in, values out."""

from aggregator.websub.lease import ASKED_LEASE, granted_lease, renewal_due, retry_wait
from aggregator.websub.links import WebLink, web_links
from aggregator.websub.offer import Offer, offer_from_memory, offer_to_memory, offered
from aggregator.websub.request import Mode, subscription_form
from aggregator.websub.signature import is_signed
from aggregator.websub.steps import MOST_GOODBYES, due_at, is_for, is_relied_on
from aggregator.websub.verification import Question, Verdict, judge

__all__ = [
    "ASKED_LEASE",
    "MOST_GOODBYES",
    "Mode",
    "Offer",
    "Question",
    "Verdict",
    "WebLink",
    "due_at",
    "granted_lease",
    "is_for",
    "is_relied_on",
    "is_signed",
    "judge",
    "offer_from_memory",
    "offer_to_memory",
    "offered",
    "renewal_due",
    "retry_wait",
    "subscription_form",
    "web_links",
]
