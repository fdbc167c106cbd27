"""What a document has become by the time it leaves a reading process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from aggregator.item import ParsedFeed
from aggregator.normalise import Dropped
from storage.model import Article


class Entry(NamedTuple):
    """What one item of a document became, and what of the item matters afterwards.

    A tuple, because it passes between processes: of another class it takes as long as the article in it.
    """

    became: Article | Dropped
    url: str  #: of the item, as it was given
    digest: bytes = b""  #: of the piece of a feed it was read from
    published: datetime | None = None  #: as the document says
    cut: bool = False  #: its body was longer than one may be


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRead:
    """A feed document, read and normalised."""

    feed: ParsedFeed  #: without its items
    entries: tuple[Entry, ...]  #: in the order of the document
