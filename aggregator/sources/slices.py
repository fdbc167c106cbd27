"""What of a feed document is new: each entry has a digest, and those that are known need not be read again.

Reading is what costs; finding and digesting the entries is a small part of it. What is left, the head with the unknown
entries and whatever stands between and after, is read like a document of its own, and gives the same items.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b

from aggregator.sources.outline import Outline
from aggregator.sources.wellformed import Mended

#: Entries of one document that are read: one of a hundred thousand must not hold up everything else for minutes.
MOST_ENTRIES = 2000
DIGEST_SIZE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A document, or what is to be read of it."""

    encoded: bytes
    digests: tuple[
        bytes, ...
    ] = ()  #: of all its entries, at most ``MOST_ENTRIES``; () for a document in one piece
    places: tuple[int, ...] | None = None  #: of the entries left in, in the whole; None: all of them
    length: int | None = None  #: entries of the whole; None: not counted
    start: int = 0  #: the place of the first that has a digest

    def place(self, number: int) -> int:
        """Where the entry that is read at this place stands in the whole, counted from 0."""
        return number if self.places is None else self.places[number]

    def digest_at(self, place: int) -> bytes:
        return self.digests[place - self.start] if self.digests else b""


def cut(mended: Mended, known: Collection[bytes], wanted: range, *, url: str) -> Cut:
    """``mended`` without the entries whose digests are known, and without those whose places are not wanted.

    In one piece where its entries might be read otherwise without their neighbours.
    """
    outline = mended.outline
    if outline is None or not outline.sound or not outline.entries:
        return whole(mended)
    digests = _digests(outline, wanted, url)
    places = tuple(place for place, digest in zip(wanted, digests, strict=True) if digest not in known)
    return Cut(
        encoded=left(outline, places),
        digests=digests,
        places=places,
        length=len(outline.entries),
        start=wanted.start,
    )


def whole(mended: Mended) -> Cut:
    return Cut(encoded=mended.encoded)


def _digests(outline: Outline, wanted: range, url: str) -> tuple[bytes, ...]:
    """Of the entries with all that bears on how they are read, the document's address included."""
    key = blake2b(outline.bearing + url.encode("utf-8", "replace"), digest_size=32).digest()
    document = memoryview(outline.encoded)
    return tuple(
        blake2b(document[start:end], digest_size=DIGEST_SIZE, key=key).digest()
        for start, end in outline.entries[wanted.start : wanted.stop]
    )


def left(outline: Outline, places: tuple[int, ...]) -> bytes:
    """The document with only the entries at these places in it."""
    if len(places) == len(outline.entries):
        return outline.encoded
    document = memoryview(outline.encoded)
    wanted = frozenset(places)
    pieces: list[memoryview] = []
    at = 0
    for place, (start, end) in enumerate(outline.entries):
        if place not in wanted:
            pieces.append(document[at:start])
            at = end
    return b"".join((*pieces, document[at:]))
