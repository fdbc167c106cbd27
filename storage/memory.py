"""The store that lives and dies with the process: for tests, and for `run --demo`."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from storage import search, seeding
from storage.changes import compare, identity_of, without_body
from storage.clocks import TOLERANCE, ahead
from storage.errors import StorageError
from storage.fencing import check_ends, lost
from storage.memory_unit import Draft, MemoryHand, MemoryUnit, Shelf
from storage.model import (
    Article,
    ArticleQuery,
    Claim,
    Code,
    Decision,
    HubSubscription,
    Kin,
    RobotsRecord,
    SectionRevision,
    Separation,
    SourceRecord,
    SourceSeed,
    Subscription,
)
from storage.sites import ROBOTS_KEPT, Hold, finished, held_back, later, site_of
from storage.slot import Slot
from storage.turns import Turns


class MemoryStore:
    """Implements ``ArticleStore`` in plain dictionaries. Readers see committed state only."""

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

    # -- sources and their due-queue

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

    def _counted(self, slot: Slot) -> SourceRecord:
        return replace(slot.record, articles=self._shelf.counts[slot.record.id])

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
        with self._writers.take():
            slot = self._held(claim)
            unit = MemoryUnit(self._shelf, self._slots, claim, self._apart, self._notes)
            try:
                yield unit
                with self._lock:
                    self._commit(unit.draft, slot)
            except BaseException:
                unit.sketches.take_back()
                raise
            finally:
                unit.close()

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

    @contextmanager
    def by_hand(self) -> Iterator[MemoryHand]:
        with self._writers.take():
            hand = MemoryHand(self._shelf)
            try:
                yield hand
                with self._lock:
                    self._take_over(hand.draft)
                    self._edits += 1
            except BaseException:
                hand.sketches.take_back()
                raise
            finally:
                hand.close()

    def edits(self) -> int:
        with self._lock:
            return self._edits

    def _take_over(self, draft: Draft) -> None:
        self._shelf.apply(compare(self._shelf.articles, draft.articles.values()))
        self._bump(draft.sections)
        self._decisions += draft.decisions
        for one in draft.decisions:
            self._decided[one.verdict == "new"].append(one.uid)
        kept = {key: one for key, one in self._apart.items() if (one.source, one.story) not in draft.joined}
        self._apart = draft.apart | kept

    def _commit(self, draft: Draft, slot: Slot) -> None:
        self._take_over(draft)
        self._note(slot.record.id, draft.notes)
        self._shelf.relate(draft.kin)
        for kept in draft.meanings.values():
            self._shelf.keep(kept)
        self._shelf.learnt |= draft.learnt
        for site, hold in draft.holds:
            self._hold(site, hold)
        if draft.record is not None:
            self._end(slot, draft.record)

    def _end(self, slot: Slot, record: SourceRecord) -> None:
        slot.record = finished(record, self._holds.get(site_of(record.url)))
        slot.end_claim()

    def _note(self, source_id: str, notes: Mapping[str, bytes | None]) -> None:
        kept = self._notes[source_id]
        for name, value in notes.items():
            if value is None:
                kept.pop(name, None)
            else:
                kept[name] = value

    def _hold(self, site: str, hold: Hold) -> None:
        self._holds[site] = later(self._holds.get(site), hold)
        for slot in self._slots.values():
            if slot.position is not None and site_of(slot.record.url) == site:
                slot.record = held_back(slot.record, self._holds[site])

    def _bump(self, sections: Iterable[str]) -> None:
        for section in sections:
            known = self._revisions.get(section, SectionRevision(id=section, revision=0, published=0))
            self._revisions[section] = replace(known, revision=known.revision + 1)

    def site_hold(self, site: str, now: datetime) -> Hold | None:
        with self._lock:
            hold = self._holds.get(site)
        return hold if hold and hold[0] > now else None

    def site_holds(self, now: datetime) -> dict[str, Hold]:
        with self._lock:
            return {site: hold for site, hold in self._holds.items() if hold[0] > now}

    # -- what belongs to a source or its site

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

    def subscriptions(self) -> list[Subscription]:
        with self._lock:
            return sorted(self._subscriptions.values(), key=lambda one: (one.source, one.token))

    def subscription(self, token: str) -> Subscription | None:
        with self._lock:
            return self._subscriptions.get(token)

    def keep_subscription(self, subscription: Subscription) -> None:
        with self._change():
            if subscription.source not in self._slots:
                raise StorageError(f"no source {subscription.source} is on record to subscribe for")
            self._subscriptions[subscription.token] = subscription

    def drop_subscription(self, token: str) -> None:
        with self._change():
            self._subscriptions.pop(token, None)

    def hub_subscriptions(self) -> list[HubSubscription]:
        with self._lock:
            return [one for _, one in sorted(self._hub_subscriptions.items())]

    def keep_hub_subscriptions(self, subscriptions: Collection[HubSubscription]) -> None:
        with self._change():
            self._hub_subscriptions |= {(one.callback, one.topic): one for one in subscriptions}

    def drop_hub_subscriptions(self, keys: Collection[tuple[str, str]]) -> None:
        with self._change():
            for key in keys:
                self._hub_subscriptions.pop(key, None)

    # -- articles

    def article(self, uid: str) -> Article | None:
        with self._lock:
            return self._shelf.articles.get(uid)

    def find(self, url: str, canonical_url: str = "") -> list[Article]:
        with self._lock:
            found = {article.uid: article for article in self._shelf.at(("url", url))}
            found |= {article.uid: article for article in self._shelf.at(("canonical", canonical_url))}
        return sorted(found.values(), key=lambda one: (one.copy_of is not None, one.first_seen, one.uid))

    def articles(self, query: ArticleQuery) -> list[Article]:
        with self._lock:
            stored = list(self._shelf.articles.values())
        wanted = search.words(query.search)
        kept = [article for article in stored if _answers(article, query) and search.matches(article, wanted)]
        kept.sort(key=lambda article: article.uid)
        kept.sort(key=lambda article: article.date, reverse=True)
        end = None if query.limit is None else query.offset + query.limit
        return kept[query.offset : end]

    def copies(self, uids: Collection[str]) -> Mapping[str, list[Article]]:
        with self._lock:
            found = {uid: self._shelf.at(("copy", uid)) for uid in uids}
        return {
            uid: sorted(copies, key=lambda article: (article.date, article.uid))
            for uid, copies in found.items()
            if copies
        }

    def kin(self, uids: Collection[str]) -> Mapping[str, list[Kin]]:
        with self._lock:
            return {
                uid: [
                    Kin(uid=uid, other=other, similarity=similarity)
                    for other, similarity in sorted(found.items(), key=lambda item: (-item[1], item[0]))
                ]
                for uid in uids
                if (found := self._shelf.kin.get(uid))
            }

    def copy_counts(self) -> Mapping[tuple[str, str], int]:
        with self._lock:
            stored = self._shelf.articles
            return Counter(
                (copy.source, stored[copy.copy_of].source)
                for copy in stored.values()
                if copy.copy_of in stored and not copy.expired
            )

    def decisions(self, uid: str) -> list[Decision]:
        with self._lock:
            return sorted(
                (one for one in self._decisions if one.uid == uid), key=lambda decision: decision.at
            )

    def decided(self, uids: Collection[str]) -> Mapping[str, list[Decision]]:
        found = {uid: self.decisions(uid) for uid in uids}
        return {uid: decisions for uid, decisions in found.items() if decisions}

    def known_urls(self, source: str, canonical_urls: Collection[str]) -> set[str]:
        with self._lock:
            return {
                url
                for url in canonical_urls
                if any(article.source == source for article in self._shelf.at(("canonical", url)))
            }

    def updated(self, after: int, limit: int) -> tuple[list[str], int]:
        return self._decided_after(False, after, limit)

    def added(self, after: int, limit: int) -> tuple[list[str], int]:
        return self._decided_after(True, after, limit)

    def _decided_after(self, new: bool, after: int, limit: int) -> tuple[list[str], int]:
        with self._lock:
            decided = self._decided[new]
            found = decided[after : after + limit]
            mark = min(after, len(decided)) + len(found) if limit else len(decided)
            return list(dict.fromkeys(found)), mark

    def placed(self, uids: Collection[str]) -> set[str]:
        with self._lock:
            found = (self._shelf.articles.get(uid) for uid in uids)
            return {one.uid for one in found if one is not None and one.sections and not one.expired}

    def arrived(
        self, section: str, after: tuple[datetime, str] | None, before: datetime, limit: int
    ) -> list[Article]:
        with self._lock:
            found = sorted(
                (
                    one
                    for one in self._shelf.articles.values()
                    if section in one.sections and one.copy_of is None and not one.expired
                    if one.first_seen < before and (after is None or (one.first_seen, one.uid) > after)
                ),
                key=lambda one: (one.first_seen, one.uid),
            )
        return found[:limit]

    def everything(self, after: str, limit: int) -> list[Article]:
        with self._lock:
            uids = sorted(uid for uid in self._shelf.articles if uid > after)
            return [self._shelf.articles[uid] for uid in uids[:limit]]

    # -- sections

    def section_revisions(self) -> dict[str, SectionRevision]:
        with self._lock:
            return dict(self._revisions)

    def mark_published(self, revisions: Mapping[str, int]) -> None:
        with self._change():
            for section, revision in revisions.items():
                known = self._revisions.get(section)
                if known is not None and known.published < revision:
                    self._revisions[section] = replace(known, published=revision)

    def reroute(self, placements: Mapping[str, tuple[str, ...]]) -> int:
        def placed(article: Article) -> Article:
            if article.expired or article.uid not in placements:
                return article
            return replace(article, sections=placements[article.uid])

        with self._change():
            return len(self._rewrite(placed))

    def _rewrite(self, rule: Callable[[Article], Article]) -> Sequence[Article]:
        """The articles that the rule changed; called within ``_change``."""
        change = compare(self._shelf.articles, [rule(article) for article in self._shelf.articles.values()])
        self._shelf.apply(change)
        self._bump(change.sections)
        return change.articles

    # -- settings and upkeep

    def setting(self, key: str) -> str | None:
        with self._lock:
            return self._settings.get(key)

    def set_setting(self, key: str, value: str) -> None:
        with self._change():
            self._settings[key] = value

    def expire(
        self,
        *,
        articles_before: datetime | None,
        bodies_before: datetime | None,
        keep: Collection[str] = (),
    ) -> int:
        kept = frozenset(keep)

        def outlived(one: Article, before: datetime | None) -> bool:
            if before is None or one.expired or one.uid in kept:
                return False
            return one.first_seen < before

        with self._change():
            reduced = self._rewrite(lambda one: identity_of(one) if outlived(one, articles_before) else one)
            forgotten = {one.uid for one in reduced}
            self._decisions = [one for one in self._decisions if one.uid not in forgotten]
            self._shelf.forget(forgotten)
            emptied = self._rewrite(lambda one: without_body(one) if outlived(one, bodies_before) else one)
        return len(reduced) + len(emptied)

    def expire_sketches(self, before: datetime) -> int:
        with self._change():
            old = self._shelf.postings.older(before)
            for uid in old:
                self._shelf.postings.put(uid, None)
        return len(old)

    def codes(self, encoder: str, after: int) -> Sequence[Code]:
        with self._lock:
            meanings = self._shelf.meanings
            return [
                code
                for uid, code in self._shelf.codes.items()
                if code.number > after and meanings[uid].encoder == encoder
            ]

    def expire_meanings(self, before: datetime) -> int:
        with self._change():
            old = [uid for uid, code in self._shelf.codes.items() if code.date < before]
            for uid in old:
                self._shelf.drop(uid)
        return len(old)

    def check(self) -> list[str]:
        return []

    def close(self) -> None:
        """Nothing to give back; the content goes with the object."""

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self._writers.take(), self._lock:
            yield


def _answers(article: Article, query: ArticleQuery) -> bool:
    return (
        not article.expired
        and (query.section is None or query.section in article.sections)
        and (query.source is None or article.source == query.source)
        and (query.story is None or article.story == query.story)
        and (query.since is None or article.date >= query.since)
        and (query.copies or article.copy_of is None)
    )
