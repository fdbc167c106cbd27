"""The archives of our own feeds (RFC 5005): closed once, never changed, and nothing falls between them."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from aggregator.app.desk import press_of
from aggregator.app.plan import plan_of
from aggregator.config.load import parse_config
from aggregator.pipeline import Press
from aggregator.pipeline.withdrawn import withdraw
from storage import Article, ArticleStore, open_store
from tests.support.room import MORNING, FakeClock

HEAD = "site: {base_url: https://news.example.cn, id_domain: news.example.cn}\noutput: {archive: yes}\n"
SOURCES = "sources: [{id: desk, url: https://desk.example/feed, section: 国际}]\n"
HISTORY = "{http://purl.org/syndication/history/1.0}"


class House:
    """A press over a store, and articles that come by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.store: ArticleStore = open_store("memory://")
        self.number = 0

    def press(self, section: str = "limit: 4", head: str = HEAD) -> Press:
        text = f"{head}{SOURCES}sections: [{{id: world, title: 国际, {section}}}]\n"
        loaded = parse_config(text, path=self.folder / "feeds.yaml")
        plan = plan_of(loaded)
        self.store.sync_sources(plan.seeds(), self.clock())
        return press_of(loaded, plan, self.store, self.clock)

    def arrive(self, count: int = 1, **fields: Any) -> list[str]:
        made = []
        for _ in range(count):
            self.number += 1
            self.clock.forward(minutes=1)
            values = {"title": f"新闻{self.number}", "sections": ("world",), "first_seen": self.clock()}
            uid = f"{self.number:026}"
            made.append(Article(**{"uid": uid, "source": "desk", "story": uid, **values, **fields}))
        with self.store.by_hand() as hand:
            hand.save(made)
        return [one.uid for one in made]

    def publish(self, press: Press) -> None:
        report = press.publish()
        assert (report.error, report.faults) == (None, ())

    def read(self, name: str) -> bytes:
        return (self.folder / "var" / "public" / name).read_bytes()

    def archives(self) -> dict[str, str]:
        """The hash of each archive document, by name."""
        root = self.folder / "var" / "public"
        return {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(root.glob("world/archive/*"))
        }

    def chain(self, form: str = "atom") -> Iterator[tuple[str, Any]]:
        """The feed and its archives as a reader follows them, newest first."""
        name = f"world.{form}"
        while name:
            feed = feedparser.parse(io.BytesIO(self.read(name)))
            yield name, feed
            before = [link.href for link in feed.feed.links if link.rel == "prev-archive"]
            name = before[0].removeprefix("https://news.example.cn/") if before else ""

    def followed(self, form: str = "atom") -> set[str]:
        return {entry.id.rpartition(":")[2] for _, feed in self.chain(form) for entry in feed.entries}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_short_feed_has_no_archives(house: House) -> None:
    house.arrive(3)
    house.clock.forward(hours=2)
    house.publish(house.press())
    assert house.archives() == {}
    assert b"archive" not in house.read("world.atom")


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_whoever_follows_the_links_misses_nothing(house: House, form: str) -> None:
    press, came = house.press(), []
    for _ in range(12):
        came += house.arrive(3)
        house.clock.forward(hours=2)
        house.publish(press)
        assert house.followed(form) == set(came)
    names = [name for name, _ in house.chain(form)]
    assert names == [f"world.{form}", *(f"world/archive/{n}.{form}" for n in range(len(names) - 1, 0, -1))]
    assert len(names) >= 8


def test_a_closed_archive_never_changes(house: House) -> None:
    press = house.press()
    seen: dict[str, str] = {}
    for step in range(10):
        house.arrive(3, published=MORNING - timedelta(days=step))
        house.clock.forward(hours=2)
        house.publish(press if step % 3 else house.press())  # restarts in between
        now = house.archives()
        assert seen.items() <= now.items()
        seen = now
    assert len(seen) > 9


def test_an_edit_does_not_reach_a_closed_archive(house: House) -> None:
    press, (first, *_) = house.press(), house.arrive(8)
    house.clock.forward(hours=2)
    house.publish(press)
    before = house.archives()
    edited = house.store.article(first)
    assert edited is not None
    with house.store.by_hand() as hand:
        hand.save([replace(edited, title="更正", content_hash="x")])
    house.publish(house.press())
    assert house.archives() == before


