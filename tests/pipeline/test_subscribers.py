"""No subscriber ever sees an old article as new: one article, one id, whatever becomes of the paper around it."""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import feedparser
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aggregator.app.plan import plan_of
from aggregator.pipeline import carry_in, carry_out
from aggregator.pipeline.byhand import Stories
from storage import open_store
from storage.model import Article
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import Web, ok

ACTIONS = (
    "news", "edit", "retitle", "rename the source", "move the paper", "go over to https", "change the section",
    "rebuild the database", "rebuild and rename", "restart", "lose the files", "shuffle the feed", "drop the oldest",
    "another paper copies", "split", "join", "prefer another copy", "ids for each section, and back",
)  # fmt: skip
PREFER = ("first", "longest", "priority")
SECTIONS = ("国际", "财经")


@dataclass(slots=True)
class Paper:
    """A paper of one source, and what its subscribers have seen."""

    room: Room
    source: str = "desk"
    base: str = "http://news.example.cn"
    section: int = 0
    texts: dict[int, str] = field(default_factory=lambda: {1: "新闻1", 2: "新闻2"})  #: titles by number
    edits: int = 0
    names: int = 0
    turned: bool = False
    copies: dict[int, str] = field(default_factory=dict)  #: bodies that another paper has copied, by number
    prefer: int = 0
    entry_ids: str = "one"
    was_split: bool = False
    ids: dict[int, str] = field(default_factory=dict)
    apart: dict[int, str] = field(default_factory=dict)  #: ids of copies that were split off, by number

    def config(self) -> str:
        return f"""\
site: {{title: 晨报, language: zh-CN, base_url: "{self.base}"}}
defaults: {{allow_private: 127.0.0.0/8, first_fetch: {{max_age: null}}}}
output: {{archive: yes, entry_ids: {self.entry_ids}}}
dedup: {{prefer: {PREFER[self.prefer]}}}
sources:
  - {{id: {self.source}, url: "{{web}}/feed", section: {SECTIONS[self.section]}}}
  - {{id: wire, url: "{{web}}/wire", section: 国际, priority: 5}}
sections:
  - {{id: world, title: 国际, limit: 3}}
  - {{id: business, title: 财经, limit: 3}}
"""

    def document(self) -> bytes:
        rows = [
            item(number, title, text=self.body(number), date=dated(number))
            for number, title in sorted(self.texts.items(), reverse=not self.turned)
        ]
        return rss(*rows)

    def copied(self) -> bytes:
        rows = [
            item(
                f"w{number}", f"新闻{number}（转载）", text=f"{body}<p>本报转载。</p>", date=dated(number + 1)
            )
            for number, body in sorted(self.copies.items())
        ]
        return rss(*rows, title="晚报")

    def body(self, number: int) -> str:
        return f"<p>第{number}条，改了{self.edits}次。{words(number)}</p>"

    def by_hand(self, change: Callable[[Stories, Article], object]) -> None:
        """To every article of the other paper."""
        with_plan = Stories(self.room.store, plan_of(self.room.load(self.config())), self.room.clock())
        for article in self.room.articles(source="wire"):
            change(with_plan, article)

    def do(self, action: str) -> None:
        match action:
            case "news":
                number = max(self.texts, default=0) + 1
                self.texts[number] = f"新闻{number}"
            case "edit":
                self.edits += 1
            case "retitle":
                self.texts = {number: f"新闻{number}（更正{self.edits}）" for number in self.texts}
            case "rename the source" | "rebuild and rename":
                self.names += 1
                self.source = f"desk-{self.names}"
                if action == "rebuild and rename":
                    self.rebuild()
            case "move the paper":
                self.base = f"http://paper{self.edits}.example.org/lesen"
            case "go over to https":
                self.base = self.base.replace("http://", "https://")
            case "change the section":
                self.section = 1 - self.section
            case "rebuild the database":
                self.rebuild()
            case "lose the files":
                for path in sorted((self.room.folder / "var").rglob("*"), reverse=True):
                    path.rmdir() if path.is_dir() else path.unlink()
            case "another paper copies":
                self.copies |= {number: self.body(number) for number in self.texts if number in self.ids}
            case "split":
                self.was_split = True
                self.by_hand(lambda stories, copy: stories.split(copy.uid) if copy.copy_of else None)
            case "join":
                first = {number_of(one.title): one.uid for one in self.room.articles(source=self.source)}
                self.by_hand(
                    lambda stories, copy: stories.join(copy.uid, first.get(number_of(copy.title), copy.uid))
                )
            case "prefer another copy":
                self.prefer = (self.prefer + 1) % len(PREFER)
            case "ids for each section, and back":
                self.entry_ids = "per_section"
            case "shuffle the feed":
                self.turned = not self.turned
            case "drop the oldest":
                self.texts.pop(min(self.texts), None) if len(self.texts) > 1 else None

    def rebuild(self) -> None:
        lines = list(carry_out(self.room.store, ["world", "business"]))
        self.room.store = open_store("memory://")
        carry_in(self.room.store, lines, plan_of(self.room.load(self.config())), self.room.clock())

    async def print(self) -> None:
        self.room.web.answer("/feed", ok(self.document()))
        self.room.web.answer("/wire", ok(self.copied()))
        results = await self.room.poll(self.config())
        assert all(result.ok for result in results.values())
        assert self.room.report is not None
        assert (self.room.report.error, self.room.report.faults) == (None, ())
        self.room.clock.forward(hours=3)

    def look(self) -> None:
        for path in sorted((self.room.folder / "var" / "public").rglob("*.atom")):
            if path.name == "status.atom":
                continue
            for entry in feedparser.parse(io.BytesIO(path.read_bytes())).entries:
                number = number_of(entry.title)
                if self.ids.setdefault(number, entry.id) != entry.id:
                    # Nobody but the operator takes a copy out of its story, and for good it has one id then.
                    assert self.apart.setdefault(number, entry.id) == entry.id, (path.name, entry.title)
                    assert self.was_split, (path.name, entry.title)
        everyone = [*self.ids.values(), *self.apart.values()]
        assert len(set(everyone)) == len(everyone)


