"""A feed document to items: RSS 0.9x and 2.0, RSS 1.0, Atom 0.3 and 1.0, CDF, and JSON Feed by way of its own module.

feedparser's dates are never believed: it reads 2024年10月24日 as the first of this month.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from lxml import etree

from aggregator.item import Hints, Item, ParsedFeed
from aggregator.sources.entries import FeedContext, Parsed, authors_of, objects, read_entry, text
from aggregator.sources.errors import NotAFeed
from aggregator.sources.feedparsing import by_feedparser
from aggregator.sources.jsonfeed import parse_json_feed
from aggregator.sources.newest import dates_at_its_ends, oldest_first, places_read, said_of
from aggregator.sources.outline import Outline
from aggregator.sources.plainrss import PlainEntry, read_plainly
from aggregator.sources.slices import MOST_ENTRIES, Cut, cut, left, whole
from aggregator.sources.sniff import buried_at, kind_of, root_of, unwrapped
from aggregator.sources.wellformed import mend
from aggregator.text.encoding import decode
from aggregator.text.html import plain_title, xml_safe
from aggregator.text.urls import absolute

Format = Literal["rss", "atom", "rdf", "json", "cdf", "unknown"]

#: Faults that are named one by one; of more only the number.
MOST_FAULTS = 20

_ROOT_FORMATS: dict[str, Format] = {"rss": "rss", "feed": "atom", "rdf": "rdf", "channel": "rss"}
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRST_ENTRY = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s>]", re.IGNORECASE)
_SKIP_HOUR = re.compile(r"<hour>\s*([0-9]{1,2})\s*</hour>", re.IGNORECASE)
_SKIP_DAY = re.compile(r"<day>\s*([A-Za-z]+)\s*</day>", re.IGNORECASE)
_PACKED = b"\x1f\x8b"  # gzip
_HAS_BASE = re.compile(r"\bbase\s*=\s*[\"']")


def parse_feed(
    body: bytes,
    *,
    url: str,
    content_type: str | None = None,
    zone: ZoneInfo,
    now: datetime,
    encoding: str | None = None,
    entry_id: tuple[str, ...] = ("guid", "link"),
    known: Collection[bytes] = frozenset(),
) -> ParsedFeed:
    """Everything readable in a feed, in its own order. Raises NotAFeed, and nothing else, for what is none.

    ``url`` is the address the document came from, ``zone`` that of dates that name none, ``encoding`` what the document
    is in if it says it wrong. Entries whose digests (``ParsedFeed.digests``) are ``known`` are left out.
    """
    decoded = decode(body, content_type=content_type, override=encoding)
    document = decoded.text.lstrip()
    faults = [f"{decoded.damaged} characters are not {decoded.encoding}"] if decoded.damaged else []
    if (kind := kind_of(document, content_type)) != "feed":
        document = _unburied(xml_safe(document).lstrip(), faults)
        kind = kind_of(document, content_type)
    if kind == "json":
        feed = parse_json_feed(document, url=url, zone=zone, now=now, entry_id=entry_id, known=known)
        return replace(feed, faults=_shortened([*faults, *feed.faults]))
    if kind != "feed":
        raise NotAFeed(_REASONS[kind] if kind != "other" else _unlike_a_feed(document, body))
    return _Reading(document, url, zone, now, entry_id, faults).feed(known)


_REASONS = {
    "empty": "empty body",
    "page": "an HTML page, not a feed: name the address of its feed, or make the source one of type page",
    "sitemap": "a sitemap, not a feed: make the source one of type sitemap",
}


def _unlike_a_feed(document: str, body: bytes) -> str:
    if body.startswith(_PACKED):
        return "no feed: a packed file, which was packed once more for the way or not named as such"
    if root := root_of(document):
        return f"no feed: the document begins with <{root}>, not with rss, feed or RDF"
    return "no feed: the document is neither XML nor JSON"


def _unburied(document: str, faults: list[str]) -> str:
    if kind_of(document) in ("feed", "json"):
        return document
    if (feed := unwrapped(document)) is not None:
        faults.append("the HTML around the feed was dropped")
        return feed
    start = buried_at(document)
    if start < 0:
        return document
    faults.append(f"{start} characters before the XML declaration were dropped")
    return document[start:]


class _Reading:
    """The reading of one document."""

    def __init__(
        self,
        document: str,
        url: str,
        zone: ZoneInfo,
        now: datetime,
        entry_id: tuple[str, ...],
        faults: Sequence[str],
    ) -> None:
        self._written = document
        self._mended = mended = mend(document)
        self._url = url
        self._zone = zone
        self._now = now
        self._entry_id = entry_id
        self._faults = [*faults, *mended.faults]
        self._unread: set[bytes] = set()  #: digests of entries that could not be read

    def feed(self, known: Collection[bytes]) -> ParsedFeed:
        part, parsed = self._read(known)
        channel: Parsed = parsed["feed"]
        format_ = self._format(parsed)
        link = self._channel_link(channel)
        context = self._context(channel, format_, link)
        length = part.length if part.length is not None else len(parsed["entries"])
        if length > MOST_ENTRIES:
            self._faults.append(said_of(length, from_the_end=self._oldest_first))
        items = self._items(parsed["entries"], context, part)
        if not length and self._mended.faults and not self._mended.torn:
            self._refuse_if_lost()
        return ParsedFeed(
            format=format_,
            title=plain_title(text(channel, "title"), is_html=True),
            link=link,
            language=context.language,
            items=items,
            hints=self._hints(channel),
            hubs=tuple(self._relations(channel, "hub")),
            self_url=self._relation(channel, "self"),
            older=self._relation(channel, "prev-archive") or self._relation(channel, "next"),
            faults=_shortened(self._faults),
            torn=self._mended.torn,
            digests=tuple(digest for digest in part.digests if digest not in self._unread),
            length=length,
        )

    def _refuse_if_lost(self) -> None:
        """A feed that has no entry is one, a feed whose entries nobody could find is none."""
        if _FIRST_ENTRY.search(self._written):
            raise NotAFeed(f"damaged beyond reading, no entry is left of it: {self._mended.faults[0]}")

    def _read(self, known: Collection[bytes]) -> tuple[Cut, Parsed]:
        """What is to be read, and its reading: feedparser's, but for plain entries."""
        outline = self._mended.outline
        part = cut(self._mended, known, self._wanted(len(outline.entries) if outline else 0), url=self._url)
        plainly = self._read_plainly(part)
        if plainly is not None:
            return part, plainly
        try:
            parsed = by_feedparser(part.encoded)
            if _counts_otherwise(parsed, part):
                part = whole(self._mended)
                parsed = by_feedparser(part.encoded)
        except NotAFeed:
            if self._mended.outline is None:
                raise
            part = self._without_breaking(part, self._mended.outline)
            parsed = by_feedparser(part.encoded)
            if _counts_otherwise(parsed, part):
                part = Cut(encoded=part.encoded)
        return part, parsed

    def _wanted(self, length: int) -> range:
        """The places of the entries that are read of so many."""
        return places_read(length, from_the_end=length > MOST_ENTRIES and self._oldest_first)

    @cached_property
    def _oldest_first(self) -> bool:
        """Whether the document's newest entries are its last; looked at where not all are read."""
        first = _FIRST_ENTRY.search(self._mended.text)
        dates = dates_at_its_ends(self._mended.text[first.start() :]) if first else ("", "")
        return oldest_first(*dates, zone=self._zone, now=self._now)

    def _read_plainly(self, part: Cut) -> Parsed | None:
        """The document with what is plain in it read directly, the rest by feedparser; None where that is no gain."""
        outline = self._mended.outline
        if outline is None or part.places is None or self._based or root_of(self._mended.text) != "rss":
            return None
        found = read_plainly(part.encoded)
        if found is None or len(found.entries) != len(part.places):
            return None
        rest = tuple(place for place, entry in zip(part.places, found.entries, strict=True) if entry is None)
        if not rest and found.head is not None:
            return {"feed": found.head, "entries": found.entries}
        if len(rest) == len(part.places):
            return None
        try:
            parsed = by_feedparser(left(outline, rest))
        except NotAFeed:
            return None
        if len(parsed["entries"]) != len(rest):
            return None
        others = iter(parsed["entries"])
        entries = [next(others) if entry is None else entry for entry in found.entries]
        return {"feed": parsed["feed"], "version": text(parsed, "version"), "entries": entries}

    @cached_property
    def _based(self) -> bool:
        """Whether anything in the document may say what addresses are relative to."""
        # The plain search first: among bytes it is a thousand times quicker.
        return b"base" in self._mended.encoded and bool(_HAS_BASE.search(self._mended.text))

    def _without_breaking(self, part: Cut, outline: Outline) -> Cut:
        """The part without the entries that feedparser breaks down at. Raises NotAFeed where it is not they."""
        by_feedparser(left(outline, ()))
        length = len(outline.entries)
        places = part.places if part.places is not None else tuple(self._wanted(length))
        breaking = dict(_breaking(places, outline))
        for place, why in breaking.items():
            self._skipped(place, part.digest_at(place), why)
        good = tuple(place for place in places if place not in breaking)
        return replace(part, encoded=left(outline, good), places=good, length=length)

    def _format(self, parsed: Parsed) -> Format:
        if text(parsed, "version") == "cdf":
            return "cdf"
        return _ROOT_FORMATS.get(root_of(self._mended.text), "unknown")

    def _channel_link(self, channel: Parsed) -> str:
        alternates = [link for link in objects(channel, "links") if text(link, "rel") in ("", "alternate")]
        candidates = (*(text(link, "href") for link in alternates), text(channel, "link"))
        return next((found for one in candidates if one and (found := absolute(self._url, one))), "")

    def _context(self, channel: Parsed, format_: Format, link: str) -> FeedContext:
        return FeedContext(
            format=format_,
            url=self._url,
            # RSS has no base; its relative links are those of the site. Atom's are relative to the document
            # (RFC 4287 §2).
            base=self._url if format_ == "atom" else link or self._url,
            language=text(channel, "language") or None,
            authors=authors_of(channel),
            zone=self._zone,
            now=self._now,
            entry_id=self._entry_id,
        )

    def _items(
        self, entries: Sequence[Parsed | PlainEntry], context: FeedContext, part: Cut
    ) -> tuple[Item, ...]:
        """The items of what is left of the document."""
        items: list[Item] = []
        guids = self._raw_guids(part, len(entries))
        for number in self._wanted(len(entries)):
            entry, guid, place = entries[number], guids[number], part.place(number)
            try:
                digest = part.digest_at(place)
                if isinstance(entry, PlainEntry):
                    items.append(entry.item(context, digest))
                else:
                    items.append(read_entry(entry, context, guid, digest))
            except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
                self._skipped(place, part.digest_at(place), f"{type(error).__name__}: {error}")
        return tuple(items)

    def _skipped(self, place: int, digest: bytes, why: str) -> None:
        self._faults.append(f"entry {place + 1} was skipped: {why}")
        self._unread.add(digest)

    def _raw_guids(self, part: Cut, count: int) -> Sequence[str | None]:
        """The guids as they stand in the document.

        Feedparser resolves them where there is a base, and nowhere else.
        """
        if self._mended.outline is None or not self._based:
            return [None] * count
        found = [_guid_of(entry) for entry in _entry_elements(part.encoded)]
        return found if len(found) == count else [None] * count

    def _hints(self, channel: Parsed) -> Hints:
        first = _FIRST_ENTRY.search(self._mended.text)
        head = self._mended.text[: first.start() if first else None]
        hours = {int(hour) % 24 for hour in _SKIP_HOUR.findall(head) if int(hour) <= 24}
        days = {day.lower() for day in _SKIP_DAY.findall(head)}
        return Hints(
            ttl=_minutes(text(channel, "ttl")),
            update_period=_update_period(channel),
            skip_hours=frozenset(hours),
            skip_days=frozenset(_WEEKDAYS.index(day) for day in days if day in _WEEKDAYS),
        )

    def _relation(self, channel: Parsed, relation: str) -> str | None:
        return next(self._relations(channel, relation), None)

    def _relations(self, channel: Parsed, relation: str) -> Iterator[str]:
        links = (text(link, "href") for link in objects(channel, "links") if text(link, "rel") == relation)
        return (found for link in links if link and (found := absolute(self._url, link)))


