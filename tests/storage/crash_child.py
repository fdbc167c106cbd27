"""Commits one unit after another, and quiet polls together, until it is killed. Started by test_crash, once for every kill."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime

from storage import ArticleStore, open_store
from tests.storage.making import HOUR, NOW, article, claim, decision

ARTICLES_A_UNIT = 7
QUIET = ("quiet1", "quiet2", "quiet3")  #: sources whose polls end together


def commit_unit(store: ArticleStore, now: datetime) -> int:
    """Returns how many there are now."""
    claimed = claim(store, "desk", now=now)
    number = claimed.source.polls
    batch = [
        article(f"{number:06}-{part}", text="文" * 700, sections=("world",), guid=f"{number}")
        for part in range(ARTICLES_A_UNIT)
    ]
    with store.poll(claimed) as unit:
        unit.save(batch[:3], [decision(one.uid) for one in batch[:3]])
        unit.save(batch[3:], [decision(one.uid) for one in batch[3:]])
        unit.finish(replace(claimed.source, polls=number + 1, next_poll=NOW))
    return number + 1


def end_together(store: ArticleStore, now: datetime, number: int) -> None:
    claims = [claim(store, source_id, now=now) for source_id in QUIET]
    store.finish([(one, replace(one.source, polls=number, title="静" * 900)) for one in claims])


def main() -> None:
    store = open_store(sys.argv[1])
    now = NOW + int(sys.argv[2]) * HOUR  # past the lease of the claim that the last kill left behind
    end_together(store, now, commit_unit(store, now))
    sys.stdout.write("one is in\n")
    sys.stdout.flush()
    while True:
        end_together(store, now, commit_unit(store, now))


if __name__ == "__main__":
    main()
