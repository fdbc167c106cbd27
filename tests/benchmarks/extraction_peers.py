"""Ours and the peers' over the same pages, each in a process of its own, timed by CPU, one after another in one run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.extraction_worker import EXTRACTORS

_WORKER = Path(__file__).with_name("extraction_worker.py")
_ROOT = Path(__file__).parents[2]
#: What the peers' interpreter must be able to import, by extractor.
_NEEDS = {
    "trafilatura": "trafilatura",
    "trafilatura-precision": "trafilatura",
    "readability-lxml": "readability, trafilatura",
    "newspaper4k": "newspaper, jieba, trafilatura",
}


class NoPeers(Exception):
    """The interpreter lacks a peer; the message says which and how it gets there."""


@dataclass(slots=True, kw_only=True)
class Run:
    """What one extractor found."""

    extractor: str
    texts: dict[tuple[str, str], str] = field(default_factory=dict)  #: by set and page
    seconds: dict[tuple[str, str], float] = field(default_factory=dict)
    megabytes: float = 0.0

    def of(self, name: str) -> list[float]:
        """Seconds a page of one set, the least first."""
        return sorted(seconds for (set_name, _), seconds in self.seconds.items() if set_name == name)


def runs(peers_python: Path, corpus: Path, names: Sequence[str]) -> Iterator[Run]:
    """Ours first. Raises ``NoPeers`` before anything runs where a peer is missing."""
    for extractor in _NEEDS:
        _require(peers_python, extractor)
    for extractor in EXTRACTORS:
        python = Path(sys.executable) if extractor == "ours" else peers_python
        yield _read(extractor, _lines(python, extractor, corpus, names))


def _require(python: Path, extractor: str) -> None:
    try:
        done = subprocess.run(
            [python, "-W", "ignore", "-c", f"import {_NEEDS[extractor]}"], capture_output=True
        )
    except OSError as error:
        raise NoPeers(
            f"{python}: does not run ({error}); name an interpreter of a venv that has the peers"
        ) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise NoPeers(f"{python}: {extractor} is not there ({''.join(said)}); install it into that venv")


def _lines(python: Path, extractor: str, corpus: Path, names: Sequence[str]) -> Iterator[str]:
    command = [str(python), "-W", "ignore", str(_WORKER), extractor, str(corpus), *names]
    environment = os.environ | ({"PYTHONPATH": str(_ROOT)} if extractor == "ours" else {"PYTHONPATH": ""})
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        yield from process.stdout


def _read(extractor: str, lines: Iterable[str]) -> Run:
    run = Run(extractor=extractor)
    for line in lines:
        row: dict[str, Any] = json.loads(line)
        if "megabytes" in row:
            run.megabytes = row["megabytes"]
        else:
            run.texts[row["set"], row["id"]] = row["text"]
            run.seconds[row["set"], row["id"]] = row["seconds"]
    return run
