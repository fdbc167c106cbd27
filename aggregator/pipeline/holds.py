"""Sites that want to be left alone, over all sources: a 429 is of the whole site, a 503 of one address."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from aggregator.clock import Clock
from aggregator.pipeline.staff import Staff
from aggregator.schedule import Outcome, busy_wait, limited_wait
from aggregator.schedule.backoff import retry_after_reason
from storage.errors import StorageError
from storage.model import SourceRecord
from storage.sites import Hold, later, site_of
from storage.transactions import Unit

log = structlog.get_logger("aggregator.poll")

#: How old what is known of other workers' holds may be.
REFRESH = timedelta(minutes=1)
#: So many sources of one site that are told to wait (503) mean the site.
BUSY_SOURCES = 3
#: Of so many sites it is remembered how often they have refused; the one that did so first is forgotten.
MOST_REFUSING = 1000


class SiteHolds:
    """What this process knows of held sites (the ``Sites`` of aggregator.fetch). The store keeps it over restarts."""

    def __init__(self, stored: Callable[[datetime], Mapping[str, Hold]], clock: Clock, staff: Staff) -> None:
        self._stored = stored
        self._clock = clock
        self._staff = staff
        self._holds: dict[str, Hold] = {}
        self._unsaved: dict[str, Hold] = {}
        self._refusals: dict[str, int] = {}  #: by site, how often it has said 429 in a row
        #: Stored since the store was last begun to be read, which may have missed them.
        self._saved: dict[str, Hold] = {}
        self._read_at: datetime | None = None
        self._lock = threading.Lock()  # commits are made in a thread

    async def refresh(self) -> None:
        """Look up what the store knows, unless that was done just now."""
        now = self._clock()
        if self._read_at is None or abs(now - self._read_at) >= REFRESH:
            self._read_at, self._saved = now, {}
            try:
                stored = await self._staff.store.run(self._stored, now)
            except StorageError as error:
                log.warning("holds of sites not looked up", error=str(error))
                return
            with self._lock:
                self._holds = dict(stored)
                for site, hold in (*self._unsaved.items(), *self._saved.items()):
                    self._holds[site] = later(self._holds.get(site), hold)

    def hold(self, site: str) -> Hold | None:
        hold = self._holds.get(site)
        return hold if hold and hold[0] > self._clock() else None

    def answered(self, site: str, status: int, headers: Mapping[str, str]) -> None:
        """Nobody else is let through to a site that said 429, from this moment on."""
        now = self._clock()
        if status != 429:
            self._refusals.pop(site, None)
            return
        if self.hold(site) is None:  # else it is one of those that were under way already
            self._refusals[site] = self._refusals.pop(site, 0) + 1
            if len(self._refusals) > MOST_REFUSING:
                del self._refusals[next(iter(self._refusals))]
        outcome = Outcome(kind="limited", status=status, headers=headers)
        wait = limited_wait(outcome, now, failures=self._refusals.get(site, 1))
        if wait is not None:
            self._add(site, now + wait, f"{retry_after_reason(wait)}, said by {site} (429)")

    def owes(self, outcome: Outcome) -> bool:
        """Whether ``keep`` would have anything to put into the unit of a poll that came to this."""
        return bool(self._unsaved) or outcome.status in (429, 503)

    def keep(
        self, unit: Unit, record: SourceRecord, outcome: Outcome, now: datetime, *, own: bool
    ) -> dict[str, Hold]:
        """Put into the unit what has been learnt since the last commit; ``forget`` it when the unit has committed.

        ``record`` is the one that the poll leaves. ``own``: the site is one's own, where one part of a server says
        nothing of the others.
        """
        site = site_of(outcome.final_url or record.url)
        refusals = max(record.failures, self._refusals.get(site, 0))
        limited = limited_wait(outcome, now, failures=refusals)
        if limited is not None:
            self._add(site, now + limited, f"{retry_after_reason(limited)}, said by {site} (429)")
        busy = None if own else busy_wait(outcome, now)
        if busy is not None and unit.busy_sources(site, now) + 1 >= BUSY_SOURCES:
            self._add(
                site,
                now + busy,
                f"{retry_after_reason(busy)}, said by {site} to {BUSY_SOURCES} sources (503)",
            )
        unsaved = dict(self._unsaved)
        for held, (until, reason) in unsaved.items():
            unit.hold_site(held, until, reason)
        return unsaved

    def forget(self, saved: Mapping[str, Hold]) -> None:
        """They are in the store now."""
        with self._lock:
            self._saved |= saved
            for site, hold in saved.items():
                if self._unsaved.get(site) == hold:
                    del self._unsaved[site]

    def _add(self, site: str, until: datetime, reason: str) -> None:
        with self._lock:
            known = self._holds.get(site)
            if known is None or known[0] < until:
                self._holds[site] = self._unsaved[site] = (until, reason)
