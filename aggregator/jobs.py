"""The jobs of reading processes, by name: what it takes to do them is imported where they are done.

That is a third of the program. Asked to do a job itself, this process imports what it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aggregator.documents import entries_of, read_feed
    from aggregator.extract import extract_article, extract_listing, without_repeated
    from aggregator.sources import parse_sitemap, relations_of
    from aggregator.sources.robots import parse_robots

__all__ = [
    "entries_of",
    "extract_article",
    "extract_listing",
    "parse_robots",
    "parse_sitemap",
    "read_feed",
    "relations_of",
    "without_repeated",
]


@dataclass(frozen=True, slots=True)
class Job:
    """A function that is looked up when it is called."""

    module: str
    name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(import_module(self.module), self.name)(*args, **kwargs)


if not TYPE_CHECKING:
    entries_of = Job("aggregator.documents", "entries_of")
    read_feed = Job("aggregator.documents", "read_feed")
    extract_article = Job("aggregator.extract", "extract_article")
    extract_listing = Job("aggregator.extract", "extract_listing")
    without_repeated = Job("aggregator.extract", "without_repeated")
    parse_robots = Job("aggregator.sources.robots", "parse_robots")
    parse_sitemap = Job("aggregator.sources", "parse_sitemap")
    relations_of = Job("aggregator.sources", "relations_of")
