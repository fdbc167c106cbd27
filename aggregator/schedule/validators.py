"""Which validators are kept, and which of them the next request sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.schedule.memory import remembering
from aggregator.schedule.outcome import Outcome
from storage.model import SourceRecord, Validators

IGNORED = 3  #: whole bodies in spite of If-None-Match, after which it is left out
RETRY = timedelta(days=7)


def request_validators(record: SourceRecord) -> Validators:
    """What the next request to the source is to carry.

    A server that sends the same body again despite its own ETag (Apache's ``-gzip`` suffix) does not look
    at If-Modified-Since either, since If-None-Match rules it out (RFC 9110 §13.1.3): it gets the date alone.
    """
    if _muted_since(record.memory) is not None and record.validators.last_modified is not None:
        return replace(record.validators, etag=None)
    return record.validators


def validators_url(record: SourceRecord) -> str:
    """The one address that the validators may be sent to: the one that gave them."""
    return str(record.memory.get("validators_url") or record.url)


def keep_validators(record: SourceRecord, outcome: Outcome, now: datetime) -> SourceRecord:
    """The record with the validators that the next request may echo. A failed poll leaves them untouched."""
    if not outcome.succeeded:
        return record
    memory = {**record.memory, "etag_ignored": _watched(record, outcome, now)}
    if outcome.final_url and outcome.final_url != record.url:
        memory["validators_url"] = outcome.final_url
    elif outcome.final_url or outcome.kind == "taken":
        memory.pop("validators_url", None)
    if not memory["etag_ignored"]:
        del memory["etag_ignored"]
    kept = remembering(record, memory)
    validators = _kept(record.validators, outcome)
    return kept if validators == kept.validators else replace(kept, validators=validators)


def _kept(before: Validators, outcome: Outcome) -> Validators:
    answer = outcome.validators or Validators()
    if outcome.partial and not answer:  # the next part is reckoned from the same state as this one
        return before
    if outcome.kind == "taken":  # a validator that the server no longer sends is not sent to it either
        return answer
    if outcome.kind == "unchanged":
        return before if outcome.validators is None else answer
    # A 304 updates what it carries and leaves the rest (RFC 9111 §4.3.4).
    return Validators(
        etag=before.etag if answer.etag is None else answer.etag,
        last_modified=before.last_modified if answer.last_modified is None else answer.last_modified,
    )


def _watched(record: SourceRecord, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """How often the ETag was ignored in a row, or since when it is left out; empty when all is well."""
    since = _muted_since(record.memory)
    if since is not None:
        # One more try a week later: a single failure mutes it again.
        return {"times": IGNORED - 1} if now - since >= RETRY else {"since": since.isoformat()}
    if outcome.kind == "not_modified":
        return {}
    times = _times(record.memory)
    if outcome.kind == "unchanged" and request_validators(record).etag is not None:
        times += 1
    if times >= IGNORED:
        return {"since": now.isoformat()}
    return {"times": times} if times else {}


def _times(memory: Mapping[str, Any]) -> int:
    noted = memory.get("etag_ignored")
    times = noted.get("times", 0) if isinstance(noted, Mapping) else 0
    return times if isinstance(times, int) else 0


def _muted_since(memory: Mapping[str, Any]) -> datetime | None:
    noted = memory.get("etag_ignored")
    try:
        return datetime.fromisoformat(noted["since"]) if noted else None
    except (KeyError, TypeError, ValueError):
        return None
