"""``python -m tests.benchmarks.dedup --corpus DIR``: the labelled pairs, then copies made of other texts by a seed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.dedup.copies import copies
from tests.benchmarks.dedup.lookalikes import TEMPLATES, others, reports, template_pairs
from tests.benchmarks.dedup.measure import (
    Pair,
    backwards,
    false_merges_among,
    footers,
    pairs,
    pairwise,
    rewrites,
    streaming,
    table,
)
from tests.benchmarks.dedup.texts import pieces


def made(corpus: Path, seed: int) -> list[Pair]:
    """Copies and look-alikes made of the pages' texts."""
    found: list[Pair] = []
    for lang in ("zh", "en"):
        texts = pieces(corpus, lang)
        found += copies(texts, lang, seed) + others(texts, lang, seed) + template_pairs(lang, 40, seed)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument(
        "--half", type=int, choices=(0, 1), help="every other article of the labelled pairs only"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the copies that are made")
    parser.add_argument("--wrong", action="store_true", help="name the pairs that were decided wrongly")
    options = parser.parse_args(arguments)
    say = sys.stdout.write
    found = pairs(options.corpus, options.half)
    tallies = [pairwise(found), streaming(found), backwards(found)]
    say(table(tallies) + "\n\n")
    whole = [pairwise(rewrites(options.corpus)), streaming(rewrites(options.corpus))]
    say("Whole-article rewrites\n" + table(whole) + "\n\n")
    other = made(options.corpus, options.seed)
    more = [pairwise(other), streaming(other), backwards(other)]
    say(f"Other texts, seed {options.seed}\n" + table(more) + "\n\n")
    for name, between in (("a line of its own", "\n"), ("in the text", " ")):
        for lang, items in footers(found, between).items():
            say(f"one footer, {name}, {lang}: {false_merges_among(items)} of {len(items)} merged\n")
    for lang, templates in TEMPLATES.items():
        merged = [
            false_merges_among(list(reports(lang, at, 300, options.seed))) for at in range(len(templates))
        ]
        say(f"300 reports of each template in one stream, {lang}: {merged} merged\n")
    for tally in (*tallies, *more) if options.wrong else ():
        say("\n".join((tally.name, *tally.missed)) + "\n")


if __name__ == "__main__":
    main()