def _counts_otherwise(parsed: Parsed, part: Cut) -> bool:
    """Whether feedparser sees other entries in it than we do."""
    return part.places is not None and len(parsed["entries"]) != len(part.places)


def _breaking(places: tuple[int, ...], outline: Outline) -> Iterator[tuple[int, str]]:
    """Which of these entries feedparser breaks down at, and why; found by halving."""
    try:
        by_feedparser(left(outline, places))
    except NotAFeed as error:
        if len(places) == 1:
            yield places[0], str(error)
            return
        middle = len(places) // 2
        yield from _breaking(places[:middle], outline)
        yield from _breaking(places[middle:], outline)


def _shortened(faults: Sequence[str]) -> tuple[str, ...]:
    more = len(faults) - MOST_FAULTS
    return (*faults[:MOST_FAULTS], f"and {more} more") if more > 0 else tuple(faults)


def _minutes(digits: str) -> timedelta | None:
    """RSS <ttl>; nonsense and more than a year is no hint."""
    valid = digits.isascii() and digits.isdigit() and len(digits) <= 6 and int(digits) > 0
    return timedelta(minutes=int(digits)) if valid else None


def _update_period(channel: Parsed) -> timedelta | None:
    """The period divided by the frequency.

    Either has a default, daily and once, but one of them must be there.
    """
    period, frequency = text(channel, "sy_updateperiod").lower(), text(channel, "sy_updatefrequency")
    if not period and not frequency:
        return None
    span = _PERIODS.get(period or "daily")
    times = int(frequency) if frequency.isascii() and frequency.isdigit() and len(frequency) < 6 else 1
    return span / max(1, times) if span else None


def _entry_elements(encoded: bytes) -> Iterable[etree._Element]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(encoded, parser)
    if root is None:
        return []
    return list(root.iter("{*}item", "{*}entry"))


def _guid_of(entry: etree._Element) -> str:
    for child in entry.iterchildren("{*}guid", "{*}id"):
        return "".join(str(piece) for piece in child.itertext()).strip()
    about = entry.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")
    return (about or "").strip()
