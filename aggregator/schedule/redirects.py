"""A permanent redirect is believed once it has stood for a day: no captive portal may steal a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.schedule.outcome import Outcome
from storage.model import SourceRecord

POLLS = 3  #: in a row, each with a document that could be read
WINDOW = timedelta(hours=24)  #: between the first of them and the last
ALIASES = 5  #: former addresses kept in memory


def follow_move(record: SourceRecord, outcome: Outcome, now: datetime) -> SourceRecord:
    """The record with the redirect noted, or with the new address once it is believed.

    A failed poll is no evidence either way. A readable answer without the redirect ends the count.
    """
    if not outcome.succeeded:
        return record
    target = outcome.moved_to
    if not target or target == record.url:
        return replace(record, memory=_without(record.memory))
    noted = _noted(record.memory.get("moved"), target, now)
    if noted["polls"] >= POLLS and now - datetime.fromisoformat(noted["since"]) >= WINDOW:
        return _adopted(record, target)
    return replace(record, memory={**record.memory, "moved": noted})


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
