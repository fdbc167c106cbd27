"""Commits one unit after another until it is killed. Started by test_crash, once for every kill."""

from __future__ import annotations

import sys
from dataclasses import replace

from storage import ArticleStore, open_store
from tests.storage.making import NOW, article, claim, decision

ARTICLES_A_UNIT = 7


def commit_unit(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    number = claimed.source.polls
    batch = [
        article(f"{number:06}-{part}", text="文" * 700, sections=("world",), guid=f"{number}")
        for part in range(ARTICLES_A_UNIT)
    ]
    with store.poll(claimed) as unit:
        unit.save(batch[:3], [decision(one.uid) for one in batch[:3]])
        unit.save(batch[3:], [decision(one.uid) for one in batch[3:]])
        unit.finish(replace(claimed.source, polls=number + 1, next_poll=NOW))


def main() -> None:
    store = open_store(sys.argv[1])
    for claimed in store.sources():  # a claim that the last kill left behind
        store.claim_due(now=NOW, limit=1, lease=NOW - NOW, owner="crash", early=True, only=[claimed.id])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        commit_unit(store)


if __name__ == "__main__":
    main()
