"""How often the daemon does what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often the daemon does what."""

    tick: timedelta = timedelta(seconds=1)
    #: From a place falling free to the claim for it, while sources wait.
    refill: timedelta = timedelta(milliseconds=20)
    #: How long SIGTERM waits for polls that are under way; the whole end takes at most 20 s.
    drain: timedelta = timedelta(seconds=15)
    #: How long the last printing is waited for; what it leaves is printed at the next start.
    last_edition: timedelta = timedelta(seconds=3)
    retention: timedelta = timedelta(hours=6)
    edition: timedelta = timedelta(seconds=1)  #: between two printings: a burst of polls is one edition
    #: Or so many times as long as the printing took, which is then a small part of all work,
    rest: float = 20.0
    #: but no longer, for it is news; what is wanted at once cuts it short
    longest: timedelta = timedelta(seconds=5)
    misprint: timedelta = timedelta(seconds=30)  #: after a printing that failed

    def after(self, took: timedelta) -> timedelta:
        """How long the next printing waits after one that took so long."""
        return max(self.edition, min(self.rest * took, self.longest))
