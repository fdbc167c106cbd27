"""``images: proxy`` and ``archive`` from the command line: what a reader gets under the printed addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.documents import item, rss
from tests.support.process import Process, aggregator, eventually, get
from tests.support.threaded import threaded_web
from tests.support.web import Web, ok

pytestmark = pytest.mark.slow

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 20


@pytest.fixture
def web() -> Iterator[Web]:
    with threaded_web() as web:
        for name in ("kept", "passed"):
            web.answer(f"/{name}.png", ok(PNG + name.encode()))
            text = f'<p>Of some paragraphs the first.</p><p><img src="{web.url(f"/{name}.png")}"></p>'
            web.answer(f"/{name}", ok(rss(item(name, text=text, category="world"))))
        yield web


@pytest.fixture
def folder(tmp_path: Path, web: Web) -> Path:
    (tmp_path / "feeds.yaml").write_text(
        "defaults: {allow_private: 127.0.0.0/8}\nserver: {listen: '127.0.0.1:0'}\nsources:\n"
        f"  - {{id: kept, url: '{web.url('/kept')}', images: archive}}\n"
        f"  - {{id: passed, url: '{web.url('/passed')}', images: proxy}}\n"
        "sections: [{id: world, title: world}]\n",
        encoding="utf-8",
    )
    return tmp_path


def test_a_daemon_prints_its_own_addresses_and_answers_for_them(folder: Path, web: Web) -> None:
    with Process("run", folder=folder) as daemon:
        root = daemon.said(r"(http://127\.0\.0\.1:\d+)/")[1]
        eventually(lambda: f"{root}/i/" in get(f"{root}/world.atom").decode())
        published = get(f"{root}/world.atom").decode()
        kept = re.search(rf"{root}/i/[0-9a-f]+\.png", published)
        passed = re.search(rf"{root}/image/[\w-]+/passed/[\w-]+", published)
        assert kept
        assert passed
        assert get(kept[0]) == PNG + b"kept"
        assert get(passed[0]) == PNG + b"passed"
        assert web.url("/kept.png") not in published
        assert web.url("/passed.png") not in published


def test_one_round_fetches_what_is_kept_and_serve_answers_for_the_rest(folder: Path, web: Web) -> None:
    done = aggregator("run", "--once", folder=folder)
    assert done.returncode == 0, done.stderr
    published = (folder / "var/public/world.atom").read_text(encoding="utf-8")
    kept = re.search(r"i/[0-9a-f]+\.png", published)
    passed = re.search(r"image/[\w-]+/passed/[\w-]+", published)
    assert kept
    assert passed
    assert (folder / "var/public" / kept[0]).read_bytes() == PNG + b"kept"
    with Process("serve", folder=folder) as server:
        root = server.said(r"(http://127\.0\.0\.1:\d+)")[1]
        assert get(f"{root}/{passed[0]}") == PNG + b"passed"
        assert get(f"{root}/{kept[0]}") == PNG + b"kept"
