"""Commits units two at a time, and quiet polls together, until it is killed. Started by test_crash, once for every kill."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime

from storage import ArticleStore, Claim, open_store
from storage.transactions import Unit
from tests.storage.making import HOUR, NOW, article, claim, decision

ARTICLES_A_UNIT = 7
NEWS = ("desk", "wire")  #: sources whose articles are committed together
QUIET = ("quiet1", "quiet2", "quiet3")  #: sources whose polls end together


def commit_units(store: ArticleStore, now: datetime) -> int:
    """One of each source. Returns how many there are now."""
    claims = [claim(store, source_id, now=now) for source_id in NEWS]
    with store.polls() as polls:
        for claimed in claims:
            with polls.poll(claimed) as unit:
                write(unit, claimed)
    return claims[0].source.polls + 1


def write(unit: Unit, claimed: Claim) -> None:
    name, number = claimed.source.id, claimed.source.polls
    batch = [
        article(uid(name, number, part), source=name, text="文" * 700, sections=("world",), guid=f"{number}")
        for part in range(ARTICLES_A_UNIT)
    ]
    unit.save(batch[:3], [decision(one.uid) for one in batch[:3]])
    unit.save(batch[3:], [decision(one.uid) for one in batch[3:]])
    unit.finish(replace(claimed.source, polls=number + 1, next_poll=NOW))


def uid(source: str, number: int, part: int) -> str:
    return f"{source}-{number:06}-{part}"


def end_together(store: ArticleStore, now: datetime, number: int) -> None:
    claims = [claim(store, source_id, now=now) for source_id in QUIET]
    store.finish([(one, replace(one.source, polls=number, title="静" * 900)) for one in claims])


def main() -> None:
    store = open_store(sys.argv[1])
    now = NOW + int(sys.argv[2]) * HOUR  # past the lease of the claim that the last kill left behind
    end_together(store, now, commit_units(store, now))
    sys.stdout.write("one is in\n")
    sys.stdout.flush()
    while True:
        end_together(store, now, commit_units(store, now))


if __name__ == "__main__":
    main()
