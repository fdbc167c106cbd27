"""What near copies cost over the store: the whole of taking articles in, beside an index of so many others."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aggregator.config.load import parse_config
from aggregator.pipeline.meaning import Understanding
from aggregator.pipeline.nearlibrary import NearMemory
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.takein import Batch, take_in
from aggregator.text.fold import hash_text
from storage import Article, ArticleStore, Claim, SourceSeed, open_store
from storage.columns import EPOCH
from tests.benchmarks.dedup.measure import LONG_AGO, Piece

#: Hashes of an article, on average; as counted over the labelled pairs, rounded up.
HASHES = 31
#: So many of them are of few thousand that many articles have: shares of words and of outlets' formulas.
COMMON, COMMON_HASHES = 3, 4_000
_CONFIG = "sources: [{id: first, url: 'https://a.example/', first_fetch: {max_items: 5000, max_age: 9999d}}, {id: second, url: 'https://b.example/'}]\nsections: [{id: all, title: All, include: ['*']}]\ndedup: {near: {enabled: %s}}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one size of the index."""

    articles: int
    megabytes: float  #: of the index alone
    take_in: float  #: CPU ms an article, near copies included
    exact_only: float  #: CPU ms an article without them
    sharing: float  #: CPU ms a look-up of one article
    add: float  #: CPU ms for the postings of one article
    reopen: float  #: ms until the first look-up is answered

    @property
    def bytes_an_article(self) -> float:
        return 1_000_000 * self.megabytes / self.articles


def cost(size: int, pieces: Sequence[Piece]) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        open_store(f"sqlite:///{path}").close()
        before = path.stat().st_size
        fill(path, size)
        megabytes = (path.stat().st_size - before) / 1_000_000
        begin = time.perf_counter()
        store = open_store(f"sqlite:///{path}")
        _looked_up(store, 1)
        reopen = 1000 * (time.perf_counter() - begin)
        sharing, add = _looked_up(store, 300), _added(store, 300)
        taken, exact = (_taken_in(store, pieces, near=near) for near in (True, False))
        store.close()
    return Cost(
        articles=size,
        megabytes=megabytes,
        take_in=taken,
        exact_only=exact,
        sharing=sharing,
        add=add,
        reopen=reopen,
    )


def fill(path: Path, size: int) -> None:
    """Sketches of articles that are not there: their hashes are drawn, a few of them from such as are common.

    In portions, each in the order of the key: an index that grew by single articles looks the same and takes hours.
    """
    dice = random.Random(size)
    common = [_hash(dice) for _ in range(COMMON_HASHES)]
    at = (LONG_AGO - EPOCH) // timedelta(microseconds=1)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA cache_size = -200000")
    portion = max(size // 20, 1)
    for start in range(1, size + 1, portion):
        numbers = range(start, min(start + portion, size + 1))
        uids = ((number, f"{number:026}", at, 0) for number in numbers)
        connection.executemany("INSERT INTO sketch (number, uid, at, filled) VALUES (?, ?, ?, ?)", uids)
        rows = sorted((hash_, number) for number in numbers for hash_ in _hashes(dice, common))
        connection.executemany("INSERT INTO posting (hash, sketch) VALUES (?, ?)", rows)
        connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _hash(dice: random.Random) -> int:
    return dice.randrange(-(2**31), 2**31)


def _hashes(dice: random.Random, common: Sequence[int]) -> set[int]:
    # The most common one is in one of ten articles, as the formula of an agency may be.
    shared = {common[int(COMMON_HASHES * dice.random() ** 3)] for _ in range(COMMON)}
    return shared | {_hash(dice) for _ in range(HASHES - COMMON)}


def _units(store: ArticleStore, source: str) -> Iterator[Claim]:
    store.sync_sources(
        [SourceSeed(id=id, url=f"https://{id}.example/") for id in ("first", "second")], LONG_AGO
    )
    while True:
        claim = store.claim(source, now=LONG_AGO, lease=timedelta(minutes=5), owner="benchmark")
        assert claim is not None
        try:
            yield claim
        finally:
            store.release(claim)


def _looked_up(store: ArticleStore, times: int) -> float:
    dice = random.Random(times)
    spent = 0.0
    for claim in _units(store, "first"):
        with store.poll(claim) as unit:
            for _ in range(times):
                hashes = [dice.randrange(2**32) for _ in range(HASHES)]
                begin = time.process_time()
                unit.sketches.sharing(hashes)
                spent += time.process_time() - begin
        break
    return 1000 * spent / times


def _added(store: ArticleStore, times: int) -> float:
    dice = random.Random(times)
    begin = time.process_time()
    for at, claim in enumerate(_units(store, "first")):
        with store.poll(claim) as unit:
            for number in range(3):
                uid = f"added {at} {number}"
                unit.sketches.add(uid, [dice.randrange(2**32) for _ in range(HASHES)], at=LONG_AGO)
        if 3 * at >= times:
            break
    return 1000 * (time.process_time() - begin) / times


def _taken_in(store: ArticleStore, pieces: Sequence[Piece], *, near: bool) -> float:
    """CPU ms an article, three articles a poll."""
    loaded = parse_config(_CONFIG % ("yes" if near else "no"), path=Path("feeds.yaml"))
    plan = Plan.of(loaded.config, "benchmark", Path())
    memory = NearMemory()
    articles = [_article(piece, at, near) for at, piece in enumerate(pieces)]
    begin = time.process_time()
    for at, claim in zip(range(0, len(articles), 3), _units(store, "second"), strict=False):
        with store.poll(claim) as unit:
            batch = Batch(
                source=plan.sources["second"],
                record=claim.source,
                articles=articles[at : at + 3],
                length=3,
                complete=False,
                recent=lambda _: (),
            )
            take_in(unit, plan, batch, memory, Understanding(store), LONG_AGO + timedelta(minutes=at))
    return 1000 * (time.process_time() - begin) / len(articles)


def _article(piece: Piece, at: int, near: bool) -> Article:
    name = f"{near}{at}"
    return Article(
        uid=f"{name:>026}",
        source="second",
        guid=name,
        title=piece.title,
        text=piece.text,
        html=piece.text,
        text_hash=hash_text(piece.text),
        content_hash=name,
        published=piece.published,
        first_seen=LONG_AGO,
    )


def table(costs: Sequence[Cost]) -> str:
    names = "articles", "MB", "B/article", "take in", "exact only", "look-up", "add", "reopen"
    lines = ["".join(f"{name:>12}" for name in names)]
    for one in costs:
        figures = (
            one.megabytes,
            one.bytes_an_article,
            one.take_in,
            one.exact_only,
            one.sharing,
            one.add,
            one.reopen,
        )
        lines.append(f"{one.articles:12}" + "".join(f"{figure:12.2f}" for figure in figures))
    return "\n".join(lines)
