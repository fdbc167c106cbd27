"""What each article says of its identity, and how much of that is to be believed.

Some sources give one guid, or one address, to everything they print. Taken at their word they would have one
article that changes all the time; so what a source uses for different articles identifies none of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from aggregator.dedup.clauses import Traits
from aggregator.text.fold import common_share, fold
from aggregator.text.urls import canonical_url

#: So many articles under one name are compared with each other.
MAX_BEARERS = 12
#: So much later an article under a name that was used before may be another one.
LATER = timedelta(hours=1)
#: Two versions of an article share so much of the shorter one.
ALIKE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One article as it stands, before anything is doubted."""

    uid: str
    source: str
    guid: str
    address: str  #: canonical URL
    title: str
    text: str
    text_hash: str
    content: str  #: stands for all that a reader sees
    date: datetime
    since: datetime
    published: datetime | None = None  #: as the source says
    expired: bool = False
    places: frozenset[str] | None = None  #: where copies may be; None: everywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Guids and addresses, each with its source, that stand for more than one article."""

    guids: frozenset[tuple[str, str]] = frozenset()
    addresses: frozenset[tuple[str, str]] = frozenset()


def doubts_of(incoming: Iterable[Facts], stored: Iterable[Facts]) -> Doubts:
    """What the batch, or the store, shows to be used for different articles."""
    incoming, stored = list(incoming), list(stored)
    guids = _shared(incoming, _guid_of, _other_thing)
    addresses = _shared(incoming, _address_of, _other_page)
    return Doubts(
        guids=frozenset(guids | _held_twice(stored, _guid_of) | _used_again(incoming, stored, _guid_of)),
        addresses=frozenset(
            addresses | _held_twice(stored, _address_of) | _used_again(incoming, stored, _address_of)
        ),
    )


def traits_of(
    facts: Facts, doubts: Doubts, exact: Collection[str], *, apart: bool = False, formerly: str = ""
) -> Traits:
    """What the article is compared by: believed, and asked for by ``exact`` (id, canonical_url, content)."""
    guid = (
        ""
        if _is_front_page(canonical_url(facts.guid)) or (facts.source, facts.guid) in doubts.guids
        else facts.guid
    )
    believed = not (_is_front_page(facts.address) or (facts.source, facts.address) in doubts.addresses)
    address = facts.address if believed else ""
    identified = guid if facts.guid else address if facts.address else facts.uid
    return Traits(
        uid=facts.uid,
        key=facts.uid if identified and ("id" in exact or not facts.guid) else "",
        source=facts.source,
        guid=guid if "id" in exact else "",
        address=address if "canonical_url" in exact else "",
        text_hash=facts.text_hash if "content" in exact else "",
        entry=(facts.source, facts.guid, facts.address, facts.title, facts.text_hash or facts.text),
        content=facts.content,
        date=facts.date,
        since=facts.since,
        formerly=formerly,
        apart=apart or facts.expired,
        places=facts.places,
        title=facts.title,
        text=facts.text,
    )


def _shared(
    batch: Iterable[Facts], name: Callable[[Facts], str], differ: Callable[[Facts, Facts], bool]
) -> set[tuple[str, str]]:
    """The names in the batch, with their source, under which articles stand that differ."""
    bearers: dict[tuple[str, str], dict[tuple[str, ...], Facts]] = defaultdict(dict)
    for facts in batch:
        bearers[facts.source, name(facts)][_sight(facts)] = facts
    return {key for key, found in bearers.items() if key[1] and _any_differ(found, differ)}


def _any_differ(found: dict[tuple[str, ...], Facts], differ: Callable[[Facts, Facts], bool]) -> bool:
    # A few tell as much as all, as long as they are the same few in whatever order they came.
    few = [found[sight] for sight in sorted(found)[:MAX_BEARERS]]
    return any(differ(one, other) for one, other in combinations(few, 2))


def _sight(facts: Facts) -> tuple[str, ...]:
    return facts.guid, facts.address, facts.title, facts.text_hash or facts.text


def _held_twice(stored: Sequence[Facts], name: Callable[[Facts], str]) -> set[tuple[str, str]]:
    """Stored under two uids, a name was found out before."""
    uids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for facts in stored:
        uids[facts.source, name(facts)].add(facts.uid)
    return {key for key, holders in uids.items() if key[1] and len(holders) > 1}


def _used_again(
    incoming: Iterable[Facts], stored: Iterable[Facts], name: Callable[[Facts], str]
) -> set[tuple[str, str]]:
    """Names under which the store holds an article that another has taken the place of."""
    held: dict[tuple[str, str], list[Facts]] = defaultdict(list)
    for facts in stored:
        held[facts.source, name(facts)].append(facts)
    return {
        (facts.source, name(facts))
        for facts in incoming
        if name(facts)
        and any(_later_article(facts, was) for was in held.get((facts.source, name(facts)), ()))
    }


def _later_article(one: Facts, was: Facts) -> bool:
    """Published later under another title with another text: an edit leaves one of these as it was, or nearly."""
    if was.expired or one.published is None or was.published is None or not (one.text and was.text):
        return False
    later = one.published - was.published >= LATER
    return later and not _same_title(one, was) and common_share(one.text, was.text) < ALIKE


def _guid_of(facts: Facts) -> str:
    return facts.guid


def _address_of(facts: Facts) -> str:
    return facts.address


def _other_thing(one: Facts, other: Facts) -> bool:
    """Under one guid: on different pages with different texts, or on one page with neither title nor text alike."""
    if _same_text(one, other):
        return False
    if one.address and other.address and one.address != other.address:
        return True
    return not _same_title(one, other)


def _other_page(one: Facts, other: Facts) -> bool:
    """At one address: under guids of their own, with neither title nor text alike."""
    guids_differ = bool(one.guid and other.guid and one.guid != other.guid)
    return guids_differ and not _same_title(one, other) and not _same_text(one, other)


def _same_title(one: Facts, other: Facts) -> bool:
    return one.title == other.title or fold(one.title) == fold(other.title) != ""


def _same_text(one: Facts, other: Facts) -> bool:
    if one.text_hash or other.text_hash:
        return one.text_hash == other.text_hash
    return bool(one.text) and one.text == other.text


def _is_front_page(address: str) -> bool:
    """A canonical URL that is a host and nothing else."""
    return bool(address) and not any(mark in address for mark in "/?#")
