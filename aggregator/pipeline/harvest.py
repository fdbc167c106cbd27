"""Whether a page source still yields what it used to: a site that was rebuilt answers 200 all the same.

Two signs: the listing names far fewer articles than it used to, poll after poll, and nothing new among them; article
pages hold no text, one after the other, where those before did. The next good reading clears either.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from aggregator.pipeline.firstfetch import has_begun
from aggregator.pipeline.listing import ListingRead
from aggregator.schedule import Outcome
from storage.model import SourceRecord, Validators

#: Under this key a record remembers what its listing and its article pages yielded.
YIELD = "yield"
#: So many readings of the listing are remembered.
READINGS = 10
#: Listings of fewer articles are not watched; a drop is one to less than this share of what is usual.
LEAST, FEW = 6, 0.34
#: So many polls, or article pages, in a row make a fault of it.
POLLS, PAGES = 3, 5

_REMEDY = "; the site may have been rebuilt: look at the page, or give selectors under {key}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What a source has yielded lately."""

    links: tuple[int, ...] = ()  #: articles named by the listing, at its last sound readings
    few: int = 0  #: polls in a row at which it named far fewer
    now: int = 0  #: so many at the last of them
    good: int = 0  #: article pages that held text, up to PAGES
    empty: int = 0  #: those since, in a row, that held none

    @classmethod
    def of(cls, record: SourceRecord) -> Harvest:
        kept = dict(record.memory.get(YIELD, {}))
        return cls(**{**kept, "links": tuple(kept.get("links", ()))})

    @property
    def usual(self) -> int:
        return int(median(self.links)) if self.links else 0

    def after(self, read: ListingRead, *, listed: bool) -> Harvest:
        seen = self._after_listing(read) if listed and read.links else self
        if read.items:
            return replace(seen, good=min(PAGES, seen.good + len(read.items)), empty=0)
        return replace(seen, empty=seen.empty + read.empty)

    def _after_listing(self, read: ListingRead) -> Harvest:
        # Something new on it: the list has become shorter, and is the list all the same.
        if self.usual >= LEAST and read.links < FEW * self.usual and not read.items:
            return replace(self, few=self.few + 1, now=read.links)
        return replace(self, links=(*self.links, read.links)[-READINGS:], few=0, now=read.links)

    def fault(self) -> str | None:
        if self.few >= POLLS:
            return (
                f"the page names {self.now} articles and nothing new, {self.few} polls in a row, where it used to name "
                f"{self.usual}" + _REMEDY.format(key="page")
            )
        if self.good >= PAGES and self.empty >= PAGES:
            return (
                f"the last {self.empty} article pages hold no text, where those before did"
                + _REMEDY.format(key="article")
            )
        return None


def judged(
    record: SourceRecord, outcome: Outcome, read: ListingRead, form: str
) -> tuple[Outcome, dict[str, Any]]:
    """The outcome, failed where the yield has dropped, and what the record is to remember of the poll."""
    # Sitemaps of news hold two days: they are short on a Monday. The first reading may have gone over several pages.
    harvest = Harvest.of(record).after(read, listed=form == "page" and has_begun(record))
    if harvest.few:
        # The same few links must be read at the next poll too.
        outcome = replace(outcome, body_hash=None, validators=Validators())
    return _failed(outcome, harvest), {YIELD: asdict(harvest)}


def still(record: SourceRecord, outcome: Outcome) -> Outcome:
    """The outcome of a poll that read nothing: what was wrong before is."""
    return _failed(outcome, Harvest.of(record))


def _failed(outcome: Outcome, harvest: Harvest) -> Outcome:
    fault = harvest.fault()
    return replace(outcome, kind="failed", error=fault) if fault else outcome
