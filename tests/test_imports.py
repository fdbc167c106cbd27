"""What the daemon's own process imports: it names the jobs of reading processes, it does not do them."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "name", ["feedparser", "aggregator.extract.article", "aggregator.normalise.markup", "alembic"]
)
def test_the_daemon_does_not_import_what_its_readers_work_with(name: str) -> None:
    code = f"import sys, aggregator.app.office, storage.sql; sys.exit({name!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["rich", "pygments"])
def test_a_command_that_stays_in_memory_does_not_import_what_draws_tables(name: str) -> None:
    code = (
        "import sys; from aggregator.cli import main; main.get_command(None, 'run'); import aggregator.app.office; "
        f"assert {name!r} not in sys.modules; import {name}"  # it is there for whoever asks for it later
    )
    subprocess.run([sys.executable, "-c", code], check=True)
