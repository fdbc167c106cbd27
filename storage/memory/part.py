"""What every part of the store works with: all that it holds."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from storage.changes import compare
from storage.memory.shelf import Shelf
from storage.memory.unit import Draft
from storage.model import (
    Article,
    Decision,
    HubSubscription,
    RobotsRecord,
    SectionRevision,
    Separation,
    SourceRecord,
    Subscription,
)
from storage.sites import Hold
from storage.slot import Slot
from storage.turns import Turns


class MemoryPart:
    """Holds everything in plain dictionaries; each part adds what one subject needs."""

    def __init__(self) -> None:
        self._writers = Turns()
        self._lock = threading.RLock()  # held for moments only; a unit keeps ``_writers`` for all of its life
        self._slots: dict[str, Slot] = {}
        self._shelf = Shelf()
        self._decisions: list[Decision] = []
        # Uids, as often as they were decided to be new, or more than that; expired ones included.
        self._decided: dict[bool, list[str]] = {True: [], False: []}
        self._apart: dict[tuple[str, str], Separation] = {}  # by story and uid
        self._edits = 0
        self._revisions: dict[str, SectionRevision] = {}
        self._settings: dict[str, str] = {}
        self._notes: defaultdict[str, dict[str, bytes]] = defaultdict(dict)  # by source
        self._holds: dict[str, Hold] = {}  # by site
        self._robots: dict[str, RobotsRecord] = {}
        self._subscriptions: dict[str, Subscription] = {}  # by token
        self._hub_subscriptions: dict[tuple[str, str], HubSubscription] = {}  # by callback and topic

    def _counted(self, slot: Slot) -> SourceRecord:
        return replace(slot.record, articles=self._shelf.counts[slot.record.id])

    def _take_over(self, draft: Draft) -> None:
        self._shelf.apply(compare(self._shelf.articles, draft.articles.values()))
        self._bump(draft.sections)
        self._decisions += draft.decisions
        for one in draft.decisions:
            self._decided[one.verdict == "new"].append(one.uid)
        kept = {key: one for key, one in self._apart.items() if (one.source, one.story) not in draft.joined}
        self._apart = draft.apart | kept

    def _bump(self, sections: Iterable[str]) -> None:
        for section in sections:
            known = self._revisions.get(section, SectionRevision(id=section, revision=0, published=0))
            self._revisions[section] = replace(known, revision=known.revision + 1)

    def _rewrite(self, rule: Callable[[Article], Article]) -> Sequence[Article]:
        """The articles that the rule changed; called within ``_change``."""
        change = compare(self._shelf.articles, [rule(article) for article in self._shelf.articles.values()])
        self._shelf.apply(change)
        self._bump(change.sections)
        return change.articles

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self._writers.take(), self._lock:
            yield
