"""A permanent redirect is believed once it has stood for a day: no captive portal may steal a source.

Nor is it believed for ever: where the new address fails, the configured one is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.schedule.memory import remembering
from aggregator.schedule.outcome import Outcome
from storage.model import SourceRecord

POLLS = 3  #: in a row, each with a document that could be read
WINDOW = timedelta(hours=24)  #: between the first of them and the last
ASTRAY = 3  #: polls in a row that find no document at an address, before the other one is tried
ALIASES = 5  #: former addresses kept in memory


def follow_move(record: SourceRecord, outcome: Outcome, now: datetime) -> SourceRecord:
    """The record with the redirect noted, or with the new address once it is believed.

    A failed poll is no evidence either way. A readable answer without the redirect ends the count.
    """
    if not outcome.succeeded:
        return record
    target = outcome.moved_to
    if not target or target == record.url:
        return remembering(record, _without(record.memory))
    noted = _noted(record.memory.get("moved"), target, now)
    if noted["polls"] >= POLLS and now - datetime.fromisoformat(noted["since"]) >= WINDOW:
        return _adopted(record, target)
    return replace(record, memory={**record.memory, "moved": noted})


def other_address(record: SourceRecord) -> str | None:
    """The configured address, or the one that the source had moved to, whichever is not in use; None without a move."""
    if record.url != record.configured_url:
        return record.configured_url
    moved_to = record.memory.get("moved_to")
    return moved_to if isinstance(moved_to, str) else None


def try_other(record: SourceRecord, outcome: Outcome) -> SourceRecord:
    """The record with its other address in use, where this one has brought nothing for ``ASTRAY`` polls in a row.

    Validators stay with the address that gave them.
    """
    other = other_address(record)
    before = record.memory.get("astray")
    times = (before if isinstance(before, int) else 0) + 1 if other and _astray(outcome) else 0
    memory = {key: value for key, value in record.memory.items() if key != "astray"}
    if outcome.succeeded and record.url == record.configured_url:
        memory.pop("moved_to", None)
    if not other or times < ASTRAY:
        return remembering(record, {**memory, "astray": times} if times else memory)
    if record.url != record.configured_url:
        memory["moved_to"] = record.url
    if record.validators:
        memory["validators_url"] = memory.get("validators_url") or record.url
    return replace(record, url=other, memory=memory)


def _astray(outcome: Outcome) -> bool:
    """Whether the address leads nowhere, or to no feed. A site that is merely down or busy says nothing of it."""
    if outcome.status is None:
        return outcome.fault == "dns"
    return not outcome.succeeded and outcome.status in (200, 404, 410)


def _noted(before: Any, target: str, now: datetime) -> dict[str, Any]:
    try:
        if before["to"] == target:
            datetime.fromisoformat(before["since"])
            return {**before, "polls": int(before["polls"]) + 1}
    except (KeyError, TypeError, ValueError):
        pass
    return {"to": target, "polls": 1, "since": now.isoformat()}


def _adopted(record: SourceRecord, target: str) -> SourceRecord:
    aliases = [url for url in record.memory.get("aliases", ()) if url not in (record.url, target)]
    memory = {**_without(record.memory), "aliases": [*aliases, record.url][-ALIASES:]}
    return replace(record, url=target, memory=memory)


def _without(memory: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in memory.items() if key != "moved"}
