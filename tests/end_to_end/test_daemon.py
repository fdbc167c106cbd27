"""The daemon as a process: it publishes, reloads, drains, and survives a kill."""

import asyncio
import contextlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest

from tests.support.documents import item, rss
from tests.support.process import Process, aggregator, eventually, get
from tests.support.threaded import threaded_web
from tests.support.web import NOT_MODIFIED, Asked, Script, Web, ok

pytestmark = pytest.mark.slow

CONFIG = """
defaults: {{allow_private: 127.0.0.0/8, interval: 1s}}
sources:
  - {{id: morning, url: "{web}/feed", section: 国际}}
sections:
  - {{id: world, title: 国际}}
server: {{listen: "127.0.0.1:0"}}
"""


@pytest.fixture
def web() -> Iterator[Web]:
    with threaded_web() as web:
        yield web


@pytest.fixture
def configured(tmp_path: Path, web: Web) -> Path:
    (tmp_path / "feeds.yaml").write_text(CONFIG.format(web=web.url("")), encoding="utf-8")
    return tmp_path


def with_etag(body: bytes) -> Script:
    """Answers 304 to whoever has the document."""

    async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(NOT_MODIFIED if asked["if-none-match"] == b'"1"' else ok(body, etag='"1"'))

    return script


def address(daemon: Process) -> str:
    return daemon.said(r": (http://127\.0\.0\.1:\d+)/$")[1]


def test_the_daemon_polls_publishes_serves_and_drains(configured: Path, web: Web) -> None:
    web.answer("/feed", ok(rss(item(1, "潮汐闸启用"))))
    with Process("run", folder=configured) as daemon:
        root = address(daemon)
        daemon.said("polled")
        (entry,) = eventually(lambda: feedparser.parse(get(f"{root}/world.atom")).entries)
        assert entry.title == "潮汐闸启用"
        assert get(f"{root}/healthz").strip() == b"ok"
        (row,) = json.loads(get(f"{root}/status", Accept="application/json"))
        assert row["state"] == "ok"
        assert b"aggregator_" in get(f"{root}/metrics")
        daemon.signal(signal.SIGTERM)
        assert daemon.end() == 0


def test_a_changed_file_is_taken_in_and_a_broken_one_is_not(configured: Path, web: Web) -> None:
    web.answer("/feed", ok(rss(item(1))))
    web.answer("/second", ok(rss(item(2, link="http://b.example/2"))))
    file = configured / "feeds.yaml"
    good = file.read_text(encoding="utf-8")
    with Process("run", folder=configured) as daemon:
        daemon.said("published .*world")
        file.write_text(good.replace("sources:", "sourcs:"), encoding="utf-8")
        daemon.signal(signal.SIGHUP)
        daemon.said("not reloaded.*sourcs")
        added = f'sources:\n  - {{id: second, url: "{web.url("/second")}", section: 国际}}'
        file.write_text(good.replace("sources:", added), encoding="utf-8")
        daemon.said("configuration reloaded")
        daemon.said("polled .*second")


def test_a_kill_in_the_middle_loses_nothing_and_doubles_nothing(configured: Path, web: Web) -> None:
    body = rss(*(item(n) for n in range(40)))
    web.answer("/feed", with_etag(body))
    for _ in range(5):
        with Process("run", folder=configured) as daemon:
            daemon.said("poll", times=1)
            daemon.signal(signal.SIGKILL)
            daemon.end()
    done = aggregator("run", "--once", "--all", folder=configured)
    assert done.returncode == 0, done.stderr
    articles = json.loads(aggregator("articles", "--json", folder=configured).stdout)
    assert len(articles) == len({article["guid"] for article in articles}) == 40
    unconditional = [asked for asked in web.requests if asked["if-none-match"] is None]
    assert len(unconditional) == 1
    assert len(feedparser.parse((configured / "var/public/world.atom").read_bytes()).entries) == 40


def test_a_second_daemon_on_the_same_database_refuses(configured: Path, web: Web) -> None:
    web.answer("/feed", ok(rss(item(1))))
    with Process("run", folder=configured) as daemon:
        address(daemon)
        second = aggregator("run", "--once", folder=configured)
        assert second.returncode == 1
        assert "aggregator.db" in second.stderr
        assert json.loads(aggregator("status", "--json", folder=configured).stdout)[0]["source"] == "morning"


#: The program, in which a feed that says so makes its reader hang.
WITH_A_BUG = (
    "-c",
    f"import sys; sys.path.append({str(Path(__file__).parents[2])!r}); "  # the tests are installed nowhere
    "import aggregator.pipeline.visit as visit; from tests.support.hostile import hanging_read_feed; "
    "visit.read_feed = hanging_read_feed; from aggregator.cli import main; main()",
)


def children(pid: int) -> set[int]:
    """The processes that it began and that still run."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = stat.read_text().rpartition(")")
            state, parent = rest.split()[:2]
            if int(parent) == pid and state != "Z":
                found.add(int(name.split()[0]))
    return found


def are_gone(pids: set[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("document", ["in a while", "hang the reader"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_reading_process_outlives_the_daemon(
    configured: Path, web: Web, document: str, number: signal.Signals
) -> None:
    web.answer("/feed", ok(rss(item(1, document))))
    with Process("run", folder=configured, program=WITH_A_BUG) as daemon:
        readers = eventually(lambda: children(daemon.pid))
        if document == "in a while":
            daemon.said("polled")
        daemon.signal(number)
        if document == "hang the reader" and number != signal.SIGKILL:
            daemon.said("polls under way are waited for")
            daemon.signal(number)  # a second one does not wait for the polls under way
        assert daemon.end() == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    assert eventually(lambda: are_gone(readers))
