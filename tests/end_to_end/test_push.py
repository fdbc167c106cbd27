"""A publisher, its hub and the daemon as a process: from the push to the published feed."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import feedparser
import pytest

from tests.end_to_end.test_daemon import address
from tests.support.documents import item, rss
from tests.support.hub import Hub
from tests.support.listener import Listener, signed
from tests.support.process import Process, aggregator, eventually, get
from tests.support.threaded import threaded_web
from tests.support.web import NOT_MODIFIED, Asked, ok, silence

pytestmark = pytest.mark.slow

CONFIG = """
defaults: {{allow_private: 127.0.0.0/8, interval: 1h}}
sources:
  - {{id: morning, url: "{web}/feed", section: 国际}}
sections:
  - {{id: world, title: 国际}}
server: {{listen: "127.0.0.1:0"}}
"""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with threaded_web() as web:
        yield Hub(web=web)


def printed(root: str, title: str) -> None:
    """Wait until it is in the published feed."""
    eventually(
        lambda: title in [entry.title for entry in feedparser.parse(get(f"{root}/world.atom")).entries]
    )


def push(hub: Hub, body: bytes) -> tuple[float, int]:
    """When it was begun, and the status that answered."""
    begun = time.monotonic()
    return begun, asyncio.run(hub.push(body)).status_code


def test_63_what_a_hub_pushes_is_published_within_two_seconds(tmp_path: Path, hub: Hub) -> None:
    hub.web.answer("/feed", ok(hub.feed(item(1)), etag='"1"'), NOT_MODIFIED)
    (tmp_path / "feeds.yaml").write_text(CONFIG.format(web=hub.web.url("")), encoding="utf-8")
    with Process("run", folder=tmp_path) as daemon:
        root = address(daemon)
        daemon.said("the hub will push")
        waits = []
        for number in range(2, 5):
            begun, status = push(hub, rss(item(number, f"推送{number}")))
            assert status == 202
            printed(root, f"推送{number}")
            waits.append(time.monotonic() - begun)
        assert max(waits) < 2, waits
        (row,) = json.loads(get(f"{root}/status", Accept="application/json"))
        assert (row["push"], row["pushes"]) == ("active", 3)
        assert hub.web.paths().count("/feed") == 1
        daemon.signal(signal.SIGTERM)
        assert daemon.end() == 0
    (row,) = json.loads(aggregator("status", "--json", folder=tmp_path).stdout)
    assert (row["push"], row["pushes"]) == ("active", 3)


def test_a_restarted_daemon_is_pushed_to_at_its_new_address(tmp_path: Path, hub: Hub) -> None:
    hub.web.answer("/feed", ok(hub.feed(item(1)), etag='"1"'), NOT_MODIFIED)
    (tmp_path / "feeds.yaml").write_text(CONFIG.format(web=hub.web.url("")), encoding="utf-8")
    for round_ in (1, 2):
        with Process("run", folder=tmp_path) as daemon:
            root = address(daemon)
            daemon.said("the hub will push")
            assert push(hub, rss(item(10 + round_, f"第{round_}轮")))[1] == 202
            printed(root, f"第{round_}轮")
            daemon.signal(signal.SIGKILL)
            daemon.end()
    assert hub.web.paths().count("/feed") == 1


def brought_with(listener: Listener, title: str) -> list[Asked]:
    return [one for one in listener.brought if title.encode() in one.body]


def test_what_is_new_at_a_source_is_at_our_own_subscribers_within_two_seconds(
    tmp_path: Path, hub: Hub
) -> None:
    """The whole way: the source's hub pushes, the paper is printed, our hub brings it on."""
    hub.web.answer("/feed", ok(hub.feed(item(1)), etag='"1"'), NOT_MODIFIED)
    config = CONFIG.format(web=hub.web.url("")) + "output: {websub: {hub: self}}\n"
    (tmp_path / "feeds.yaml").write_text(config, encoding="utf-8")
    listener = Listener(web=hub.web)
    with Process("run", folder=tmp_path) as daemon:
        root = address(daemon)
        daemon.said("the hub will push")
        assert asyncio.run(listener.ask(f"{root}/hub", f"{root}/world.atom", secret="s")).status_code == 202
        daemon.said("confirmed")
        waits = []
        for number in range(2, 5):
            begun, status = push(hub, rss(item(number, f"推送{number}")))
            assert status == 202
            brought = eventually(partial(brought_with, listener, f"推送{number}"))
            waits.append(time.monotonic() - begun)
            assert signed(brought[0], "s")
        print("from the push to our subscriber, seconds:", *[f"{wait:.2f}" for wait in waits])
        assert max(waits) < 2


def test_a_kill_between_printing_and_telling_loses_nothing(tmp_path: Path, hub: Hub) -> None:
    hub.web.answer("/feed", ok(rss(item(1))), ok(rss(item(2, "夜里的新闻"), item(1))))
    config = CONFIG.format(web=hub.web.url("")).replace("interval: 1h", "interval: 1s")
    config += 'output: {websub: {hub: self}}\nsite: {base_url: "https://paper.example"}\n'
    (tmp_path / "feeds.yaml").write_text(config, encoding="utf-8")
    listener = Listener(web=hub.web)
    with Process("run", folder=tmp_path) as daemon:
        root = address(daemon)
        listener.answers = [silence]
        asked = listener.ask(f"{root}/hub", "https://paper.example/world.rss")
        assert asyncio.run(asked).status_code == 202
        eventually(lambda: listener.brought)
        daemon.signal(signal.SIGKILL)
    with Process("run", folder=tmp_path) as daemon:
        address(daemon)
        eventually(lambda: len(listener.brought) > 1 and brought_with(listener, "夜里的新闻"))
