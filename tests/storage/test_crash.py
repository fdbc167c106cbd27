"""kill -9 in the middle of writing: whatever the moment, every unit is there whole or not at all.

So are polls that share a transaction: all of them, or none.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from storage import ArticleQuery, open_store
from tests.storage.crash_child import ARTICLES_A_UNIT, NEWS, uid
from tests.storage.making import revisions

KILLS = 20
ROOT = Path(__file__).parents[2]


def run_and_kill(url: str, number: int, after_s: float) -> None:
    command = [sys.executable, "-m", "tests.storage.crash_child", url, str(number)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"one is in\n"
        threading.Event().wait(after_s)
        child.kill()
    assert child.returncode == -signal.SIGKILL, "it was to be writing still when it was killed"


def units_found(url: str) -> int:
    """How many units are in the store, having checked that each is whole."""
    store = open_store(url)
    try:
        assert store.check() == []
        desk, wire, *quiet = store.sources()
        assert desk.polls == wire.polls
        assert len({one.polls for one in quiet}) == 1
        assert desk.polls - quiet[0].polls in (0, 1)
        found = store.articles(ArticleQuery(limit=None))
        assert sorted(one.uid for one in found) == [
            uid(source, number, part)
            for source in NEWS
            for number in range(desk.polls)
            for part in range(ARTICLES_A_UNIT)
        ]
        assert all(len(store.decisions(one.uid)) == 1 for one in found)
        assert revisions(store).get("world", 0) == len(NEWS) * desk.polls
        assert desk.articles == wire.articles == len(found) / len(NEWS)
        return desk.polls
    finally:
        store.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_writer_leaves_whole_units_only(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    rng = random.Random(20241024)
    units = 0
    for number in range(KILLS):
        run_and_kill(url, number, after_s=rng.uniform(0.005, 0.25))
        found = units_found(url)
        assert found > units
        units = found
