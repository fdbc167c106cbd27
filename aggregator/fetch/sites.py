"""Sites that want to be left alone: who knows of them is asked before every request and told of every answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from aggregator.fetch.errors import FetchError


class Sites(Protocol):
    """A site is a ``Target.authority``: a host, with its port where that is unusual."""

    def hold(self, site: str) -> tuple[datetime, str] | None:
        """Until when the site is to be left alone, and why; None when it may be asked."""
        ...

    def answered(self, site: str, status: int, headers: Mapping[str, str]) -> None: ...


class SiteHeld(FetchError):
    """Nothing was asked, or no further than a redirect: the site is to be left alone ``until`` then."""

    def __init__(self, url: str, until: datetime, why: str) -> None:
        super().__init__(url, f"not asked before {until.isoformat(timespec='seconds')}: {why}", "held")
        self.until = until
        self.why = why
