"""The demo's paper in a browser: nothing moves, nothing is in anybody's way, nothing comes from elsewhere."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.chromium import DESKTOP, PHONE, window
from tests.support.process import get

pytestmark = pytest.mark.slow


def pages(root: str) -> dict[str, str]:
    railway = re.search(r'a/[0-9a-z]{26}\.html(?=" dir="auto">跨山)', get(f"{root}/world/").decode())
    assert railway
    return {
        "front": "/",
        "section": "/world/",
        "foreign section": "/english/",
        "wire": "/wire/",
        "article": f"/{railway[0]}",
        "story": f"/{railway[0].replace('a/', 'story/', 1)}",
        "other script": "/culture/hant/",
        "search": "/search?q=%E6%B5%B7",
        "nothing found": "/search?q=zzz",
        "status": "/status",
        "missing": "/nowhere/",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_keep_still_fit_their_window_and_are_open_to_all(
    browser: Any, demo: str, size: tuple[int, int], scheme: str
) -> None:
    faults = []
    with window(browser, demo, size, scheme=scheme) as look:
        for name, path in pages(demo).items():
            look.open(path)
            if (shift := look.shift()) > 0.001:
                faults.append(f"{name}: shifts by {shift:.4f}")
            if (overflow := look.overflow()) > 0:
                faults.append(f"{name}: {overflow} px too wide")
            faults += [f"{name}: {said}" for said in look.messages if "404" not in said]
            faults += [f"{name}: {violation}" for violation in look.violations()]
    assert not faults, "\n".join(faults)


def test_nothing_is_asked_for_but_the_paper_and_the_articles_pictures(browser: Any, demo: str) -> None:
    with window(browser, demo) as look:
        for path in pages(demo).values():
            look.open(path)
            elsewhere = [url for url in look.sizes if not url.startswith(demo)]
            assert all(re.fullmatch(r"/pictures/\w+\.svg", urlsplit(url).path) for url in elsewhere)


def test_the_front_page_with_all_it_needs_is_at_most_a_hundred_kilobytes(browser: Any, demo: str) -> None:
    with window(browser, demo) as look:
        look.open("/")
        whole = [len(get(url)) for url in look.sizes if url.startswith(demo)]
        sent = [size for url, size in look.sizes.items() if url.startswith(demo)]
    assert len(whole) >= 2
    assert sum(whole) <= 100_000
    assert 0 < sum(sent) <= 30_000


def test_the_dark_is_switched_by_keyboard_and_without_script(browser: Any, demo: str) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    with window(browser, demo, script=False) as look:
        look.open("/")
        bright = look.ask(paper)
        for _ in range(8):  # skip link, …, the switch
            look.press("Tab")
            if look.ask("document.activeElement.name") == "light":
                break
        look.press("ArrowRight", "ArrowRight")
        assert look.ask("document.activeElement.id") == "light-dark"
        dark = look.ask(paper)
        look.press("ArrowLeft")
        assert look.ask(paper) == bright != dark
    with window(browser, demo, scheme="dark") as look:
        look.open("/")
        assert look.ask(paper) == dark
        look.ask("document.getElementById('light-bright').click()")
        assert look.ask(paper) == bright


def test_the_first_stop_of_the_keyboard_leads_past_the_navigation(browser: Any, demo: str) -> None:
    with window(browser, demo) as look:
        look.open("/")
        look.press("Tab")
        box = look.ask("document.activeElement.getBoundingClientRect().toJSON()")
        assert box["left"] >= 0, "it can be seen"
        look.press("Enter")
        assert look.ask("document.activeElement.id") == "main"


def test_chinese_is_set_as_chinese(browser: Any, demo: str) -> None:
    with window(browser, demo) as look:
        look.open(pages(demo)["article"])
        style = "getComputedStyle(document.querySelector('.body > p:not(:has(img))'))"
        assert look.ask(f"parseFloat({style}.textIndent) / parseFloat({style}.fontSize)") == 2
        assert look.ask(f"{style}.fontFamily").startswith('"Songti SC"')
        look.open("/english/")
        english = "getComputedStyle(document.querySelector('.item h2'))"
        assert "Songti" not in look.ask(f"{english}.fontFamily")


def test_on_paper_there_is_no_navigation(browser: Any, demo: str) -> None:
    with window(browser, demo) as look:
        look.open(pages(demo)["article"])
        look._page.emulate_media(media="print")
        shown = (
            "[...document.querySelectorAll('nav.sections, .search, .switch')].filter(one => one.offsetParent)"
        )
        assert look.ask(f"{shown}.length") == 0
        assert look.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
