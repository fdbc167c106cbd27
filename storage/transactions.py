"""What can be read and written inside one transaction: that of a poll, of several, of a change by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final, Protocol

from storage.model import Article, Claim, Decision, Kin, Meaning, Separation, SourceRecord

#: So many articles that share an address or a text are a crowd, of which the earliest stand for all: thousands of
#: sources may carry one statement of an agency.
CROWD: Final = 100


class Sketches(Protocol):
    """Texts that stand for stories, found by hashes that they share with another (``storage.postings``)."""

    def add(self, uid: str, hashes: Collection[int], *, at: datetime, filled: int = 0) -> None:
        """Let the article's text be found, by these hashes (32 bits each) alone. ``filled`` is handed back as it is."""
        ...

    def sharing(self, hashes: Collection[int]) -> dict[str, int]:
        """``filled`` of the articles that share hashes: the most shared first, of equals the latest added."""
        ...

    def filled(self, uids: Collection[str]) -> dict[str, int]:
        """The same of those of these articles that can be found."""
        ...


class Meanings(Protocol):
    """What articles mean, for as long as copies of them are looked for."""

    def keep(self, kept: Meaning) -> None:
        """Insert it, or replace that of its article."""
        ...

    def get(self, uids: Collection[str]) -> dict[str, Meaning]:
        """Those of these articles that are kept."""
        ...


class Unit(Protocol):
    """The one transaction of one poll. Leaving its ``with`` block commits all of it, an exception none of it.

    Units are serialised: what one unit reads with ``candidates`` stays true until it commits, so that two sources that
    bring the same story in the same moment cannot both be "new".
    """

    def candidates(
        self,
        source: str,
        *,
        guids: Collection[str] = (),
        canonical_urls: Collection[str] = (),
        text_hashes: Collection[str] = (),
    ) -> list[Article]:
        """Stored articles that share an identity: a guid *within* ``source``, a canonical URL or a text hash anywhere.

        Expired ones are included (``expired`` is set). Empty strings match nothing. Order: first_seen, then uid.
        Of a URL or a text that more than ``CROWD`` share: those of ``source``, and the earliest ``CROWD`` unexpired.
        """
        ...

    @property
    def sketches(self) -> Sketches: ...

    @property
    def meanings(self) -> Meanings: ...

    def article(self, uid: str) -> Article | None: ...

    def articles(self, uids: Collection[str]) -> dict[str, Article]:
        """Those of the uids that are stored."""
        ...

    def copies(self, uid: str) -> list[Article]:
        """The articles in whose stead this one is printed, oldest first, expired ones included."""
        ...

    def relate(self, pairs: Iterable[Kin]) -> None:
        """Remember which articles are about the same, both ways round; of a pair known before the new figure counts."""
        ...

    def save(self, articles: Iterable[Article], decisions: Iterable[Decision] = ()) -> None:
        """Insert the articles or replace them by uid, and append the decisions.

        The revision of every section that an article is in, or was in before, grows by one (once a unit), unless
        nothing of the article changed.
        """
        ...

    def note(self, source_id: str, name: str) -> bytes | None: ...

    def apart(self, stories: Collection[str]) -> list[Separation]:
        """What was taken out of these stories by hand, by story and uid."""
        ...

    def keep_note(self, name: str, value: bytes | None) -> None:
        """Remember something about the claimed source that only some polls need; None forgets it."""
        ...

    def learnt(self, name: str) -> bytes | None: ...

    def keep_learnt(self, name: str, value: bytes) -> None:
        """Remember something that all articles together tell."""
        ...

    def busy_sources(self, site: str, now: datetime) -> int:
        """How many other active sources at the site wait out a 503: that was their last answer, and they are held."""
        ...

    def hold_site(self, site: str, until: datetime, reason: str) -> None:
        """Remember that a site is to be left alone, and put off every active source there. Never shortens anything."""
        ...

    def finish(self, record: SourceRecord) -> None:
        """Store the source's new record and end the claim. A unit without it keeps the claim and the old record.

        Where its site is to be left alone, for another source's sake perhaps, this one is put off too.
        """
        ...


class Polls(Protocol):
    """A transaction that polls share. Each sees what those before it have saved."""

    def poll(self, claim: Claim) -> AbstractContextManager[Unit]:
        """As ``ArticleStore.poll``, one after another. What is raised within ends the whole transaction."""
        ...


class Hand(Protocol):
    """The one transaction of a change that a person makes. It needs no claim, and is serialised with every unit."""

    @property
    def sketches(self) -> Sketches: ...

    def article(self, uid: str) -> Article | None: ...

    def copies(self, uid: str) -> list[Article]:
        """As ``ArticleStore.copies`` has them of one article."""
        ...

    def save(self, articles: Iterable[Article], decisions: Iterable[Decision] = ()) -> None:
        """As ``Unit.save``."""
        ...

    def keep_apart(self, separations: Iterable[Separation]) -> None:
        """Remember them for good; what is remembered already stays as it is."""
        ...

    def let_join(self, source: str, story: str) -> None:
        """Forget every separation of articles of this source from this story."""
        ...
