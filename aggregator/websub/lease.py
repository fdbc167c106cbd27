"""How long a subscription holds, when it is renewed, and when a hub that did not answer is asked again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

ASKED_LEASE = timedelta(days=10)
SHORTEST, LONGEST = timedelta(seconds=2), timedelta(days=90)
RENEW_AT = 0.8  #: of the lease
FIRST_RETRY, LAST_RETRY = timedelta(minutes=5), timedelta(hours=24)
_MOST_DOUBLINGS = 16


def granted_lease(seconds: str | None) -> timedelta:
    """What the hub grants, bounded; what it leaves out or garbles is what was asked for."""
    if seconds is None or not re.fullmatch(r"[0-9]{1,12}", seconds) or int(seconds) == 0:
        return ASKED_LEASE
    return min(max(timedelta(seconds=int(seconds)), SHORTEST), LONGEST)


def renewal_due(asked_at: datetime, lease_until: datetime) -> datetime:
    """At 80 % of the lease; a renewal that was asked for and not confirmed is asked again at 80 % of what is left."""
    return asked_at + max((lease_until - asked_at) * RENEW_AT, SHORTEST / 2)


def retry_wait(attempts: int) -> timedelta:
    """Until a hub that has not confirmed so many requests in a row is asked again."""
    return min(FIRST_RETRY * (1 << min(max(attempts - 1, 0), _MOST_DOUBLINGS)), LAST_RETRY)
