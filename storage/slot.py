"""A source's place in the memory store's due-queue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from storage.clocks import ahead, carried_on
from storage.model import Claim, Health, SourceRecord


@dataclass(slots=True, kw_only=True)
class Slot:
    """The record, and who has claimed it."""

    record: SourceRecord
    position: int | None = None  #: among the active sources; None: not configured any more
    token: int = 0
    owner: str | None = None
    lease_until: datetime | None = None

    def holds(self, claim: Claim) -> bool:
        return self.owner is not None and self.token == claim.token

    def end_claim(self) -> None:
        self.owner = self.lease_until = None

    def set_back(self, now: datetime, known: timedelta | None) -> bool:
        """Whether the record is of a clock that was later than ``now``; it is moved by as much."""
        by = ahead(self.record, now, known)
        if by:
            last, hold = self.record.last_poll, self.record.hold_until
            self.record = replace(
                self.record,
                next_poll=self.record.next_poll - by,
                last_poll=last - by if last else None,
                hold_until=hold - by if hold else None,
            )
            self.lease_until = self.lease_until - by if self.lease_until else None
        return bool(by)

    def set_forward(self, before: datetime, now: datetime) -> bool:
        """Whether the record is due by that alone; it is moved to where it belongs."""
        record, self.record = self.record, carried_on(self.record, before, now)
        return record is not self.record

    def is_free(self, now: datetime) -> bool:
        return self.lease_until is None or self.lease_until <= now

    def is_pollable(self) -> bool:
        return self.position is not None and self.record.health not in (Health.GONE, Health.PAUSED)

    def is_busy(self, now: datetime) -> bool:
        """Whether an active source waits out a 503."""
        held = self.record.hold_until is not None and self.record.hold_until > now
        return self.position is not None and held and self.record.last_status == 503

    def is_due(self, now: datetime, *, early: bool) -> bool:
        held = self.record.hold_until is not None and self.record.hold_until > now
        return self.is_pollable() and not held and (early or self.record.next_poll <= now)
