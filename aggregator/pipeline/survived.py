"""What was wrong at a source's last polls and did not make them fail: ``status`` names it for as long as it is so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregator.pipeline.archives import OLDER
from aggregator.pipeline.fulltext import BEHIND
from aggregator.pipeline.listing import OWED
from aggregator.pipeline.visit import Visit

#: Under this key a record remembers the faults of its document, and of what belongs to it.
FAULTS = "faults"
#: So many of them are kept.
MAX_FAULTS = 5


def survived(before: Mapping[str, Any], visit: Visit, after: Mapping[str, Any]) -> dict[str, list[str]]:
    """For the record's memory: ``before`` is that from before the visit, ``after`` that from after it.

    A document that is read anew has the faults found in it. While it stays the same they stay, but for those of pages
    and older documents that were still to come: these have come, or something else is wrong with them by now.
    """
    if visit.outcome.kind == "taken":
        return {FAULTS: list(visit.faults[:MAX_FAULTS])}
    known = before.get(FAULTS) or []
    if not (known or visit.faults) or not visit.outcome.succeeded:
        return {}
    told = {_about(fault) for fault in visit.faults}
    over = (_awaited(before) - _awaited(after)) | told
    left = [fault for fault in known if _about(fault) not in over]
    return {FAULTS: [*visit.faults, *left][:MAX_FAULTS]}


def _about(fault: str) -> str:
    """The address that a fault begins with, else the fault itself: they are told as ``address: what``."""
    return fault.partition(": ")[0]


def _awaited(memory: Mapping[str, Any]) -> set[str]:
    """Addresses of what belongs to the source and is still to be read."""
    pages = [*memory.get(OWED, ()), *(memory.get(BEHIND) or {}).get("owed", ())]
    chain = memory.get(OLDER)
    return {one["url"] for one in [*pages, *([chain] if chain else [])]}
