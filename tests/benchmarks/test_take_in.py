"""Every feed of the corpus as a source: the whole program takes them in from the command line, and none breaks the run.

pytest tests/benchmarks/test_take_in.py -m benchmark -s --corpus DIR
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.support.process import aggregator
from tests.support.threaded import threaded_web
from tests.support.web import Web, ok

pytestmark = pytest.mark.benchmark


@pytest.fixture
def web() -> Iterator[Web]:
    with threaded_web() as web:
        yield web


def test_all_feeds_of_the_corpus_are_taken_in(corpus: Path, web: Web, tmp_path: Path) -> None:
    files = sorted(file for file in (corpus / "feeds").rglob("*.*") if file.is_file())
    urls = {}
    for number, file in enumerate(files):
        urls[f"f{number}"] = web.answer(f"/{number}/{file.name}", ok(file.read_bytes()))
    sources = "\n".join(f'  - {{id: {id}, url: "{url}"}}' for id, url in urls.items())
    (tmp_path / "feeds.yaml").write_text(
        f"defaults: {{allow_private: 127.0.0.0/8, first_fetch: {{max_items: 5000}}}}\nsources:\n{sources}\n"
        "sections: [{id: all, title: All, include: ['*'], limit: 5000}]\n"
    )
    done = aggregator("run", "--once", folder=tmp_path)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    rows = json.loads(aggregator("status", "--json", folder=tmp_path).stdout)
    assert len(rows) == len(files)
    broken = {files[int(row["source"][1:])].name: row["last_error"] for row in rows if row["state"] != "ok"}
    for name, reason in broken.items():
        print(f"{name}: {reason}")
        assert reason
    articles = json.loads(aggregator("articles", "--json", folder=tmp_path).stdout)
    print(f"{len(files)} files, {len(broken)} broken, {len(articles)} articles")
    assert len(articles) > 400
    for form in ("atom", "rss"):
        etree.parse(str(tmp_path / "var/public" / f"all.{form}"))
    json.loads((tmp_path / "var/public/all.json").read_text(encoding="utf-8"))
