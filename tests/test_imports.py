"""What a process imports: a command only what it uses, the daemon not what its reading processes work with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

#: Begins a command as its script does, and tells afterwards what is there.
_TOLD = """
import json, sys
from aggregator.cli import main
try:
    main(sys.argv[1:], prog_name="aggregator")
except SystemExit:
    pass
sys.__stderr__.write("\\n" + json.dumps(sorted(sys.modules)))
"""
_FILE = """
defaults: {allow_private: 127.0.0.0/8}
sections: [{id: all, title: All, include: ["*"]}]
sources: ["http://127.0.0.1:9/feed"]
"""
_SERVER = ("starlette", "uvicorn", "httptools", "prometheus_client", "aggregator.serve.app")
_DAEMON = ("apscheduler", "aggregator.daemon.daemon", "aggregator.demo")
_READING = ("feedparser", "aggregator.extract.article", "aggregator.normalise.markup")
_PRINTING = {"jinja2", "feedgen", "aggregator.pipeline.press", "aggregator.publish.paths"}
_DRAWING = ("rich.console", "rich.table", "pygments")


def imported_by(*arguments: str, within: Path) -> set[str]:
    code = [sys.executable, "-c", _TOLD, *arguments]
    done = subprocess.run(code, cwd=within, capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feeds.yaml").write_text(_FILE)
    return tmp_path


def test_the_list_of_commands_is_told_without_any(folder: Path) -> None:
    modules = imported_by("--help", within=folder)
    assert {name for name in modules if name.startswith(("aggregator.", "storage"))} == {
        "aggregator.cli",
        "aggregator.cli.main",
        "aggregator.lazy",
    }


@pytest.mark.parametrize("command", ["status", "articles"])
def test_looking_imports_nothing_that_polls_serves_prints_or_draws(folder: Path, command: str) -> None:
    assert imported_by("run", "--once", within=folder)  # there is a store to look at
    modules = imported_by(command, within=folder)
    assert "storage.sql" in modules
    assert not modules & {*_SERVER, *_DAEMON, *_READING, *_DRAWING}
    assert not modules & {*_PRINTING, "httpx", "aggregator.pipeline.poll", "aggregator.app.desk"}


def test_one_round_imports_no_server_and_no_clockwork(folder: Path) -> None:
    modules = imported_by("run", "--once", within=folder)
    assert "aggregator.pipeline.poll" in modules
    assert not modules & {*_SERVER, *_DAEMON, *_READING, *_DRAWING, "alembic"}


def test_while_a_round_polls_what_prints_is_not_there() -> None:
    code = (
        "import sys; from aggregator.lazy import loading\n"
        "with loading(): import aggregator.cli.once, storage.sql\n"
        f"assert not {_PRINTING} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", [*_READING, *_DRAWING, "alembic", "aggregator.demo"])
def test_the_daemon_does_not_import_what_its_readers_work_with_nor_what_draws(name: str) -> None:
    code = (
        "import sys; from aggregator.cli.main import main; main.get_command(None, 'run')\n"
        "from aggregator.lazy import loading\n"
        "with loading(): import aggregator.cli.daemon, storage.sql\n"
        f"assert {name!r} not in sys.modules; import {name}"  # it is there for whoever asks for it later
    )
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


def test_every_subcommand_of_the_list_is_there() -> None:
    code = (
        "from aggregator.cli.main import main\n"
        "for name in main.list_commands(None):\n"
        "    assert main.get_command(None, name).name == name, name"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
