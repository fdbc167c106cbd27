"""Finds for every article of a batch the one it is, or is a copy of, among the known ones and the batch itself.

Whatever the order of the batch, the same articles end up together: those that match something known join it, then
those that match these, and so on; of what is left, the first in the order of the batch is new, and so on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from aggregator.dedup.clauses import COPIES, IDENTITY, Match, Rule, Traits, judge, keys_of

#: So many articles that share a key are looked at, the earliest; a key shared by more tells nothing anyway.
MAX_SHARING = 50


class Known:
    """Articles by the keys they can be found under; ``below`` are more of them, which stay as they are."""

    def __init__(self, known: Iterable[Traits] = (), *, below: Known | None = None) -> None:
        self._by_key: defaultdict[Hashable, list[Traits]] = defaultdict(list)
        self._below = below
        for traits in known:
            self.add(traits)

    def add(self, traits: Traits) -> None:
        for key in keys_of(traits):
            self._by_key[key].append(traits)

    def sharing(self, traits: Traits) -> list[Traits]:
        """The articles that share a key with this one, the earliest first."""
        found = {id(other): other for key in keys_of(traits) for other in self._under(key)}
        return sorted(found.values(), key=lambda other: (other.since, other.uid))

    def _under(self, key: Hashable) -> Iterator[Traits]:
        if self._below is not None:
            yield from self._below._under(key)
        yield from self._by_key.get(key, ())[:MAX_SHARING]


def place(batch: Sequence[Traits], known: Known, window: timedelta) -> list[Match | None]:
    """The match of each article of the batch, None for a new one. All of them are added to ``known``.

    First every article finds what it is a version of; then those that are versions of nothing, what they copy.
    """
    versions = _Placing(batch, Known(below=known), window, IDENTITY).matches()
    links = {id(traits): match for traits, match in zip(batch, versions, strict=True) if match}
    heads = [traits for traits in batch if id(traits) not in links]
    followers = {id(traits): traits for traits in batch if id(traits) in links}
    own = set(map(id, heads))
    for traits in followers.values():
        if id(_root(traits, links)) not in own:
            known.add(traits)
    copies = _Placing(heads, known, window, COPIES).matches()
    for traits in followers.values():
        if id(_root(traits, links)) in own:
            known.add(traits)
    found = links | {id(traits): match for traits, match in zip(heads, copies, strict=True) if match}
    return [found.get(id(traits)) for traits in batch]


def _root(traits: Traits, links: Mapping[int, Match]) -> Traits:
    while (match := links.get(id(traits))) is not None:
        traits = match.of
    return traits


class _Placing:
    """One batch on its way."""

    def __init__(
        self, batch: Sequence[Traits], known: Known, window: timedelta, clauses: Sequence[Rule]
    ) -> None:
        self._batch = batch
        self._known = known
        self._window = window
        self._clauses = clauses
        self._settled: dict[int, Match | None] = {}
        self._waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
        for at, traits in enumerate(batch):
            for key in keys_of(traits):
                self._waiting[key].append(at)

    def matches(self) -> list[Match | None]:
        self._join(range(len(self._batch)))
        for at in range(len(self._batch)):
            if at not in self._settled:
                self._join(self._settle({at: None}))
        return [self._settled[at] for at in range(len(self._batch))]

    def _join(self, touched: Sequence[int]) -> None:
        """Round by round: what matches something known becomes known itself, and others may match that."""
        while touched:
            judged = {at: self._judge(at) for at in touched}
            touched = self._settle({at: match for at, match in judged.items() if match})

    def _judge(self, at: int) -> Match | None:
        traits = self._batch[at]
        return judge(traits, self._known.sharing(traits), self._window, self._clauses)

    def _settle(self, found: Mapping[int, Match | None]) -> list[int]:
        """Make the found ones known; returns those still waiting that may match one of these."""
        self._settled.update(found)
        for at in found:
            self._known.add(self._batch[at])
        keys = {key for at in found for key in keys_of(self._batch[at])}
        touched = {other for key in keys for other in self._sharers(key)}
        return sorted(at for at in touched if at not in self._settled)

    def _sharers(self, key: Hashable) -> Sequence[int]:
        """Those that came with this key. A crowd is called once: else it would cost its square."""
        sharers = self._waiting.get(key, [])
        return self._waiting.pop(key) if len(sharers) > MAX_SHARING else sharers
