"""The sample newsstand's portal, which has no feed, from a feeds.yaml that names nothing but its section pages."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import feedparser
import pytest

from aggregator.clock import system_clock
from aggregator.demo import Newsstand, portal
from aggregator.demo.feeds import CHINA
from aggregator.demo.stories import Story, read_stories
from aggregator.serve import HttpServer
from tests.support.process import aggregator

pytestmark = pytest.mark.slow


@contextmanager
def newsstand() -> Iterator[tuple[str, datetime]]:
    """Its address, and when it opened: stories are dated back from then."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opened = system_clock()
    server = HttpServer(Newsstand(lambda: opened).app(), "127.0.0.1:0")
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    try:
        yield server.address, opened
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What came out, and what it was made of."""

    entries: dict[str, feedparser.FeedParserDict]  #: of the Atom feed, by their titles
    stories: list[Story]
    stand: str

    def pairs(self) -> Iterator[tuple[Story, feedparser.FeedParserDict]]:
        return ((story, self.entries[story.title]) for story in self.stories)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("portal")
    with newsstand() as (stand, opened):
        sections = "\n".join(f"  - {stand}/portal/{name}/" for name in portal.SECTIONS.values())
        (folder / "feeds.yaml").write_text(
            f"defaults: {{allow_private: 127.0.0.0/8}}\nsources:\n{sections}\n", encoding="utf-8"
        )
        done = aggregator("run", "--once", folder=folder)
        assert done.returncode == 0, done.stderr
        feed = feedparser.parse((folder / "var/public/all.atom").read_bytes())
        stories = read_stories("stories.yaml", opened)
        known = {story.id: story for story in stories}
        return Published(
            entries={entry.title: entry for entry in feed.entries},
            stories=read_stories("portal.yaml", opened, known),
            stand=stand,
        )


def _shown(html: str) -> list[str]:
    """The paragraphs and headings as a reader sees them."""
    parts = re.findall(r"<(?:p|h[2-4])>(.*?)</(?:p|h[2-4])>", html)
    return [text for part in parts if (text := re.sub(r"<[^>]+>", "", part).replace("&amp;", "&").strip())]


def test_every_article_of_every_section_is_there_once(published: Published) -> None:
    assert sorted(published.entries) == sorted(story.title for story in published.stories)


def test_texts_are_whole_and_hold_nothing_else(published: Published) -> None:
    """Articles in two parts, a page in GB18030 that says UTF-8; without pager, editor, share bar and related list."""
    for story, entry in published.pairs():
        assert _shown(entry.content[0].value) == [*filter(None, [story.lead]), *story.paragraphs]
    assert any(len(story.pages) > 1 for story in published.stories)
    assert any(story.gb18030 for story in published.stories)


def test_lazy_pictures_have_their_real_addresses(published: Published) -> None:
    for story, entry in published.pairs():
        found = re.findall(r'<img[^>]* src="([^"]+)"', entry.content[0].value)
        assert found == ([f"{published.stand}/pictures/{story.picture}.svg"] if story.picture else [])


def test_sections_and_days_are_those_of_the_portal(published: Published) -> None:
    for story, entry in published.pairs():
        assert story.section in {tag.term for tag in entry.tags}
        day = story.published.astimezone(CHINA).date()
        assert datetime.fromisoformat(entry.published).astimezone(CHINA).date() == day
        assert entry.link == f"{published.stand}/portal/{portal.SECTIONS[story.section]}/{story.id}.html"
