"""One browser for a module of tests, and the demo's paper for those that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.chromium import chromium
from tests.support.process import Process, eventually, get


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as made:
        yield made


@pytest.fixture(scope="module")
def demo(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it is. After the browser, which may not be there: then nothing needs to be started."""
    with Process(
        "run", "--demo", "--listen", "127.0.0.1:0", folder=tmp_path_factory.mktemp("demo")
    ) as running:
        root = running.said(r"front page +(http://\S+)/$")[1]
        eventually(lambda: b"hant" in get(f"{root}/culture/"))
        eventually(lambda: "nanping/rail-link.html" in get(f"{root}/world.atom").decode())
        eventually(lambda: "液态氙" in get(f"{root}/all.atom").decode())
        yield root
