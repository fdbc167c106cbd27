"""What normalisation is told beside the item, and what it answers when it takes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from storage.model import Article

FutureDates = Literal["clamp", "keep", "drop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContext:
    """The part of a source's configuration and record that an article's form depends on."""

    id: str
    url: str  #: where the document came from: the last base that relative addresses are resolved against
    zone: ZoneInfo  #: of a date that names none
    name: str = ""
    language: str | None = None  #: BCP 47; of articles that name none
    label: str | None = None  #: the section that is configured for all its articles
    future_dates: FutureDates = "clamp"
    lazy_images: bool = True  #: put the address of a lazily loaded picture in its place
    no_referrer: bool = False  #: pictures are asked for without telling from where
    max_length: int = 500_000  #: characters of HTML; what is longer is cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """An item that becomes no article."""

    reason: str  #: one sentence that names the item
    later: bool = False  #: it may become one when it is read again


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """What an item became."""

    became: Article | Dropped
    cut: bool = False  #: its body was longer than ``max_length``
