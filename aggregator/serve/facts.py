"""What the server's own pages want to know of the program around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from storage.model import SourceRecord, Subscription


class Facts(Protocol):
    """Answered anew at each request; none of it is cached here."""

    async def sources(self) -> list[SourceRecord]:
        """The active sources, in the order of the configuration."""
        ...

    async def subscriptions(self) -> list[Subscription]:
        """What is agreed with hubs, or asked for."""
        ...

    def stale_after(self) -> Mapping[str, timedelta]:
        """For how long a source may have nothing new; of those sources that have a bound."""
        ...

    async def copies(self) -> Mapping[tuple[str, str], int]:
        """How many copies each source has of each other's articles, by (copying, copied); a minute old at most."""
        ...

    async def removed_sections(self) -> frozenset[str]:
        """Ids of sections that had articles once and are configured no more."""
        ...

    def address(self) -> tuple[str, str]:
        """Where readers find the paper, without a slash at the end, and the hub of its feeds ("" for none)."""
        ...

    async def ready(self) -> str | None:
        """None when the program can do its work, else the reason why not, for people."""
        ...

    def alive(self) -> bool:
        """Whether the event loop and the scheduler's tick still turn."""
        ...

    def now(self) -> float:
        """Unix time."""
        ...
