"""When a source is asked next, and what of its record a poll changes: pure arithmetic."""

from aggregator.schedule.backoff import busy_wait, limited_wait
from aggregator.schedule.freshness import freshness, retry_after
from aggregator.schedule.outcome import Outcome, Policy
from aggregator.schedule.pushed import PINGED, after_push, back_to_polling
from aggregator.schedule.record import after_poll, next_poll, put_off, share_of
from aggregator.schedule.rhythm import Rhythm, Share, pace_for_budget
from aggregator.schedule.rule import LENGTH, brought_forward, first_polls
from aggregator.schedule.validators import request_validators, validators_url

__all__ = [
    "LENGTH",
    "PINGED",
    "Outcome",
    "Policy",
    "Rhythm",
    "Share",
    "after_poll",
    "after_push",
    "back_to_polling",
    "brought_forward",
    "busy_wait",
    "first_polls",
    "freshness",
    "limited_wait",
    "next_poll",
    "pace_for_budget",
    "put_off",
    "request_validators",
    "retry_after",
    "share_of",
    "validators_url",
]
