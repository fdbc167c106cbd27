"""The one interface that every store implements, and that one contract test suite holds them all to.

All methods are synchronous and may block on the disk: an event loop calls them in a thread. A store may be used from
several threads at once. Times are given in by the caller; no store reads a clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

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
    SourceRecord,
    SourceSeed,
    Subscription,
)
from storage.transactions import Hand, Polls, Unit


class ArticleStore(Protocol):
    """Articles, sources with their due-queue, section revisions and a few settings."""

    # -- sources and their due-queue
    def sync_sources(self, seeds: Sequence[SourceSeed], now: datetime) -> None:
        """Make the configured sources the active ones.

        A new id at the address of a source that is configured no more is that source under another name: it keeps
        everything, articles and their decisions included.

        A new one is due at ``now``, or after its ``wait``; a known one keeps its record and next poll; one whose URL
        changed keeps its articles, forgets validators, body hash, hold, failures and notes, and is due at ``now``; one
        no longer named stays on record without its notes, is never claimed and is not listed; one that is to be ``due``
        is so at ``now``, or when its own hold ends; ``paused`` sets
        Health.PAUSED and back to OK. Due "at ``now``" is due when the hold of its site ends, where that one is to be
        left alone.
        """
        ...

    def sources(self) -> list[SourceRecord]:
        """The active sources in the order they were last given to ``sync_sources``."""
        ...

    def source(self, source_id: str) -> SourceRecord | None: ...

    def sources_at(self, url: str) -> list[SourceRecord]:
        """The active sources that ask this very ``url`` at present, in the order of the configuration."""
        ...

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
        """Claim up to ``limit`` active sources that are due and free, the longest overdue first.

        ``only`` names the sources that come into question, ``without`` those that do not (a few hundred at most),
        ``crowded`` the sites (``storage.sites.site_of``) that are to get no more polls at present.

        Due: ``next_poll <= now``; with ``early`` every source, though never one whose ``hold_until`` lies ahead. Free:
        never claimed, finished, released, or its lease ended. Gone and paused sources are never due.
        """
        ...

    def claim(self, source_id: str, *, now: datetime, lease: timedelta, owner: str) -> Claim | None:
        """Claim one source whatever its due time and its hold; None unless it is active, pollable and free."""
        ...

    def renew(self, claim: Claim, *, now: datetime, lease: timedelta) -> Claim:
        """Extend the lease. Raises LeaseLost when another owner has it."""
        ...

    def set_back(self, now: datetime, *, by: timedelta | None = None) -> int:
        """Mend the queue after the clock was set back; returns how many sources it moved.

        Where it is known ``by`` how much, all that were ever polled move by that, and their order stays. Else:

        A source last polled later than a minute after ``now`` was put off by a clock that has been set back since:
        its next poll, hold and lease move by as much, and the holds of sites by the most of these. One that was never
        polled is due within that minute, unless its site is held. A robots.txt that was asked for later than that is
        forgotten.
        """
        ...

    def set_forward(self, before: datetime, now: datetime) -> int:
        """Mend the queue after the clock went from ``before`` to ``now`` at once; returns how many sources it moved.

        What became due by that comes in its order and at twice its pace, and a hold lasts as long as it was to.
        """
        ...

    def release(self, claim: Claim) -> None:
        """Give an unfinished claim back; the source is due as before. A stale claim is ignored."""
        ...

    def poll(self, claim: Claim) -> AbstractContextManager[Unit]:
        """Open the transaction of this claim's poll. Raises LeaseLost on entry when the claim is stale."""
        ...

    def polls(self) -> AbstractContextManager[Polls]:
        """Open one transaction for several polls: all of them are stored at its end, or none."""
        ...

    def finish(self, ended: Sequence[tuple[Claim, SourceRecord]]) -> set[str]:
        """End polls that leave nothing but their sources' records, all in one transaction.

        Each as by ``Unit.finish``. Returns the ids of those whose claim is stale: of these nothing is written.
        """
        ...

    def site_hold(self, site: str, now: datetime) -> tuple[datetime, str] | None:
        """Until when a site is to be left alone, and why; None when it may be asked."""
        ...

    def site_holds(self, now: datetime) -> dict[str, tuple[datetime, str]]:
        """All that hold now, by site."""
        ...

    # -- what belongs to a source or its site, and is not needed at every poll
    def note(self, source_id: str, name: str) -> bytes | None: ...

    def robots(self, site: str) -> RobotsRecord | None: ...

    def keep_robots(self, record: RobotsRecord) -> None:
        """Insert it or replace that of its site. Those that expired more than 30 days before it was made go."""
        ...

    def subscriptions(self) -> list[Subscription]:
        """All, by source and token; also of sources that are configured no more: they are to be ended."""
        ...

    def subscription(self, token: str) -> Subscription | None: ...

    def keep_subscription(self, subscription: Subscription) -> None:
        """Insert it or replace it by its token. Raises StorageError when its source is not on record."""
        ...

    def drop_subscription(self, token: str) -> None: ...

    # -- to whom our own hub brings feeds
    def hub_subscriptions(self) -> list[HubSubscription]:
        """All, by callback and topic."""
        ...

    def keep_hub_subscriptions(self, subscriptions: Collection[HubSubscription]) -> None:
        """Insert them or replace them by callback and topic, in one transaction."""
        ...

    def drop_hub_subscriptions(self, keys: Collection[tuple[str, str]]) -> None:
        """Forget those of these callbacks and topics."""
        ...

    # -- articles
    def article(self, uid: str) -> Article | None: ...

    def find(self, url: str, canonical_url: str = "") -> list[Article]:
        """Articles at this address (as given or canonical), printed ones first."""
        ...

    def articles(self, query: ArticleQuery) -> list[Article]:
        """Unexpired articles, newest first."""
        ...

    def copies(self, uids: Collection[str]) -> Mapping[str, list[Article]]:
        """For each printed article its copies (``copy_of`` it), oldest first; articles without copies are left out."""
        ...

    def kin(self, uids: Collection[str]) -> Mapping[str, list[Kin]]:
        """For each article those about the same, the most alike first; articles without any are left out.

        The other one may have become a copy since, or have expired.
        """
        ...

    def copy_counts(self) -> Mapping[tuple[str, str], int]:
        """How many unexpired copies a source has of another's (or its own) articles: by (copying, copied) source.

        Counted anew over all copies that are stored: for people who look at it, not for polls.
        """
        ...

    def decisions(self, uid: str) -> list[Decision]:
        """All that was decided about an article, oldest first."""
        ...

    def decided(self, uids: Collection[str]) -> Mapping[str, list[Decision]]:
        """The same for many: those of whom nothing was decided are left out."""
        ...

    def by_hand(self) -> AbstractContextManager[Hand]:
        """Open the transaction of a change by hand; leaving it commits, an exception takes all of it back."""
        ...

    def edits(self) -> int:
        """How many changes by hand were committed: a higher number than before tells that there was another."""
        ...

    def known_urls(self, source: str, canonical_urls: Collection[str]) -> set[str]:
        """Those of the canonical URLs that this source already has an article of, expired ones included."""
        ...

    def updated(self, after: int, limit: int) -> tuple[list[str], int]:
        """The articles of which more than that they are new was decided after this mark, and the mark to ask with next.

        The first mark is 0. In the order of the decisions, of at most ``limit`` of these: there may be more behind the
        mark given back.
        """
        ...

    def added(self, after: int, limit: int) -> tuple[list[str], int]:
        """As ``updated``, of the articles that were decided to be new. With a limit of 0 the newest mark comes back."""
        ...

    def placed(self, uids: Collection[str]) -> set[str]:
        """Those of the uids that stand in a section; an expired article does not."""
        ...

    def latest(self, limit: int) -> list[tuple[str, str]]:
        """The printed articles first seen last, the latest first: section and uid, once for each section of theirs.

        Of at most ``limit`` articles; neither copies nor expired ones.
        """
        ...

    def arrived(
        self, section: str, after: tuple[datetime, str] | None, before: datetime, limit: int
    ) -> list[Article]:
        """The printed articles of a section in the order of ``first_seen``, then uid: those after that pair.

        First seen before ``before``; neither copies nor expired ones.
        """
        ...

    def everything(self, after: str, limit: int) -> list[Article]:
        """Articles in the order of their uid, from the one after ``after`` on; copies and expired ones included."""
        ...

    def codes(self, encoder: str, after: int) -> Sequence[Code]:
        """The codes of one encoder with higher numbers than this, by number."""
        ...

    # -- sections
    def section_revisions(self) -> dict[str, SectionRevision]:
        """By section id: every section that ever had an article."""
        ...

    def mark_published(self, revisions: Mapping[str, int]) -> None:
        """Record up to which revision each section's files are. Never lowers one."""
        ...

    def reroute(self, placements: Mapping[str, tuple[str, ...]]) -> int:
        """Set the sections of stored articles by uid, in one transaction; returns how many changed."""
        ...

    # -- settings and upkeep
    def setting(self, key: str) -> str | None: ...

    def set_setting(self, key: str, value: str) -> None: ...

    def expire(
        self,
        *,
        articles_before: datetime | None,
        bodies_before: datetime | None,
        keep: Collection[str] = (),
    ) -> int:
        """Apply retention by ``first_seen``; returns how many articles changed.

        Articles seen before ``articles_before`` are reduced to their identity; what was decided about them, what
        finds their texts and what they are kin to is forgotten. Of those seen before ``bodies_before`` the bodies are
        emptied. The uids in ``keep`` (what is printed now; any number) are left alone, however old. Done in short
        transactions, between which others get their turn: broken off, it leaves a sound store and the rest for the
        next time.
        """
        ...

    def expire_sketches(self, before: datetime) -> int:
        """Let texts be found no more that were added before then; returns how many. In short transactions, as above."""
        ...

    def expire_meanings(self, before: datetime) -> int:
        """Forget the meanings of articles with earlier dates; returns how many. In short transactions, as above."""
        ...

    def check(self) -> list[str]:
        """Look for damage; each line is a fault found. An empty list is a sound store."""
        ...

    def close(self) -> None: ...