def number_of(title: str) -> int:
    found = re.match(r"新闻(\d+)", title)
    assert found
    return int(found[1])


def dated(number: int) -> str:
    return f"Mon, 02 Mar 2026 07:{number:02}:00 GMT"


def words(number: int) -> str:
    """A body that shares nothing with another number's: these are different stories."""
    return "".join(chr(0x4E00 + (number * 7919 + at * (104729 + number)) % 20000) for at in range(160))


async def live(actions: list[str], folder: Path) -> Paper:
    async with Web() as web:
        paper = Paper(room=Room(web=web, folder=folder))
        for action in ["begin", *actions]:
            paper.do(action)
            await paper.print()
            if paper.entry_ids == "per_section":  # so each entry is new to all, and old again afterwards
                paper.entry_ids = "one"
                await paper.print()
            paper.look()
    return paper


@given(actions=st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=8))
@example(actions=["news", "rename the source", "news", "rebuild the database", "news"])
@example(actions=["rebuild and rename", "move the paper", "edit", "lose the files"])
@example(actions=["news", "news", "news", "change the section", "retitle", "change the section"])
@example(
    actions=["another paper copies", "prefer another copy", "split", "prefer another copy", "join", "edit"]
)
@example(
    actions=["another paper copies", "split", "rebuild the database", "join", "rename the source", "news"]
)
@example(actions=["rebuild the database", "another paper copies"])
@example(actions=["ids for each section, and back", "move the paper", "ids for each section, and back"])
@settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck))
def test_an_article_has_one_id_for_good(actions: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paper = asyncio.run(live(actions, Path(folder)))
    assert max(paper.texts) in paper.ids


async def test_a_copy_has_an_id_of_its_own_only_while_it_is_split_off(tmp_path: Path) -> None:
    """So that the property above is about what it says."""
    paper = await live(["another paper copies"], tmp_path)
    assert (sorted(paper.ids), paper.apart) == ([1, 2], {})
    paper = await live(["another paper copies", "split"], tmp_path / "split")
    assert sorted(paper.apart) == [1, 2]
