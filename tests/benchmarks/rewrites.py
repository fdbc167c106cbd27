"""Measures the semantic stage: ``python -m tests.benchmarks.rewrites --corpus DIR [--wrong]``.

Whole-article rewrites of the corpus and of our own, other outlets' reports and second commentaries on the same events,
and the look-alikes of the labelled pairs: each pair alone, and all together in one memory; with the extra and without.
Beside it what it costs: milliseconds of CPU an article, with a candidate and without, and the scan at 100,000 articles.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from aggregator.dedup import Deduplicator
from aggregator.dedup.semantic.encoder import load
from aggregator.dedup.semantic.index import Scan
from aggregator.dedup.semantic.vectors import Matrix
from tests.benchmarks import dedup
from tests.benchmarks.dedup import Pair, Piece, Tally
from tests.dedup.rewriting import Story, stories

#: Kinds of pairs that must stay apart, and are near in meaning.
LOOK_ALIKES = ("other", "own other", "own second", "neg_event", "neg_template", "neg_bulletin", "neg_random")
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def told() -> list[Pair]:
    """Our own stories as pairs."""
    return [
        Pair(
            kind=f"own {hand}",
            lang=story.lang,
            copy=hand == "rewrite",
            one=_piece(story, "original"),
            other=_piece(story, hand),
        )
        for story in stories()
        for hand in ("rewrite", "other", "second")
        if hand in story.hands
    ]


def _piece(story: Story, hand: str) -> Piece:
    text = story.hands[hand]
    return Piece(
        uid=f"own {story.id} {hand}",
        source="first" if hand == "original" else "second",
        title=text.title,
        text="\n".join(text.paragraphs),
        published=WHEN,
        first_seen=WHEN,
    )


def everything(corpus: Path) -> list[Pair]:
    """Rewrites, and all look-alikes."""
    return [*dedup.rewrites(corpus), *told(), *(pair for pair in dedup.pairs(corpus) if not pair.copy)]


def false_merges(tally: Tally) -> int:
    """Merged by meaning: what words alone have merged is measured with these."""
    return sum("rewritten: " in line for line in tally.missed)


@dataclass(slots=True)
class Costs:
    """Milliseconds of CPU an article."""

    plain: float = 0.0  #: without the extra
    alone: list[float] = field(default_factory=list)  #: nothing like it is known
    asked: list[float] = field(default_factory=list)  #: a candidate was judged
    scan: float = 0.0  #: of ``scanned`` codes
    scanned: int = 0
    load: float = 0.0  #: once


@dataclass(slots=True)
class Counting:
    """The encoder, and how often it was asked."""

    name: str = "counting"
    calls: int = 0

    def encode(self, sentences: Sequence[str]) -> Matrix:
        self.calls += 1
        return load().encode(sentences)


def costs(found: Sequence[Pair], scanned: int = 100_000) -> Costs:
    result = Costs(scanned=scanned, load=_timed(lambda: load().encode(["once"])))
    known = Deduplicator(semantic="off")
    result.plain = _timed(lambda: [known.add([piece]) for pair in found for piece in (pair.one, pair.other)])
    result.plain /= 2 * len(found)
    semantic = Deduplicator(semantic="on")
    for pair in found:
        result.alone.append(_timed(partial(semantic.add, [pair.one])))
        (result.asked if pair.copy else result.alone).append(_timed(partial(semantic.add, [pair.other])))
    scan, random = Scan(), np.random.default_rng(1)
    codes = random.integers(0, 256, (scanned, 64), dtype=np.uint8)
    for at in range(scanned):
        scan.add(str(at), bytes(codes[at]), WHEN)
    week = timedelta(days=7)
    asked = [bytes(code) for code in codes[:20]]
    result.scan = _timed(lambda: [scan.near(code, WHEN - week, WHEN + week) for code in asked]) / len(asked)
    return result


def _timed(what: Callable[[], object]) -> float:
    begin = time.process_time()
    what()
    return 1000 * (time.process_time() - begin)


def lines(cost: Costs) -> Iterator[str]:
    yield f"without the extra          {cost.plain:7.2f} ms of CPU an article"
    for name, taken in (("no candidate", cost.alone), ("a candidate judged", cost.asked)):
        mean, most = sum(taken) / len(taken), sorted(taken)[int(0.95 * len(taken))]
        yield f"{name:26} {mean:7.2f} in the mean, {most:.1f} at the 95th percentile"
    yield f"scan of {cost.scanned:,} codes    {cost.scan:7.2f}"
    yield f"loading the encoder, once  {cost.load:7.0f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--wrong", action="store_true", help="name the pairs that were decided wrongly")
    options = parser.parse_args(arguments)
    found = everything(options.corpus)
    for mode in ("off", "on"):
        make = partial(Deduplicator, semantic=mode)
        tallies = [dedup.pairwise(found, make=make), dedup.streaming(found, make=make)]
        sys.stdout.write(f"semantic: {mode}\n{dedup.table(tallies)}\n")
        for tally in tallies if options.wrong else ():
            sys.stdout.write("\n".join((tally.name, *tally.missed)) + "\n")
    rewrites = [pair for pair in found if pair.kind in ("rewrite", "own rewrite")]
    sys.stdout.write("\n".join(lines(costs([replace(pair) for pair in rewrites]))) + "\n")


if __name__ == "__main__":
    main()
