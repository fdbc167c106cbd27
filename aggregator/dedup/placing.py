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

    def add(self, traits: Traits, keys: Sequence[Hashable] | None = None) -> None:
        for key in keys or keys_of(traits):
            self._by_key[key].append(traits)

    def sharing(self, keys: Sequence[Hashable]) -> list[Traits]:
        """The articles that share one of these keys, the earliest first."""
        found = {id(other): other for key in keys for other in self._under(key)}
        return sorted(found.values(), key=lambda other: (other.since, other.uid))

    def has_any(self, keys: Sequence[Hashable]) -> bool:
        return not self._by_key.keys().isdisjoint(keys) or (
            self._below is not None and self._below.has_any(keys)
        )

    def _under(self, key: Hashable) -> Iterator[Traits]:
        if self._below is not None:
            yield from self._below._under(key)
        yield from self._by_key.get(key, ())[:MAX_SHARING]


def place(batch: Sequence[Traits], known: Known, window: timedelta) -> list[Match | None]:
    """The match of each article of the batch, None for a new one. All of them are added to ``known``.

    First every article finds what it is a version of; then those that are versions of nothing, what they copy.
    """
    keys = {id(traits): keys_of(traits) for traits in batch}
    versions = _Placing(batch, keys, Known(below=known), window, IDENTITY).matches()
    links = {id(traits): match for traits, match in zip(batch, versions, strict=True) if match}
    heads = [traits for traits in batch if id(traits) not in links]
    followers = {id(traits): traits for traits in batch if id(traits) in links}
    own = set(map(id, heads))
    for traits in followers.values():
        if id(_root(traits, links)) not in own:
            known.add(traits, keys[id(traits)])
    copies = _Placing(heads, keys, known, window, COPIES).matches()
    for traits in followers.values():
        if id(_root(traits, links)) in own:
            known.add(traits, keys[id(traits)])
    found = links | {id(traits): match for traits, match in zip(heads, copies, strict=True) if match}
    return [found.get(id(traits)) for traits in batch]


def _root(traits: Traits, links: Mapping[int, Match]) -> Traits:
    while (match := links.get(id(traits))) is not None:
        traits = match.of
    return traits


class _Placing:
    """One batch on its way. ``keys`` are those of its articles, by their identity."""

    def __init__(
        self,
        batch: Sequence[Traits],
        keys: Mapping[int, Sequence[Hashable]],
        known: Known,
        window: timedelta,
        clauses: Sequence[Rule],
    ) -> None:
        self._batch = batch
        self._keys = [keys[id(traits)] for traits in batch]
        self._known = known
        self._window = window
        self._clauses = clauses
        self._settled: dict[int, Match | None] = {}
        self._waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
        for at, own in enumerate(self._keys):
            for key in own:
                self._waiting[key].append(at)

    def matches(self) -> list[Match | None]:
        # Most articles of most batches share nothing with anything.
        lonely = [at for at in range(len(self._batch)) if self._is_lonely(at)]
        self._settled.update(dict.fromkeys(lonely))
        self._join([at for at in range(len(self._batch)) if at not in self._settled])
        for at in lonely:
            self._known.add(self._batch[at], self._keys[at])
        for at in range(len(self._batch)):
            if at not in self._settled:
                self._join(self._settle({at: None}))
        return [self._settled[at] for at in range(len(self._batch))]

    def _is_lonely(self, at: int) -> bool:
        keys = self._keys[at]
        return all(len(self._waiting[key]) == 1 for key in keys) and not self._known.has_any(keys)

    def _join(self, touched: Sequence[int]) -> None:
        """Round by round: what matches something known becomes known itself, and others may match that."""
        while touched:
            judged = {at: self._judge(at) for at in touched}
            touched = self._settle({at: match for at, match in judged.items() if match})

    def _judge(self, at: int) -> Match | None:
        return judge(self._batch[at], self._known.sharing(self._keys[at]), self._window, self._clauses)

    def _settle(self, found: Mapping[int, Match | None]) -> list[int]:
        """Make the found ones known; returns those still waiting that may match one of these."""
        self._settled.update(found)
        for at in found:
            self._known.add(self._batch[at], self._keys[at])
        keys = {key for at in found for key in self._keys[at]}
        touched = {other for key in keys for other in self._sharers(key)}
        return sorted(at for at in touched if at not in self._settled)

    def _sharers(self, key: Hashable) -> Sequence[int]:
        """Those that came with this key. A crowd is called once: else it would cost its square."""
        sharers = self._waiting.get(key, [])
        return self._waiting.pop(key) if len(sharers) > MAX_SHARING else sharers
