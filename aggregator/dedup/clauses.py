"""The rules of sameness, in order. Each looks at one incoming and one known article and says what it sees.

A new rule is a pure function and a name in a table. The first that fires decides: identity before copies.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from aggregator.dedup.notes import is_note_text, name_two

Verdict = Literal["update", "exact", "near"]
#: What is said of an article that no clause fires for.
NOTHING_KNOWN = "nothing like it is known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What an article is compared by. An empty trait is not believed, or not to be compared: it matches nothing."""

    uid: str  #: of the article it stands for
    key: str  #: the uid again, where it may serve as an identity
    source: str
    guid: str
    address: str  #: canonical URL
    text_hash: str
    entry: tuple[str, ...]  #: all that identifies a thing read: equal when the very same entry is read again
    content: str  #: stands for all that a reader sees
    date: datetime  #: published, else first seen
    since: datetime  #: first seen
    formerly: str = ""  #: uid of the stored article that this one is, under names that are all new
    apart: bool = False  #: known to its own source only: no copy is looked for, or it has expired
    places: frozenset[str] | None = None  #: a copy has one of them in common; None: every place
    title: str = ""
    text: str = ""  #: looked at where hashes agree


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Why an incoming article is one that is known."""

    of: Traits
    verdict: Verdict
    similarity: float
    clause: str  #: the rule in words, as ``explain`` shows it


Rule = Callable[[Traits, Traits, timedelta], Match | None]


def same_guid(incoming: Traits, known: Traits, window: timedelta) -> Match | None:
    """A source's own id names one article of that source for ever, whatever becomes of it."""
    if incoming.guid and incoming.guid == known.guid and incoming.source == known.source:
        return _revision("same guid", incoming, known)
    return None


def same_source_address(incoming: Traits, known: Traits, window: timedelta) -> Match | None:
    """One page of one site is one article; guids may all have been changed at once."""
    if incoming.address and incoming.address == known.address and incoming.source == known.source:
        return _revision("same address in the source", incoming, known)
    return None


def same_under_new_names(incoming: Traits, known: Traits, window: timedelta) -> Match | None:
    """The source has given new names to all it holds (``moved.py``)."""
    if incoming.formerly and incoming.formerly == known.uid:
        return _revision("same article under new names", incoming, known)
    return None


def same_entry(incoming: Traits, known: Traits, window: timedelta) -> Match | None:
    """What has no guid or address to be believed is still itself when nothing about it has changed."""
    if incoming.entry == known.entry or (
        incoming.key and incoming.key == known.key and _agree(incoming, known)
    ):
        return _revision("same entry", incoming, known)
    return None


def same_address(incoming: Traits, known: Traits, window: timedelta) -> Match | None:
    """Another source leads to the same page."""
    if incoming.address and incoming.address == known.address and _compared(incoming, known):
        return Match(of=known, verdict="exact", similarity=1.0, clause="same address")
    return None


def same_text(incoming: Traits, known: Traits, window: timedelta) -> Match | None:
    """The same body, letter for letter once folded; years apart it is a text that comes round again."""
    same = incoming.text_hash and incoming.text_hash == known.text_hash and _compared(incoming, known)
    if same and abs(incoming.date - known.date) <= window and not _are_two_notes(incoming, known):
        return Match(of=known, verdict="exact", similarity=1.0, clause="same text")
    return None


#: By which an entry is itself. Tried in this order against all that shares a key with it; the first to fire counts.
IDENTITY: tuple[Rule, ...] = (same_guid, same_source_address, same_under_new_names, same_entry)
#: By which an entry that is new to its source is a copy. Tried after those, in this order.
COPIES: tuple[Rule, ...] = (same_address, same_text)


def keys_of(traits: Traits) -> list[Hashable]:
    """What two articles must share for any clause to fire: candidates are found by these, not by trying all."""
    found: list[Hashable] = [("entry", *traits.entry), ("uid", traits.formerly or traits.uid)]
    found += [(trait, traits.source, value) for trait, value in _own(traits) if value]
    if not traits.apart:
        found += [(trait, value) for trait, value in _shared(traits) if value]
    return found


def _own(traits: Traits) -> tuple[tuple[str, str], ...]:
    return ("guid", traits.guid), ("key", traits.key), ("address", traits.address)


def _shared(traits: Traits) -> tuple[tuple[str, str], ...]:
    return ("address", traits.address), ("text", traits.text_hash)


def judge(
    incoming: Traits, known: Sequence[Traits], window: timedelta, clauses: Sequence[Rule]
) -> Match | None:
    """The match by the first clause that fires at all, with the earliest of ``known`` (which come in that order)."""
    for clause in clauses:
        for candidate in known:
            if match := clause(incoming, candidate, window):
                return match
    return None


def _compared(one: Traits, other: Traits) -> bool:
    if one.apart or other.apart:
        return False
    return one.places is None or other.places is None or not one.places.isdisjoint(other.places)


def _are_two_notes(one: Traits, other: Traits) -> bool:
    """Entries of one source, each with a name of its own, which differ in what their titles say."""
    named = all(traits.guid or traits.address for traits in (one, other))
    return (
        one.source == other.source and named and is_note_text(one.text) and name_two(one.title, other.title)
    )


def _agree(one: Traits, other: Traits) -> bool:
    """Neither guid nor address says that they are two."""
    return (not one.guid or not other.guid or one.guid == other.guid) and (
        not one.address or not other.address or one.address == other.address
    )


def _revision(clause: str, incoming: Traits, known: Traits) -> Match:
    changed = "unchanged" if incoming.content == known.content else "changed"
    return Match(of=known, verdict="update", similarity=1.0, clause=f"{clause}, {changed}")
