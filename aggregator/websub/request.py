"""What is asked of a hub (WebSub §5.1)."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlencode

from aggregator.websub.lease import ASKED_LEASE

Mode = Literal["subscribe", "unsubscribe"]


def subscription_form(mode: Mode, *, topic: str, callback: str, secret: str) -> bytes:
    """The body of the request. Asked again with the same callback it renews the subscription."""
    fields = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback}
    if mode == "subscribe":
        seconds = round(ASKED_LEASE.total_seconds())
        fields |= {"hub.secret": secret, "hub.lease_seconds": str(seconds)}
    return urlencode(fields).encode("ascii")
