"""Sources on record and in the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from storage import seeding
from storage.changes import compare
from storage.memory.part import MemoryPart
from storage.model import SourceRecord, SourceSeed
from storage.sites import site_of
from storage.slot import Slot


class MemorySources(MemoryPart):
    """The active sources, and how a new configuration makes them."""

    def sync_sources(self, seeds: Sequence[SourceSeed], now: datetime) -> None:
        with self._change():
            configured = seeding.by_id(seeds)
            self._rename(configured)
            for source_id in self._slots.keys() - configured.keys():
                self._slots[source_id].position = None
                self._slots[source_id].end_claim()
                self._notes.pop(source_id, None)
            self._holds = {site: hold for site, hold in self._holds.items() if hold[0] > now}
            for position, seed in enumerate(configured.values()):
                self._seed(seed, position, now)

    def _rename(self, configured: Mapping[str, SourceSeed]) -> None:
        active = {id for id, slot in self._slots.items() if slot.position is not None}
        names = seeding.renamed([slot.record for slot in self._slots.values()], active, configured)
        for new, old in names.items():
            slot = self._slots[new] = self._slots.pop(old)
            slot.record = replace(slot.record, id=new)
            slot.end_claim()
            if old in self._notes:
                self._notes[new] = self._notes.pop(old)
            self._subscriptions = {
                token: replace(one, source=new) if one.source == old else one
                for token, one in self._subscriptions.items()
            }
            self._apart = {
                key: replace(one, source=new) if one.source == old else one
                for key, one in self._apart.items()
            }
            self._decisions = [
                replace(one, source=new) if one.source == old else one for one in self._decisions
            ]
            theirs = [replace(one, source=new) for one in self._shelf.articles.values() if one.source == old]
            self._shelf.apply(compare(self._shelf.articles, theirs))

    def _seed(self, seed: SourceSeed, position: int, now: datetime) -> None:
        slot = self._slots.get(seed.id)
        hold = self._holds.get(site_of(seed.url))
        record = seeding.seeded(slot.record if slot else None, seed, now, hold)
        if slot is None:
            self._slots[seed.id] = Slot(record=record, position=position)
            return
        if seeding.ends_claim(slot.record, record):
            slot.end_claim()
        if seeding.moves(slot.record, record):
            self._notes.pop(seed.id, None)
        slot.record, slot.position = record, position

    def sources(self) -> list[SourceRecord]:
        with self._lock:
            active = [(slot.position, slot) for slot in self._slots.values() if slot.position is not None]
            return [self._counted(slot) for _, slot in sorted(active, key=lambda pair: pair[0])]

    def sources_at(self, url: str) -> list[SourceRecord]:
        return [record for record in self.sources() if record.url == url]

    def source(self, source_id: str) -> SourceRecord | None:
        with self._lock:
            slot = self._slots.get(source_id)
            return self._counted(slot) if slot else None
