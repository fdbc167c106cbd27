"""A paper that is set from right to left, with articles among it that are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.chromium import DESKTOP, PHONE, window
from tests.support.documents import item, rss
from tests.support.process import Process, eventually, get
from tests.support.threaded import threaded_web
from tests.support.web import ok

pytestmark = pytest.mark.slow

CONFIG = """
site: {{title: صحيفة المرفأ, description: أخبار الضفتين, language: ar}}
defaults: {{allow_private: 127.0.0.0/8, interval: 1h}}
sources:
  - {{id: morning, url: "{web}/feed"}}
  - {{id: post, url: "{web}/post", language: en}}
sections: [{{id: world, title: العالم, include: "*"}}, {{id: city, title: المدينة, match: {{tag: النقل}}}}]
"""
BRIDGE = item(
    1,
    "افتتاح جسر المشاة الجديد فوق النهر",
    text="افتتح صباح اليوم جسر المشاة الجديد الذي يربط ضفتي النهر.",
    category="<category>النقل</category>",
)
FERRY = item(2, "New ferry timetable (14 crossings a day)", text="It begins on Monday.")


@pytest.fixture(scope="module")
def paper(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("paper")
    with threaded_web() as web:
        web.answer("/feed", ok(rss(BRIDGE)))
        web.answer("/post", ok(rss(FERRY)))
        (folder / "feeds.yaml").write_text(CONFIG.format(web=web.url("")), encoding="utf-8")
        with Process("run", "--listen", "127.0.0.1:0", folder=folder) as running:
            root = running.said(r"(http://127\.0\.0\.1:\d+)/$")[1]
            eventually(lambda: b"/a/" in get(f"{root}/city/") and b"ferry" in get(f"{root}/world/"))
            yield root


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_fit_their_window_and_are_open_to_all(browser: Any, paper: str, size: tuple[int, int]) -> None:
    article = re.search(r"a/[0-9a-z]{26}\.html", get(f"{paper}/city/").decode())
    assert article
    faults = []
    with window(browser, paper, size) as look:
        for path in ("/", "/world/", f"/{article[0]}", "/search?q=ferry", "/status", "/nowhere/"):
            look.open(path)
            if (overflow := look.overflow()) > 0:
                faults.append(f"{path}: {overflow} px too wide")
            faults += [f"{path}: {violation}" for violation in look.violations()]
    assert not faults, "\n".join(faults)


def test_each_article_begins_where_its_script_does(browser: Any, paper: str) -> None:
    with window(browser, paper) as look:
        look.open("/world/")
        assert look.ask("getComputedStyle(document.querySelector('h1')).direction") == "rtl"
        places = look.ask("""[...document.querySelectorAll('.item')].map(item => {
          const said = document.createRange(), whole = item.getBoundingClientRect()
          return ['h2', '.summary', '.facts'].map(part => {
            said.selectNodeContents(item.querySelector(part))
            const box = said.getBoundingClientRect()
            return [item.textContent.includes('ferry'), box.left - whole.left, whole.right - box.right]
          })
        }).flat()""")
    assert {ltr for ltr, _, _ in places} == {True, False}
    for ltr, left, right in places:
        assert (left < right) is ltr


def test_dates_and_numbers_of_ours_keep_their_order(browser: Any, paper: str) -> None:
    with window(browser, paper) as look:
        look.open("/world/")
        first, last = look.ask("""['count', 'word'].map((_, at) => {
          const line = document.querySelector('.heading .facts > span').firstChild, range = document.createRange()
          const [from, to] = at ? [2, line.length] : [0, 1]
          range.setStart(line, from); range.setEnd(line, to)
          return range.getBoundingClientRect().left
        })""")
        assert first < last, "2 articles, not articles 2"
