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


def test_who_reads_plain_feeds_only_does_not_import_feedparser() -> None:
    code = (
        "import sys; from datetime import UTC, datetime; from zoneinfo import ZoneInfo; "
        "from aggregator.documents import read_feed; from aggregator.normalise import SourceContext; "
        "url, zone = 'http://paper.example/feed', ZoneInfo('UTC'); "
        "read = lambda body: read_feed(body, SourceContext(id='s', url=url, zone=zone), now=datetime.now(UTC), url=url, "
        "zone=zone); "
        "assert read(b'<rss><channel><title>P</title><item><title>T</title></item></channel></rss>').entries; "
        "assert 'feedparser' not in sys.modules; "
        "read(b'<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry/></feed>'); assert 'feedparser' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["rich", "pygments"])
def test_a_command_that_stays_in_memory_does_not_import_what_draws_tables(name: str) -> None:
    code = (
        "import sys; from aggregator.cli import main; main.get_command(None, 'run'); import aggregator.app.office; "
        f"assert {name!r} not in sys.modules; import {name}"  # it is there for whoever asks for it later
    )
    subprocess.run([sys.executable, "-c", code], check=True)
