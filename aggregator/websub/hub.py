"""The hub's side of W3C WebSub: what is asked of it, how it asks back, what it sends, when it gives up. Pure."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

from storage.model import HubSubscription

SHORTEST_LEASE, LEASE, LONGEST_LEASE = timedelta(minutes=5), timedelta(days=10), timedelta(days=30)
MOST_SECRET = 200  #: bytes; a secret is shorter (§5.1)
FIRST_WAIT, LAST_WAIT = timedelta(seconds=30), timedelta(hours=6)
#: So long a subscriber may fail before its subscription is ended.
PATIENCE = timedelta(days=3)

_LONGEST = 2000  #: characters of an address
_MOST_DOUBLINGS = 16
#: Statuses that say that the subscriber wants no more (§7).
_GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRequest:
    """What a subscriber asks for (§5.1)."""

    mode: Literal["subscribe", "unsubscribe"]
    topic: str
    callback: str
    secret: str = ""
    lease: timedelta = LEASE


class Unfit(Exception):
    """A request that cannot be taken; its text says why."""


def hub_request(form: Mapping[str, str]) -> HubRequest:
    """Read a request. Parameters that are not known are passed over (§5.1). Raises Unfit."""
    mode = form.get("hub.mode", "")
    if mode not in ("subscribe", "unsubscribe"):
        raise Unfit("hub.mode has to be subscribe or unsubscribe")
    secret = form.get("hub.secret", "")
    if len(secret.encode()) >= MOST_SECRET:
        raise Unfit(f"hub.secret has to be shorter than {MOST_SECRET} bytes")
    if not (topic := form.get("hub.topic", "")):
        raise Unfit("hub.topic is missing")
    return HubRequest(
        mode="subscribe" if mode == "subscribe" else "unsubscribe",
        topic=topic,
        callback=_callback(form.get("hub.callback", "")),
        secret=secret,
        lease=_lease(form.get("hub.lease_seconds", "")),
    )


def _callback(url: str) -> str:
    if not url:
        raise Unfit("hub.callback is missing")
    if len(url) > _LONGEST or not re.fullmatch(r"https?://[^\s/?#@]+(?:[/?][^\s#]*)?", url, re.IGNORECASE):
        raise Unfit("hub.callback has to be an http or https address without credentials and fragment")
    return url


def _lease(seconds: str) -> timedelta:
    """What is asked for, within our bounds."""
    if not seconds:
        return LEASE
    if not re.fullmatch(r"[0-9]{1,12}", seconds):
        raise Unfit("hub.lease_seconds has to be a whole number")
    return min(max(timedelta(seconds=int(seconds)), SHORTEST_LEASE), LONGEST_LEASE)


# -- asking back


def question(request: HubRequest, challenge: str) -> str:
    """The address that asks whether the subscriber meant it (§5.3)."""
    asked = {"hub.mode": request.mode, "hub.topic": request.topic, "hub.challenge": challenge}
    if request.mode == "subscribe":
        asked["hub.lease_seconds"] = str(round(request.lease.total_seconds()))
    return _with_query(request.callback, asked)


def denial(subscription: HubSubscription, reason: str) -> str:
    """The address that says that there will be nothing more (§5.2)."""
    told = {"hub.mode": "denied", "hub.topic": subscription.topic, "hub.reason": reason}
    return _with_query(subscription.callback, told)


def is_confirmed(status: int, body: bytes, challenge: str) -> bool:
    """A redirect confirms nothing (§5.3)."""
    return 200 <= status < 300 and body.strip() == challenge.encode()


def _with_query(url: str, more: Mapping[str, str]) -> str:
    """The query that the callback has already stays as it is (§5.3)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(more))))))


# -- bringing


def signature(secret: str, body: bytes) -> str:
    """X-Hub-Signature of a document (§7.1)."""
    return f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"


def due_at(subscription: HubSubscription, tag: str, now: datetime) -> datetime | None:
    """When the topic's document, whose tag this is, goes to the subscriber; None where it has it."""
    if not tag or subscription.delivered == tag:
        return None
    return subscription.next_try or now


def wait_after(attempts: int) -> timedelta:
    """From a delivery that failed to the next one; ``attempts`` have failed in a row, this one included."""
    return min(FIRST_WAIT * (1 << min(max(attempts - 1, 0), _MOST_DOUBLINGS)), LAST_WAIT)


def ends_after(subscription: HubSubscription, status: int | None, now: datetime) -> bool:
    """Whether a subscription ends by this answer: the subscriber says so, or has failed for too long."""
    since = subscription.failing_since
    return status == _GONE or (since is not None and now - since >= PATIENCE)
