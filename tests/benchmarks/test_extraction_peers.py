"""The peers are optional, and their absence is said plainly."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks.extraction_peers import NoPeers, runs


def test_an_interpreter_without_the_peers_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(NoPeers, match=r"trafilatura is not there .*install it"):
        list(runs(Path(sys.executable), tmp_path, ()))


def test_an_interpreter_that_does_not_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoPeers, match=r"python: does not run"):
        list(runs(tmp_path / "python", tmp_path, ()))
