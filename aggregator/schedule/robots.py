"""How long what is known of a robots.txt is good for, and what it means that it did not come (RFC 9309 §2.3, §2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from aggregator.schedule.backoff import RETRY_AFTER_CAP
from aggregator.schedule.freshness import retry_after

#: RFC 9309 §2.4 allows no longer; a shorter max-age is no reason to ask more often.
GOOD_FOR = timedelta(hours=24)
FIRST_HOLD = timedelta(hours=1)  #: after an answer that says nothing; doubled at each further one
_TOO_MANY, _SERVER_ERRORS = 429, 500


def withholds(status: int | None) -> bool:
    """Whether this answer, None for none, leaves open what may be asked: then nothing may be (RFC 9309 §2.3.1.4).

    What a server refuses to show or does not have (4xx) forbids nothing (§2.3.1.3).
    """
    return status is None or status == _TOO_MANY or status >= _SERVER_ERRORS


def good_for(
    status: int | None, headers: Mapping[str, str], now: datetime, held: timedelta | None = None
) -> timedelta:
    """Until the file is asked for again. ``held`` is how long the answer before held us off, None if it did not."""
    if not withholds(status):
        return GOOD_FOR
    own = min(max(2 * (held or timedelta()), FIRST_HOLD), GOOD_FOR)
    return max(own, min(retry_after(headers, now) or own, RETRY_AFTER_CAP))
