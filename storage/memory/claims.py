"""The due-queue: claims, their leases, and the transaction that a claim admits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from storage.clocks import TOLERANCE, ahead
from storage.fencing import check_ends, lost
from storage.memory.part import MemoryPart
from storage.memory.unit import Draft, MemorySketches, MemoryUnit
from storage.model import Claim, SourceRecord
from storage.sites import Hold, finished, held_back, later, site_of
from storage.slot import Slot


class MemoryPolls:
    """Implements ``Polls`` over one draft."""

    def __init__(self, unit: Callable[[Claim], MemoryUnit]) -> None:
        self._unit = unit

    @contextmanager
    def poll(self, claim: Claim) -> Iterator[MemoryUnit]:
        unit = self._unit(claim)
        try:
            yield unit
        finally:
            unit.close()


class MemoryClaims(MemoryPart):
    """Who polls what."""

    def claim_due(
        self,
        *,
        now: datetime,
        limit: int,
        lease: timedelta,
        owner: str,
        early: bool = False,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
        crowded: Collection[str] = (),
    ) -> list[Claim]:
        with self._change():
            due = [
                slot
                for slot in self._slots.values()
                if slot.is_due(now, early=early)
                and slot.is_free(now)
                and (only is None or slot.record.id in only)
                and slot.record.id not in without
                and not (crowded and site_of(slot.record.url) in crowded)
            ]
            due.sort(key=lambda slot: (slot.record.next_poll, slot.record.id))
            chosen = due[: max(limit, 0)]
            askers = self._askers() if chosen else Counter()
            return [self._claim(slot, owner, now + lease, askers) for slot in chosen]

    def _askers(self) -> Counter[str]:
        """How many active sources ask each address."""
        return Counter(slot.record.url for slot in self._slots.values() if slot.position is not None)

    def _claim(self, slot: Slot, owner: str, lease_until: datetime, askers: Counter[str]) -> Claim:
        slot.token += 1
        slot.owner, slot.lease_until = owner, lease_until
        return Claim(
            source=self._counted(slot),
            token=slot.token,
            owner=owner,
            lease_until=lease_until,
            shared=askers[slot.record.url] > 1,
        )

    def claim(self, source_id: str, *, now: datetime, lease: timedelta, owner: str) -> Claim | None:
        with self._change():
            slot = self._slots.get(source_id)
            if slot is None or not slot.is_pollable() or not slot.is_free(now):
                return None
            return self._claim(slot, owner, now + lease, self._askers())

    def renew(self, claim: Claim, *, now: datetime, lease: timedelta) -> Claim:
        with self._change():
            slot = self._held(claim)
            slot.lease_until = now + lease
            return replace(claim, lease_until=slot.lease_until)

    def _held(self, claim: Claim) -> Slot:
        slot = self._slots.get(claim.source.id)
        if slot is None or not slot.holds(claim):
            raise lost(claim)
        return slot

    def set_back(self, now: datetime, *, by: timedelta | None = None) -> int:
        with self._change():
            active = [slot for slot in self._slots.values() if slot.position is not None]
            latest = now + TOLERANCE
            self._robots = {site: one for site, one in self._robots.items() if one.at <= latest}
            lead = by or max((ahead(slot.record, now) for slot in active), default=timedelta())
            self._holds = {
                site: (until - lead if until > now else until, reason)
                for site, (until, reason) in self._holds.items()
            }
            return sum(slot.set_back(now, by) for slot in active)

    def set_forward(self, before: datetime, now: datetime) -> int:
        with self._change():
            active = [slot for slot in self._slots.values() if slot.position is not None]
            return sum(slot.set_forward(before, now) for slot in active)

    def release(self, claim: Claim) -> None:
        with self._change():
            slot = self._slots.get(claim.source.id)
            if slot is not None and slot.holds(claim):
                slot.end_claim()

    @contextmanager
    def poll(self, claim: Claim) -> Iterator[MemoryUnit]:
        with self.polls() as polls, polls.poll(claim) as unit:
            yield unit

    @contextmanager
    def polls(self) -> Iterator[MemoryPolls]:
        with self._writers.take():
            draft, sketches = Draft(), MemorySketches(self._shelf.postings)
            try:
                yield MemoryPolls(lambda claim: self._unit(draft, sketches, claim))
                with self._lock:
                    self._commit(draft)
            except BaseException:
                sketches.take_back()
                raise

    def _unit(self, draft: Draft, sketches: MemorySketches, claim: Claim) -> MemoryUnit:
        if claim.source.id in draft.records:
            raise lost(claim)
        self._held(claim)
        return MemoryUnit(self._shelf, draft, sketches, self._slots, claim, self._apart, self._notes)

    def finish(self, ended: Sequence[tuple[Claim, SourceRecord]]) -> set[str]:
        stale: set[str] = set()
        for claim, record in ended:
            check_ends(claim, record)
        with self._change():
            for claim, record in ended:
                slot = self._slots.get(record.id)
                if slot is not None and slot.holds(claim):
                    self._end(slot, record)
                else:
                    stale.add(record.id)
        return stale

    def _commit(self, draft: Draft) -> None:
        self._take_over(draft)
        self._note(draft.notes)
        self._shelf.relate(draft.kin)
        for kept in draft.meanings.values():
            self._shelf.keep(kept)
        self._shelf.learnt |= draft.learnt
        for site, hold in draft.holds:
            self._hold(site, hold)
        for source_id, record in draft.records.items():
            self._end(self._slots[source_id], record)

    def _end(self, slot: Slot, record: SourceRecord) -> None:
        slot.record = finished(record, self._holds.get(site_of(record.url)))
        slot.end_claim()

    def _note(self, notes: Mapping[tuple[str, str], bytes | None]) -> None:
        for (source_id, name), value in notes.items():
            if value is None:
                self._notes[source_id].pop(name, None)
            else:
                self._notes[source_id][name] = value

    def _hold(self, site: str, hold: Hold) -> None:
        self._holds[site] = later(self._holds.get(site), hold)
        for slot in self._slots.values():
            if slot.position is not None and site_of(slot.record.url) == site:
                slot.record = held_back(slot.record, self._holds[site])
