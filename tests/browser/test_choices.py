"""What a reader has chosen holds on every page, from before the first thing is painted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.chromium import window

pytestmark = pytest.mark.slow

PAPER = "getComputedStyle(document.body).backgroundColor"
#: What stands there when the document is parsed as far as its body: nothing was painted before.
EARLY = """new MutationObserver((_, watch) => {
  if (document.body) { window.early = getComputedStyle(document.documentElement).colorScheme; watch.disconnect() }
}).observe(document, {childList: true, subtree: true})"""


def colour_named(look: Any) -> set[str]:
    return set(look.ask("[...document.querySelectorAll('meta[name=theme-color]')].map(one => one.content)"))


@pytest.mark.parametrize(("scheme", "choice"), [("light", "dark"), ("dark", "bright")])
def test_the_chosen_light_holds_on_every_page_from_the_first_moment(
    browser: Any, demo: str, scheme: str, choice: str
) -> None:
    with window(browser, demo, scheme=scheme) as look:
        look.open("/")
        before = look.ask(PAPER)
        look.ask(f"document.getElementById('light-{choice}').click()")
        chosen = look.ask(PAPER)
        look.before(EARLY)
        for path in ("/world/", "/english/", "/search?q=%E6%B5%B7", "/status", "/nowhere/"):
            look.open(path)
            assert look.ask("window.early") == choice.replace("bright", "light"), path
            assert look.ask(PAPER) == chosen != before, path
            assert not [said for said in look.messages if "404" not in said], path
        look.open("/world/")
        assert look.ask(f"document.getElementById('light-{choice}').checked")
        assert len(colour_named(look)) == 1
        look.ask("document.getElementById('light-auto').click()")
        look.open("/")
        assert look.ask(PAPER) == before
        assert len(colour_named(look)) == 2


def test_a_choice_reaches_the_other_windows_of_the_reader(browser: Any, demo: str) -> None:
    with window(browser, demo) as look:
        look.open("/")
        other = look.beside("/world/")
        look.ask("document.getElementById('light-dark').click()")
        other.wait("document.getElementById('light-dark').checked")
        assert other.ask(PAPER) == look.ask(PAPER)


def test_without_a_store_of_its_own_a_page_is_switched_all_the_same(browser: Any, demo: str) -> None:
    with window(browser, demo) as look:
        look.before("Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused') }})")
        look.open("/")
        bright = look.ask(PAPER)
        look.ask("document.getElementById('light-dark').click()")
        assert look.ask(PAPER) != bright
        assert not look.messages


def test_the_chosen_script_holds_on_every_page_that_stands_in_it(browser: Any, demo: str) -> None:
    with window(browser, demo) as look:
        look.open("/culture/")
        look.ask("document.querySelector('.scripts a[hreflang=zh-Hant]').click()")
        look.wait("location.pathname == '/culture/hant/'")
        look.open("/world/")
        assert look.ask("location.pathname") == "/world/", "it has no other script"
        look.open("/culture/#main")
        look.wait("location.pathname + location.hash == '/culture/hant/#main'")
        look.ask("document.querySelector('.scripts a[hreflang=zh-Hans]').click()")
        look.wait("location.pathname == '/culture/'")
        look.open("/culture/hant/")
        look.wait("location.pathname == '/culture/'")
    with window(browser, demo, script=False) as look:
        look.open("/culture/hant/")
        assert look.ask("location.pathname") == "/culture/hant/"
