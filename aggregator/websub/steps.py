"""What is due between us and a hub: one table over the states of a subscription."""

from __future__ import annotations

from datetime import datetime

from aggregator.websub.lease import LAST_RETRY, renewal_due, retry_wait
from aggregator.websub.offer import Offer
from storage.clocks import TOLERANCE
from storage.model import Subscription

#: Requests to end a subscription; after that its lease ends it, and what is pushed meanwhile is refused.
MOST_GOODBYES = 3


def due_at(subscription: Subscription, attempts: int) -> datetime:
    """When the hub is asked next, ``attempts`` having gone without its confirmation.

    To subscribe, to renew or to unsubscribe, as the state says.
    """
    asked, until = subscription.asked_at, subscription.lease_until
    if subscription.state == "active" and until is not None:
        return min(renewal_due(asked, until), max(until, asked))
    if subscription.state == "denied":
        return asked + LAST_RETRY
    return asked + retry_wait(attempts) if attempts else asked


def is_for(subscription: Subscription, offer: Offer | None) -> bool:
    """Whether this is what the publisher offers now."""
    return offer is not None and subscription.topic == offer.topic and subscription.hub in offer.hubs


def is_relied_on(subscription: Subscription | None, missed: datetime | None, now: datetime) -> bool:
    """Whether polls are a safety net only: the lease holds, the hub has pushed, and nothing came to light without it.

    ``missed`` is when the last poll began that found what had not been pushed.
    """
    if subscription is None or subscription.state != "active" or subscription.error is not None:
        return False
    if subscription.lease_until is None or subscription.lease_until <= now:
        return False
    last = subscription.last_push
    if last is None or last > now + TOLERANCE:  # by a clock that was set back since: it is before no miss
        return False
    return missed is None or missed < last
