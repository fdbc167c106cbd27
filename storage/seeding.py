"""What becomes of a source's record when the configuration names it: decided here, for every store alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from storage.model import Health, SourceRecord, SourceSeed, Validators
from storage.sites import Hold, held_back


def by_id(seeds: Iterable[SourceSeed]) -> dict[str, SourceSeed]:
    """The seeds in their order; of two with one id the later counts."""
    return {seed.id: seed for seed in seeds}


def renamed(
    records: Iterable[SourceRecord], active: Collection[str], seeds: Mapping[str, SourceSeed]
) -> dict[str, str]:
    """Old ids by new ones: a source that the configuration calls by another name, at the same address.

    ``active`` are the ids that were configured until now: of several that fit, these come first, then the one polled
    last. A name that is on record already keeps its own record.
    """
    left: dict[str, list[SourceRecord]] = {}
    known = set()
    for record in records:
        known.add(record.id)
        if record.id not in seeds:
            left.setdefault(record.configured_url, []).append(record)
    found: dict[str, str] = {}
    for seed in seeds.values():
        fitting = left.get(seed.url)
        if seed.id not in known and fitting:
            best = max(fitting, key=lambda one: (one.id in active, _last_seen(one), one.id))
            fitting.remove(best)
            found[seed.id] = best.id
    return found


def _last_seen(record: SourceRecord) -> float:
    return record.last_poll.timestamp() if record.last_poll else 0.0


def seeded(
    known: SourceRecord | None, seed: SourceSeed, now: datetime, hold: Hold | None = None
) -> SourceRecord:
    """The record of a configured source, made from what is known of it; ``hold`` is of the site of its address."""
    record = _addressed(known, seed, now)
    if known is None or moves(known, record) or seed.due or seed.no_later:
        record = held_back(record, hold)
    return _paused(record, paused=seed.paused)


def moves(known: SourceRecord, record: SourceRecord) -> bool:
    """Whether the configuration has given the source another address: nothing learnt of the old one holds."""
    return known.configured_url != record.configured_url


def ends_claim(known: SourceRecord, record: SourceRecord) -> bool:
    """Whether a poll under way must not finish: it would bring the old address or the old health back."""
    return moves(known, record) or record.health is Health.PAUSED


def _addressed(known: SourceRecord | None, seed: SourceSeed, now: datetime) -> SourceRecord:
    if known is None:
        return SourceRecord(
            id=seed.id, configured_url=seed.url, url=seed.url, kind=seed.kind, next_poll=now + seed.wait
        )
    if known.configured_url != seed.url:
        return _moved(known, seed, now)
    if seed.due:
        free = max(now, known.hold_until or now)
        known = replace(
            known, next_poll=min(known.next_poll, free), next_poll_reason="its rules were changed"
        )
    if seed.no_later is not None and seed.no_later[0] < known.next_poll:
        known = replace(known, next_poll=seed.no_later[0], next_poll_reason=seed.no_later[1])
    # "auto" leaves the kind that an answer has settled; a kind that the configuration names overrules it.
    return known if seed.kind in ("auto", known.kind) else replace(known, kind=seed.kind)


def _moved(known: SourceRecord, seed: SourceSeed, now: datetime) -> SourceRecord:
    return replace(
        known,
        configured_url=seed.url,
        url=seed.url,
        kind=seed.kind,
        health=Health.OK,
        validators=Validators(),
        body_hash=None,
        hold_until=None,
        failures=0,
        failing_since=None,
        last_error=None,
        next_poll=now,
        next_poll_reason="its address was changed",
        memory={},  # rates, redirects and patterns were learnt of the other address
    )


def _paused(record: SourceRecord, *, paused: bool) -> SourceRecord:
    if paused:
        return replace(record, health=Health.PAUSED)
    return replace(record, health=Health.OK) if record.health is Health.PAUSED else record
