"""One peer over pairs of articles on standard input: ``python peers_worker.py NAME``.

A script by itself, since the peers live in another interpreter: it imports nothing of this project.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

#: Whether a pair was merged, and whether the second article was merged with another one instead.
Decided = Iterator[tuple[bool, bool]]


def shingles(text: str, size: int = 5) -> set[bytes]:
    return {text[at : at + size].encode() for at in range(max(len(text) - size + 1, 1))}


def lsh(pairs: Sequence[Any], key: str) -> Decided:
    """datasketch's MinHash-LSH at Jaccard 0.5 over runs of five characters: all first articles, then every second one."""
    datasketch = importlib.import_module("datasketch")

    def sketch(text: str) -> Any:
        made = datasketch.MinHash(num_perm=128)
        made.update_batch(shingles(text))
        return made

    index = datasketch.MinHashLSH(threshold=0.5, num_perm=128)
    for pair in {pair["one"]["uid"]: pair for pair in pairs}.values():
        index.insert(pair["one"]["uid"], sketch(pair["one"][key]))
    for pair in pairs:
        found = index.query(sketch(pair["other"][key]))
        yield pair["one"]["uid"] in found, bool(found) and pair["one"]["uid"] not in found


def entry_dedupe(pairs: Sequence[Any]) -> Decided:
    """lemon24/reader's rule for two entries of one feed, pair by pair: it has no index across feeds."""
    is_duplicate = importlib.import_module("reader.plugins.entry_dedupe").is_duplicate_entry

    def entry(piece: Any) -> Any:
        return SimpleNamespace(summary=None, content=[SimpleNamespace(value=piece["text"])])

    for pair in pairs:
        yield bool(is_duplicate(entry(pair["one"]), entry(pair["other"]))), False


PEERS: dict[str, Callable[[Sequence[Any]], Decided]] = {
    "MinHash-LSH .5, raw": lambda pairs: lsh(pairs, "text"),
    "MinHash-LSH .5, folded": lambda pairs: lsh(pairs, "folded"),
    "reader entry_dedupe": entry_dedupe,
}

if __name__ == "__main__":
    found = [json.loads(line) for line in sys.stdin]
    begin = time.process_time()
    decided = list(PEERS[sys.argv[1]](found))
    articles = len(found) + len({pair["one"]["uid"] for pair in found})
    spent = 1000 * (time.process_time() - begin) / articles
    json.dump({"decided": decided, "milliseconds": spent}, sys.stdout)
