"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/) to items."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.item import Item, ParsedFeed
from aggregator.sources.errors import NotAFeed
from aggregator.sources.identity import identify
from aggregator.sources.newest import oldest_first, places_read, said_of
from aggregator.sources.slices import DIGEST_SIZE, MOST_ENTRIES
from aggregator.text.dates import parse_date
from aggregator.text.html import xml_safe
from aggregator.text.urls import absolute
from storage.model import Enclosure


def parse_json_feed(
    text: str,
    *,
    url: str,
    zone: ZoneInfo,
    now: datetime,
    entry_id: tuple[str, ...] = ("guid", "link"),
    known: Collection[bytes] = frozenset(),
) -> ParsedFeed:
    """Without the items whose digests are ``known``.

    Raises NotAFeed where the text is no JSON, or has no list of items.
    """
    document = _loaded(text)
    entries: list[object] = document["items"]
    faults: list[str] = []
    wanted = range(len(entries))
    if len(entries) > MOST_ENTRIES:
        from_the_end = oldest_first(_date(entries[0]), _date(entries[-1]), zone=zone, now=now)
        wanted = places_read(len(entries), from_the_end=from_the_end)
        faults.append(said_of(len(entries), from_the_end=from_the_end))
    read = {place + 1: entries[place] for place in wanted}
    digests = _digests(document, read.values(), url)
    reader = _Reader(document, url, zone, now, entry_id)
    return ParsedFeed(
        format="json",
        title=_text(document.get("title")),
        link=reader.absolute(document.get("home_page_url")) or "",
        language=_text(document.get("language")) or None,
        items=tuple(reader.items(read, digests, known, faults)),
        hubs=tuple(reader.hubs()),
        self_url=reader.absolute(document.get("feed_url")),
        older=reader.absolute(document.get("next_url")),
        faults=tuple(faults),
        digests=tuple(
            digest for digest, entry in zip(digests, read.values(), strict=True) if isinstance(entry, dict)
        ),
        length=len(entries),
    )


def _date(entry: object) -> str:
    return _text(entry.get("date_published") or entry.get("date_modified")) if isinstance(entry, dict) else ""


def _digests(document: dict[str, Any], entries: Iterable[object], url: str) -> list[bytes]:
    """Of each item with all that bears on how it is read."""
    bearing = [document.get(name) for name in ("language", "authors", "author")]
    try:
        key = blake2b(_dumped([url, bearing]), digest_size=32).digest()
        return [blake2b(_dumped(entry), digest_size=DIGEST_SIZE, key=key).digest() for entry in entries]
    except RecursionError as error:
        raise NotAFeed(f"damaged JSON, no feed: {error}") from error


def _dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _loaded(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAFeed(f"damaged JSON, no feed: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise NotAFeed("JSON, but no JSON Feed: it has no list of items")
    return document


class _Reader:
    def __init__(
        self, document: dict[str, Any], url: str, zone: ZoneInfo, now: datetime, entry_id: tuple[str, ...]
    ) -> None:
        self._document = document
        self._url = url
        self._zone = zone
        self._now = now
        self._entry_id = entry_id

    def items(
        self,
        entries: Mapping[int, object],
        digests: list[bytes],
        known: Collection[bytes],
        faults: list[str],
    ) -> Iterator[Item]:
        """``entries`` by their number in the document."""
        for (number, entry), digest in zip(entries.items(), digests, strict=True):
            if digest in known:
                continue
            if isinstance(entry, dict):
                yield replace(self._item(entry), digest=digest)
            else:
                faults.append(f"item {number} is no object; it was skipped")

    def hubs(self) -> Iterator[str]:
        for hub in _objects(self._document.get("hubs")):
            if _text(hub.get("type")).lower() == "websub" and (
                address := absolute(self._url, _text(hub.get("url")))
            ):
                yield address

    def _item(self, entry: dict[str, Any]) -> Item:
        link = self.absolute(entry.get("url")) or self.absolute(entry.get("external_url")) or ""
        published = self._date(entry.get("date_published"))
        content = _text(entry.get("content_html")) or _paragraphs(_text(entry.get("content_text")))
        title = _text(entry.get("title"))
        guid = _text(entry.get("id"))
        return Item(
            guid=identify(self._entry_id, guid=guid, link=link, date=published, title=title, content=content),
            url=link or self.absolute(guid if guid.startswith(("http://", "https://")) else None) or "",
            title=title,
            title_is_html=False,
            summary=_paragraphs(_text(entry.get("summary"))),
            content=content,
            base_url=link or self._url,
            authors=self._authors(entry),
            published=published,
            updated=self._date(entry.get("date_modified")),
            tags=tuple(dict.fromkeys(tag for tag in map(_text, _list(entry.get("tags"))) if tag)),
            language=_text(entry.get("language")) or _text(self._document.get("language")) or None,
            image=self.absolute(entry.get("image")) or self.absolute(entry.get("banner_image")),
            enclosures=tuple(self._enclosures(entry)),
        )

    def _authors(self, entry: dict[str, Any]) -> tuple[str, ...]:
        """1.1 has a list, 1.0 one object; an item without any has the feed's."""
        for owner in (entry, self._document):
            people = _objects(owner.get("authors")) or _objects([owner.get("author")])
            if names := tuple(
                dict.fromkeys(name for person in people if (name := _text(person.get("name"))))
            ):
                return names
        return ()

    def _enclosures(self, entry: dict[str, Any]) -> Iterator[Enclosure]:
        for attachment in _objects(entry.get("attachments")):
            if address := self.absolute(attachment.get("url")):
                size = attachment.get("size_in_bytes")
                length = int(size) if isinstance(size, int | float) and 0 < size < 2**53 else None
                yield Enclosure(url=address, type=_text(attachment.get("mime_type")) or None, length=length)

    def absolute(self, value: object) -> str | None:
        text = _text(value)
        return absolute(self._url, text) if text else None

    def _date(self, value: object) -> datetime | None:
        return parse_date(_text(value), zone=self._zone, now=self._now)


def _text(value: object) -> str:
    """Ids are strings by the standard and numbers in practice (1.1 asks readers to take them)."""
    if isinstance(value, str):
        return xml_safe(value).strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[dict[str, Any]]:
    return [entry for entry in _list(value) if isinstance(entry, dict)]


def _paragraphs(text: str) -> str:
    """Plain text as HTML."""
    return "".join(
        f"<p>{escape(line.strip(), quote=False)}</p>" for line in text.splitlines() if line.strip()
    )
