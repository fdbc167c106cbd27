"""What belongs to a source or its site, and is not needed at every poll."""

from __future__ import annotations

from datetime import datetime

from storage.memory.part import MemoryPart
from storage.model import RobotsRecord
from storage.sites import ROBOTS_KEPT, Hold


class MemorySites(MemoryPart):
    """Holds, notes and what sites ask of robots."""

    def site_hold(self, site: str, now: datetime) -> Hold | None:
        with self._lock:
            hold = self._holds.get(site)
        return hold if hold and hold[0] > now else None

    def site_holds(self, now: datetime) -> dict[str, Hold]:
        with self._lock:
            return {site: hold for site, hold in self._holds.items() if hold[0] > now}

    def note(self, source_id: str, name: str) -> bytes | None:
        with self._lock:
            return self._notes.get(source_id, {}).get(name)

    def robots(self, site: str) -> RobotsRecord | None:
        with self._lock:
            return self._robots.get(site)

    def keep_robots(self, record: RobotsRecord) -> None:
        with self._change():
            oldest = record.at - ROBOTS_KEPT
            self._robots = {site: one for site, one in self._robots.items() if one.expires >= oldest}
            self._robots[record.site] = record
