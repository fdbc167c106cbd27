"""A changed configuration is taken in without a stop, a broken one leaves the old one in force."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from aggregator.config import Loaded, load_config
from aggregator.daemon.reloader import Reloader
from aggregator.pipeline import Plan
from storage.errors import StorageError
from tests.daemon.running import Gate, config, eventually, plan, running
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok


async def test_a_reload_removes_adds_and_leaves_the_others_their_next_poll(room: Room) -> None:
    for number, name in enumerate("abc"):
        room.web.answer(f"/{name}", ok(rss(item(number, guid=name, link=f"http://{name}.example/"))))
    async with running(room, config("a", "b")) as office:
        await eventually(lambda: office.polled() == {"a": 1, "b": 1})
        kept = room.source("b").next_poll
        office.next_plan = plan(room, config("b", "c"))
        assert await office.daemon.reload()
        await eventually(lambda: office.polled()["c"] == 1)
        assert room.source("b").next_poll == kept
        room.clock.forward(hours=2)
        await eventually(lambda: office.polled() == {"a": 1, "b": 2, "c": 2})


async def test_a_shorter_interval_does_not_wait_for_the_end_of_the_longer_one(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    async with running(room, WEEKLY) as office:
        await eventually(lambda: office.polled() == {"a": 1})
        assert room.source("a").next_poll > room.clock() + timedelta(days=6)
        office.next_plan = plan(room, WEEKLY.replace("7d", "1h"))
        assert await office.daemon.reload()
        assert room.source("a").next_poll <= room.clock() + timedelta(hours=2)
        assert room.source("a").next_poll_reason.startswith("interval 1h")


WEEKLY = """
defaults: {allow_private: 127.0.0.0/8, interval: 7d}
sources: [{id: a, url: "{web}/a"}]
"""

PORTAL = """
defaults: {allow_private: 127.0.0.0/8}
sources:
  - {id: portal, url: "{web}/guoji/", robots: obey}
