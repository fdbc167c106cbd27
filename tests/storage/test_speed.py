"""How fast the SQLite store is. Run with ``-m benchmark -s``; the floors lie far below what a quiet machine does."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from storage import Article, ArticleQuery, ArticleStore
from tests.storage.making import HOUR, MINUTE, NOW, article, claim, seed

ARTICLES = 10_000
BATCH = 100
SOURCES = 1000
LETTERS = [chr(code) for code in range(0x4E00, 0x5E00)] + list("，。") * 300

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]


def long_articles(number: int) -> list[Article]:
    """Chinese text and HTML of 5 KB together."""
    rng = random.Random(7)

    def one() -> Article:
        uid = f"{rng.getrandbits(100):026x}"
        paragraphs = ["".join(rng.choices(LETTERS, k=170)) for _ in range(5)]
        return article(
            uid,
            source=f"s{rng.randrange(SOURCES)}",
            url=f"https://desk.example/{uid}",
            canonical_url=f"//desk.example/{uid}",
            guid=uid,
            title=paragraphs[0][:20],
            summary=paragraphs[0][:60],
            text="\n".join(paragraphs),
            html="".join(f"<p>{paragraph}</p>" for paragraph in paragraphs),
            published=NOW - timedelta(seconds=rng.randrange(10_000_000)),
            sections=("world", "china")[: rng.randrange(3)],
            text_hash=uid,
        )

    return [one() for _ in range(number)]


def rows_a_second(store: ArticleStore, articles: list[Article]) -> float:
    claimed = claim(store, "desk")
    start = time.perf_counter()
    for first in range(0, len(articles), BATCH):
        with store.poll(claimed) as unit:
            unit.save(articles[first : first + BATCH])
    taken = time.perf_counter() - start
    store.release(claimed)
    return len(articles) / taken


def test_articles_are_written_in_batches(sqlite_store: ArticleStore, database: Path) -> None:
    articles = long_articles(ARTICLES)
    changed = [replace(one, title=f"{one.title}!") for one in articles]
    insert = rows_a_second(sqlite_store, articles)
    upsert = rows_a_second(sqlite_store, changed)
    same = rows_a_second(sqlite_store, changed)
    print(f"\ninsert {insert:,.0f}, upsert {upsert:,.0f}, unchanged {same:,.0f} rows/s")
    print(f"{database.stat().st_size / ARTICLES:,.0f} bytes of file for an article of 5 KB")
    questions: dict[str, Callable[[], object]] = {
        "section": lambda: sqlite_store.articles(ArticleQuery(section="world")),
        "newest": lambda: sqlite_store.articles(ArticleQuery()),
        "search": lambda: sqlite_store.articles(ArticleQuery(search="新闻 没有")),
        "check": sqlite_store.check,
    }
    for name, ask in questions.items():
        print(f"{name}: {milliseconds(ask):.1f} ms")
    assert min(insert, upsert) > 2000


def test_a_claim_and_a_poll_cost_little(sqlite_store: ArticleStore) -> None:
    sqlite_store.sync_sources([seed(f"s{number}") for number in range(SOURCES)], NOW)

    def visit() -> None:
        (claimed,) = sqlite_store.claim_due(now=NOW, limit=1, lease=MINUTE, owner="me")
        with sqlite_store.poll(claimed) as unit:
            unit.finish(replace(claimed.source, next_poll=NOW + HOUR))

    for _ in range(100):
        visit()
    start = time.perf_counter()
    for _ in range(SOURCES - 100):
        visit()
    taken = (time.perf_counter() - start) * 1000 / (SOURCES - 100)
    print(f"\nclaim and poll, with both commits: {taken:.3f} ms")
    assert taken < 2


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
