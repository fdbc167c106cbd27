"""What is remembered of one webhook, and which state of which source it is to be told next (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from aggregator.config.model import Notify
from aggregator.schedule.trouble import Trouble

EVENTS: Mapping[tuple[Trouble, Trouble], str] = {
    ("ok", "broken"): "source_broken",
    ("stale", "broken"): "source_broken",
    ("ok", "stale"): "source_stale",
    ("broken", "stale"): "source_stale",
    ("broken", "ok"): "source_recovered",
    ("stale", "ok"): "source_recovered",
}
#: Of so many sources it is remembered what befell them while the address was down.
MOST_MISSED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A trouble that came while the address was down; it may be over by now."""

    trouble: Trouble
    body: dict[str, Any]  #: what is to be said of it, as things stood then


@dataclass(slots=True, kw_only=True)
class Hook:
    """One address."""

    notify: Notify
    mark: int  #: up to which decision its articles were told
    told: dict[str, Trouble] = field(default_factory=dict)  #: the sources that are not called ok
    missed: dict[str, Missed] = field(default_factory=dict)
    failures: int = 0
    failing_since: datetime | None = None
    next_try: datetime | None = None

    @property
    def key(self) -> str:
        """The setting under which it is remembered; an address may hold a secret."""
        return f"webhook:{blake2b(self.notify.url.encode(), digest_size=8).hexdigest()}"

    @property
    def host(self) -> str:
        return self.notify.url.split("/")[2].rpartition("@")[2]

    def state_told(self, source_id: str) -> Trouble:
        return self.told.get(source_id, "ok")

    def taken_over(self, before: Hook) -> None:
        self.mark, self.told, self.missed = before.mark, before.told, before.missed

    def noted(self) -> str:
        missed = {id: [one.trouble, one.body] for id, one in self.missed.items()}
        return json.dumps({"mark": self.mark, "told": self.told, "missed": missed})

    def recall(self, noted: str | None) -> bool:
        """Take in what ``noted`` gave; whether it could be read."""
        try:
            found = json.loads(noted or "")
            mark, told = int(found["mark"]), {str(id): state for id, state in found["told"].items()}
            missed = {
                str(id): Missed(trouble=trouble, body=dict(body))
                for id, (trouble, body) in found.get("missed", {}).items()
            }
        except (ValueError, TypeError, KeyError, AttributeError):
            return False
        self.mark, self.told, self.missed = mark, told, missed
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next state that an address is to hear of."""

    event: str
    trouble: Trouble
    body: dict[str, Any] | None  #: as things stood then; None: as they stand now


def next_step(told: Trouble, missed: Missed | None, now: Trouble) -> Step | None:
    """First what was missed, then how things stand now; None when that is known."""
    if (
        missed is not None
        and missed.trouble != now
        and (event := EVENTS.get((told, missed.trouble))) is not None
    ):
        return Step(event=event, trouble=missed.trouble, body=missed.body)
    event = EVENTS.get((told, now))
    return Step(event=event, trouble=now, body=None) if event is not None else None