"""


@pytest.mark.parametrize("status", ["200 OK", "503 Busy"])
async def test_what_robots_txt_kept_from_being_read_is_read_as_soon_as_it_is_to_be_ignored(
    room: Room, status: str
) -> None:
    room.web.answer("/robots.txt", ok(b"User-agent: *\nDisallow: /", status=status))
    room.web.answer("/guoji/", ok(rss(item(1))))
    async with running(room, PORTAL) as office:
        await eventually(lambda: office.polled() == {"portal": 1})
        assert room.web.paths() == ["/robots.txt"]
        office.next_plan = plan(room, PORTAL + "site: {title: Another}\n")
        assert await office.daemon.reload()
        await office.ticks()
        assert office.polled() == {"portal": 1}
        office.next_plan = plan(room, PORTAL.replace("obey", "ignore"))
        assert await office.daemon.reload()
        await eventually(lambda: office.polled() == {"portal": 2})
        assert room.titles() == ["新闻1"]
        office.next_plan = plan(room, PORTAL)
        assert await office.daemon.reload()
        await office.ticks()
        assert office.polled() == {"portal": 2}


async def test_what_a_site_asked_for_outlives_the_change_of_a_rule(room: Room) -> None:
    room.web.answer("/robots.txt", ok(b"", status="429 Slow Down", retry_after="7200"))
    room.web.answer("/guoji/", ok(rss(item(1))))
    async with running(room, PORTAL) as office:
        await eventually(lambda: office.polled() == {"portal": 1})
        held = room.clock() + timedelta(hours=2)
        office.next_plan = plan(room, PORTAL.replace("obey", "ignore"))
        assert await office.daemon.reload()
        await office.ticks()
        assert room.source("portal").next_poll >= held
        assert room.web.paths() == ["/robots.txt"]


async def test_a_broken_file_keeps_the_old_plan(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    async with running(room, config("a")) as office:
        await eventually(lambda: office.polled() == {"a": 1})
        before = office.desk.plan
        office.next_plan = lambda: None
        assert not await office.daemon.reload()

        def fault() -> Plan:
            raise RuntimeError("a bug of the loader")

        office.next_plan = fault
        assert not await office.daemon.reload()
        assert office.desk.plan is before
        room.clock.forward(hours=1)
        await eventually(lambda: office.polled() == {"a": 2})


async def test_a_poll_that_ends_after_a_reload_is_placed_by_the_new_rules(room: Room) -> None:
    gate = Gate()
    room.web.answer("/a", gate.script())
    async with running(room, config("a")) as office:
        await eventually(lambda: gate.waiting == 1)
        office.next_plan = plan(room, config("a").replace("id: world, title: 国际", "id: sea, title: 国际"))
        assert await office.daemon.reload()
        gate.opened.set()
        await eventually(lambda: office.results)
        assert [article.sections for article in room.articles()] == [("sea",)]
        await eventually(lambda: "新闻1".encode() in room.published("sea.atom"))


async def test_a_source_removed_while_it_is_polled_brings_nothing(room: Room) -> None:
    gate = Gate()
    room.web.answer("/a", gate.script())
    room.web.answer("/b", ok(rss(item(2))))
    async with running(room, config("a")) as office:
        await eventually(lambda: gate.waiting == 1)
        office.next_plan = plan(room, config("b"))
        assert await office.daemon.reload()
        gate.opened.set()
        await eventually(lambda: len(office.results) == 2)
        assert {result.source: result.kind for result in office.results} == {"a": "lost", "b": "taken"}
        assert room.titles() == ["新闻2"]


async def test_two_reloads_at_once_come_one_after_the_other(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    plans = [plan(room, config("a", "b"))(), plan(room, config("a", "c"))()]
    async with running(room, config("a")) as office:
        office.next_plan = lambda: plans.pop(0)
        await asyncio.gather(office.daemon.reload(), office.daemon.reload())
        assert sorted(office.desk.plan.sources) == ["a", "c"]
        assert [record.id for record in room.store.sources()] == ["a", "c"]


async def test_a_plan_that_the_store_refuses_is_tried_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        room.web.answer(f"/{name}", ok(rss(item(name))))
    async with running(room, config("a")) as office:
        await eventually(lambda: office.polled() == {"a": 1})
        failures: list[int] = []
        real = room.store.sync_sources

        def busy(*arguments: Any) -> None:
            if len(failures) < 3:
                failures.append(1)
                raise StorageError("busy")
            real(*arguments)

        monkeypatch.setattr(room.store, "sync_sources", busy)
        office.next_plan = plan(room, config("a", "b"))
        assert not await office.daemon.reload()
        assert sorted(office.desk.plan.sources) == ["a"]
        await eventually(lambda: office.polled()["b"] == 1)


# -- noticing changes

MAIN = "include: feeds.d/*.yaml\nsources: [{id: a, url: http://a.example/}]\n"


def part(name: str) -> str:
    return f"sources: [{{id: {name}, url: http://{name}.example/}}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feeds.d").mkdir()
    (tmp_path / "feeds.yaml").write_text(MAIN, encoding="utf-8")
    (tmp_path / "feeds.d" / "b.yaml").write_text(part("b"), encoding="utf-8")
    return tmp_path


def reloader(folder: Path) -> Reloader:
    def load() -> Loaded:
        return load_config(folder / "feeds.yaml", env={})

    return Reloader(load(), load, told=lambda _: None)


def sources(loaded: Loaded | None) -> list[str]:
    assert loaded is not None
    return [source.id for source in loaded.config.sources]


def written(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "after"),
    [
        pytest.param(written("feeds.yaml", MAIN.replace("id: a,", "id: z,")), ["z", "b"], id="the file"),
        pytest.param(written("feeds.d/b.yaml", part("bb")), ["a", "bb"], id="an included file"),
        pytest.param(written("feeds.d/c.yaml", part("c")), ["a", "b", "c"], id="a new file under a pattern"),
        pytest.param(lambda folder: (folder / "feeds.d/b.yaml").unlink(), ["a"], id="a file taken away"),
    ],
)
def test_a_change_is_noticed_once(folder: Path, change: Callable[[Path], object], after: list[str]) -> None:
    watching = reloader(folder)
    assert not watching.changed()
    change(folder)
    assert watching.changed()
    assert sources(watching()) == after
    assert not watching.changed()


def test_a_file_that_does_not_match_is_no_change(folder: Path) -> None:
    watching = reloader(folder)
    written("feeds.d/readme.txt", "")(folder)
    assert not watching.changed()


def test_a_broken_file_is_told_of_once_and_its_mending_noticed(folder: Path) -> None:
    watching = reloader(folder)
    written("feeds.yaml", MAIN + "nonsense: 1\n")(folder)
    with capture_logs() as logs:
        assert watching() is None
    assert "nonsense" in logs[0]["fault"]
    assert not watching.changed()
    written("feeds.yaml", MAIN)(folder)
    assert watching.changed()
    assert sources(watching()) == ["a", "b"]


def test_a_named_file_that_was_missing_is_noticed_when_it_comes(folder: Path) -> None:
    watching = reloader(folder)
    written("feeds.yaml", MAIN.replace("feeds.d/*.yaml", "more.yaml"))(folder)
    assert watching() is None
    assert not watching.changed()
    written("more.yaml", part("m"))(folder)
    assert watching.changed()
    assert sources(watching()) == ["a", "m"]


def test_a_change_while_the_files_are_read_is_noticed(folder: Path) -> None:
    def load() -> Loaded:
        loaded = load_config(folder / "feeds.yaml", env={})
        written("feeds.d/b.yaml", part("late"))(folder)
        return loaded

    watching = Reloader(load_config(folder / "feeds.yaml", env={}), load, told=lambda _: None)
    assert sources(watching()) == ["a", "b"]
    assert watching.changed()


@pytest.mark.parametrize("name", ["item.html", "new.html", "paper.css"])
def test_a_change_of_the_operators_look_is_noticed(folder: Path, name: str) -> None:
    look = folder / "look"
    look.mkdir()
    for file in ("item.html", "paper.css"):
        written(f"look/{file}", "")(folder)
    written("feeds.yaml", MAIN + "output: {templates: look, stylesheet: look/paper.css}\n")(folder)
    watching = reloader(folder)
    assert not watching.changed()
    written(f"look/{name}", "p{}")(folder)
    assert watching.changed()
    assert sources(watching()) == ["a", "b"]
    assert not watching.changed()


def test_a_broken_template_keeps_the_old_look(folder: Path) -> None:
    written("item.html", "{{ item.title }}")(folder)
    written("feeds.yaml", MAIN + "output: {templates: .}\n")(folder)
    watching = reloader(folder)
    written("item.html", "{{ item.title }")(folder)
    with capture_logs() as logs:
        assert watching() is None
    assert "item.html:1:1: unexpected '}'" in logs[0]["fault"]


def test_what_needs_a_restart_is_named(folder: Path) -> None:
    watching = reloader(folder)
    written("feeds.yaml", MAIN + "server: {listen: '127.0.0.1:9'}\n")(folder)
    with capture_logs() as logs:
        watching()
    assert [line["key"] for line in logs if "key" in line] == ["server", "site.base_url"]
