"""The peers over the same pairs, each in a process of its own, timed by CPU, in the same run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from aggregator.text.fold import fold
from tests.benchmarks.dedup.measure import Pair, Piece, Tally
from tests.benchmarks.dedup.peers_worker import PEERS

_WORKER = Path(__file__).with_name("peers_worker.py")


class NoPeers(Exception):
    """The interpreter lacks a peer."""


def tallies(python: Path, pairs: Sequence[Pair]) -> Iterator[Tally]:
    """What each peer made of the pairs. Raises ``NoPeers`` where one is missing."""
    given = "\n".join(
        json.dumps({"one": _row(pair.one), "other": _row(pair.other)}, ensure_ascii=False) for pair in pairs
    )
    for name in PEERS:
        yield _tally(name, pairs, _run(python, name, given))


def _run(python: Path, name: str, given: str) -> dict[str, Any]:
    done = subprocess.run([python, _WORKER, name], input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:]
        raise NoPeers(f"{python}: {name}: {''.join(said)}; install datasketch and reader into that venv")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _row(piece: Piece) -> dict[str, str]:
    return {"uid": piece.uid, "text": piece.text, "folded": fold(piece.text)}


def _tally(name: str, pairs: Sequence[Pair], result: dict[str, Any]) -> Tally:
    tally = Tally(name=name, milliseconds=result["milliseconds"])
    for pair, (merged, wrong) in zip(pairs, result["decided"], strict=True):
        key = pair.lang, pair.kind
        tally.total[key] += 1
        tally.merged[key] += merged
        tally.wrong[key] += wrong
        if pair.copy:
            tally.copies.add(key)
    return tally
