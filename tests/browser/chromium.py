"""A Chromium that looks at pages, and what it measures there. Skips the tests where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import pytest

from tests.support.process import eventually

#: Nothing but the page: no sandbox (root in a container has none), no updates, no telemetry, no QUIC.
_FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-default-apps""".split()
PHONE, DESKTOP = (390, 844), (1280, 900)

_SHIFTS = """() => new Promise(done => {
  let sum = 0
  new PerformanceObserver(list => { for (const shift of list.getEntries()) sum += shift.value })
    .observe({type: 'layout-shift', buffered: true})
  setTimeout(() => done(sum), 300)
})"""


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser, in a profile of its own that goes with it."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="needs the extra: pip install 'feed-aggregator[browser]'"
    )
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("needs Chromium (Debian package chromium; .ci/run installs it)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Look:
    """One page in one window."""

    def __init__(self, page: Any, root: str) -> None:
        self._page = page
        self._root = root
        self.messages: list[str] = []  #: of the console: what the policy refuses is said there
        self.sizes: dict[str, int] = {}  #: bytes of each answer, decoded, by address
        self.statuses: list[
            tuple[str, int]
        ] = []  #: path and status of each answer, as they came over the net
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("response", self._note)
        self._under_way: set[Any] = set()
        page.on("request", lambda request: self._under_way.add(request))
        page.on("requestfinished", lambda request: self._under_way.discard(request))
        page.on("requestfailed", lambda request: self._under_way.discard(request))

    def _note(self, response: Any) -> None:
        self.sizes[response.url] = int(response.headers.get("content-length", 0))

    def open(self, path: str) -> None:
        self.messages.clear()
        self.sizes.clear()
        self._page.goto(self._root + path, wait_until="load")

    def shift(self) -> float:
        """The cumulative layout shift until everything has come."""
        return float(self._page.evaluate(_SHIFTS))

    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        return int(self._page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def violations(self) -> list[str]:
        """What axe-core objects to, of moderate weight at least."""
        self._page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
        found = self._page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        return [
            f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}"
            for one in found
            if one["impact"] != "minor"
        ]

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)

    def ask(self, script: str) -> Any:
        return self._page.evaluate(script)

    def wait(self, script: str) -> None:
        """Until it holds; over changes of the page. (Playwright's own way is eval, which the policy refuses.)"""
        eventually(lambda: bool(self._asked_across(script)))

    def _asked_across(self, script: str) -> Any:
        try:
            return self._page.evaluate(script)
        except Exception as error:
            if "context was destroyed" in str(error):
                return None
            raise

    def before(self, script: str) -> None:
        """Run at the beginning of every page from now on."""
        self._page.add_init_script(script)

    def beside(self, path: str) -> Look:
        """Another window of the same reader."""
        other = Look(self._page.context.new_page(), self._root)
        other.open(path)
        return other

    def settle(self) -> None:
        """Until what was asked for has come, and the page has made of it what it makes."""
        self._page.evaluate("0")  # what it has begun by now is known after an exchange with it
        eventually(lambda: self._page.evaluate("1") and not self._under_way)
        self._page.evaluate("0")

    def refused(self, pattern: str) -> list[str]:
        """From now on requests that match come to nothing; the list tells of them."""
        asked: list[str] = []

        def refuse(route: Any) -> None:
            asked.append(route.request.url)
            route.abort()

        self._page.route(pattern, refuse)
        return asked

    def answers(self, path: str) -> Callable[[], list[int]]:
        """The statuses that come over the net from now on for this path; to the page a 304 is what it has already."""
        came: list[tuple[str, int]] = []
        asked: dict[str, str] = {}
        network = self._page.context.new_cdp_session(self._page)
        network.on(
            "Network.requestWillBeSent",
            lambda told: asked.update({told["requestId"]: told["request"]["url"]}),
        )
        network.on(
            "Network.responseReceivedExtraInfo",
            lambda told: came.append((told["requestId"], told["statusCode"])),
        )
        network.send("Network.enable")
        return lambda: [status for id, status in came if asked.get(id) == self._root + path]

    def clock(self) -> Any:
        """The pages' clock, which stands still from now on and is moved by hand."""
        self._page.clock.install()
        return self._page.clock


@contextmanager
def window(
    browser: Any, root: str, size: tuple[int, int] = DESKTOP, *, scheme: str = "light", script: bool = True
) -> Iterator[Look]:
    """``script``: whether pages may run any; what the test itself asks runs all the same."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        reduced_motion="reduce",
        java_script_enabled=script,
    )
    try:
        yield Look(context.new_page(), root)
    finally:
        context.close()