@pytest.mark.parametrize("mark", [f"{HISTORY}archive", f"channel/{HISTORY}archive"])
def test_an_archive_says_what_it_is_and_where_the_feed_is(house: House, mark: str) -> None:
    house.arrive(12)
    house.clock.forward(hours=2)
    house.publish(house.press())
    form = "rss" if mark.startswith("channel") else "atom"
    for number in (1, 2, 3):
        body = house.read(f"world/archive/{number}.{form}")
        assert etree.fromstring(body).find(mark) is not None
        links = {link.rel: link.href for link in feedparser.parse(io.BytesIO(body)).feed.links}
        base = "https://news.example.cn/world"
        assert links["self"] == f"{base}/archive/{number}.{form}"
        assert links["current"] == f"{base}.{form}"
        assert links.get("prev-archive") == (f"{base}/archive/{number - 1}.{form}" if number > 1 else None)
        assert ("next-archive" in links) == (number == 1)
        assert "hub" not in links
    assert etree.fromstring(house.read(f"world.{form}")).find(mark) is None


def test_json_readers_find_older_articles_by_next_url(house: House) -> None:
    house.arrive(12)
    house.clock.forward(hours=2)
    house.publish(house.press())
    found, name = [], "world.json"
    while name:
        feed = json.loads(house.read(name))
        found += [item["title"] for item in feed["items"]]
        name = feed.get("next_url", "").removeprefix("https://news.example.cn/")
    assert set(found) == {f"新闻{n}" for n in range(1, 13)}


def test_what_arrived_within_the_hour_waits(house: House) -> None:
    house.arrive(40)
    house.publish(house.press())
    assert house.archives() == {}


def test_an_article_that_leaves_by_its_age_is_archived_after_a_day(house: House) -> None:
    press = house.press("limit: 50, max_age: 2d")
    came = house.arrive(2)
    house.clock.forward(days=2, hours=1)
    came += house.arrive(1)
    house.publish(press)
    assert house.followed() == set(came)
    # Two, since the first has to name a second.
    assert {name.partition(".")[0] for name in house.archives()} == {"world/archive/1", "world/archive/2"}


def test_what_weighs_too_little_is_in_no_archive(house: House) -> None:
    house.arrive(8)
    heavy = house.arrive(8, image="https://a.example/p.jpg")
    house.clock.forward(hours=2)
    house.publish(house.press("limit: 4, min_score: 1"))
    assert house.followed() == set(heavy)


def test_lost_archives_are_made_again(house: House) -> None:
    house.arrive(12)
    house.clock.forward(hours=2)
    house.publish(house.press())
    before = house.archives()
    for name in before:
        (house.folder / "var" / "public" / name).unlink()
    house.publish(house.press())
    assert house.archives() == before


def test_archives_go_when_they_are_not_wanted_any_more(house: House) -> None:
    house.arrive(12)
    house.clock.forward(hours=2)
    house.publish(house.press())
    house.publish(house.press(head=HEAD.replace("archive: yes", "archive: no")))
    assert house.archives() == {}


# -- withdrawn articles


def test_a_withdrawn_article_is_struck_from_the_feed_and_its_archive_alone(house: House) -> None:
    press, came = house.press(), house.arrive(12)
    house.clock.forward(hours=2)
    house.publish(press)
    before = house.archives()
    gone = [came[1], came[-1]]
    for uid in gone:
        assert [one.uid for one in withdraw(house.store, uid, house.clock(), "by order")] == [uid]
    house.publish(press)
    assert house.followed() == set(came) - set(gone)
    changed = {name for name, digest in house.archives().items() if before[name] != digest}
    assert {name.partition(".")[0] for name in changed if not name.endswith((".gz", ".br"))} == {
        "world/archive/1",
        "world/archive/3",
    }
    root = Path(house.folder / "var" / "public")
    assert not [path for path in root.rglob("*") if path.is_file() and "新闻12".encode() in path.read_bytes()]
    after = house.archives()
    house.publish(house.press())
    assert house.archives() == after
