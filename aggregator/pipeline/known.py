"""Which entries of a source's feed are known: a note beside its record, wanted only when its document has changed."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.item import ParsedFeed
from aggregator.sources import DIGEST_SIZE, MOST_ENTRIES

#: The note's name; it holds the digests one after the other.
SLICES = "slices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Digests of entries that were read and handled: stored, or left out for good."""

    digests: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, note: bytes | None) -> Known:
        note = note or b""
        return cls(digests=tuple(note[at : at + DIGEST_SIZE] for at in range(0, len(note), DIGEST_SIZE)))

    def after(self, feed: ParsedFeed, *, whole: bool) -> tuple[bytes, ...]:
        """What is known after a document; one that is a part of the feed takes nothing away."""
        return feed.digests if whole else self.joined(feed.digests)

    def joined(self, digests: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """These before those that were known, as many as one document may have."""
        return tuple(dict.fromkeys((*digests, *self.digests)))[:MOST_ENTRIES]
