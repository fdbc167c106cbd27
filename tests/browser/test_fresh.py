"""New articles are told of above an open page, which keeps still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import PHONE, window
from tests.support.documents import item, rss
from tests.support.process import Process, eventually, get
from tests.support.threaded import threaded_web
from tests.support.web import Web, ok

pytestmark = pytest.mark.slow

CONFIG = """
site: {{title: Morning, language: {language}}}
defaults: {{allow_private: 127.0.0.0/8, interval: 1s}}
sources: [{{id: morning, url: "{web}/feed"}}]
sections: [{{id: world, title: World, include: "*"}}]
"""
TOLD = "document.querySelector('.fresh')?.textContent"
MINUTES = 60_000


@pytest.fixture
def web(browser: Any) -> Iterator[Web]:
    with threaded_web() as made:
        made.answer("/feed", ok(rss(item(1), item(2))))
        yield made


@pytest.fixture
def paper(web: Web, tmp_path: Path, language: str) -> Iterator[str]:
    (tmp_path / "feeds.yaml").write_text(CONFIG.format(web=web.url(""), language=language), encoding="utf-8")
    with Process("run", "--listen", "127.0.0.1:0", folder=tmp_path) as running:
        root = running.said(r"(http://127\.0\.0\.1:\d+)/$")[1]
        eventually(lambda: "新闻2" in get(f"{root}/world/").decode())
        yield root


def printed(web: Web, root: str, *numbers: int) -> None:
    web.answer("/feed", ok(rss(*map(item, numbers))))
    for path in ("/", "/world/"):
        eventually(lambda path=path: f"新闻{max(numbers)}" in get(root + path).decode())  # type: ignore[misc]  # of a default


@pytest.mark.parametrize("path", ["/", "/world/"])
@pytest.mark.parametrize(
    ("language", "one", "two"),
    [("en", "1 new article", "2 new articles"), ("zh-CN", "有 1 篇新文章", "有 2 篇新文章")],
)
def test_new_articles_are_told_of_and_nothing_moves(
    browser: Any, web: Web, paper: str, path: str, one: str, two: str
) -> None:
    with window(browser, paper, PHONE) as look:
        clock = look.clock()
        look.open(path)
        article = "JSON.stringify(document.querySelector('main article').getBoundingClientRect())"
        before, place = look.ask("document.querySelector('main').innerHTML"), look.ask(article)
        clock.run_for(3 * MINUTES)
        assert look.ask(TOLD) == "", "the page is as it was"

        printed(web, paper, 1, 2, 3)
        clock.run_for(3 * MINUTES)
        look.wait(f"{TOLD} == {one!r}")
        printed(web, paper, 1, 2, 3, 4)
        clock.run_for(3 * MINUTES)
        look.wait(f"{TOLD} == {two!r}")
        assert look.ask("document.querySelector('main').innerHTML") == before
        assert look.ask(article) == place
        assert look.shift() < 0.001  # part of a pixel, now and then, where no element has moved
        assert not look.violations()
        assert not look.messages

        look.ask("document.querySelector('.fresh a').click()")
        look.wait("document.querySelector('main')?.textContent.includes('新闻4')")
        look.settle()
        assert look.ask(TOLD) == ""


@pytest.mark.parametrize("language", ["en"])
def test_a_page_without_news_is_answered_with_304_and_asked_for_seldom(
    browser: Any, web: Web, paper: str
) -> None:
    with window(browser, paper) as look:
        clock = look.clock()
        look.open("/world/")
        answers = look.answers("/world/")
        for _ in range(10):
            clock.run_for(MINUTES)
            look.settle()
        statuses = answers()
    assert 4 <= len(statuses) <= 5
    assert set(statuses) == {304}


@pytest.mark.parametrize("language", ["en"])
def test_a_server_that_is_away_is_asked_ever_more_seldom(browser: Any, paper: str) -> None:
    with window(browser, paper) as look:
        clock = look.clock()
        look.open("/world/")
        asked = look.refused("**/world/")
        for _ in range(60):
            clock.run_for(MINUTES)
            look.settle()
        assert 3 <= len(asked) <= 6
        assert look.ask(TOLD) == ""
