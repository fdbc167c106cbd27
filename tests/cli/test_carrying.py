"""Articles out of the paper for good, and out of one database into another."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import feedparser
import pytest

from storage import open_store
from tests.cli.conftest import Run
from tests.support.documents import item, rss
from tests.support.web import Web, ok

CONFIG = """\
site: {{title: 晨报, language: zh-CN, base_url: https://news.example.cn}}
defaults: {{allow_private: 127.0.0.0/8}}
sources:
  - {{id: {source}, url: "{url}", section: 国际}}
sections:
  - {{id: world, title: 国际}}
"""


def configured(folder: Path, web: Web, source: str = "desk") -> None:
    (folder / "feeds.yaml").write_text(CONFIG.format(source=source, url=web.url("/feed")), encoding="utf-8")


@pytest.fixture
def printed(tmp_path: Path, web: Web, run: Run) -> Path:
    configured(tmp_path, web)
    web.answer("/feed", ok(rss(item(1), item(2), item(3))))
    assert run("run", "--once").exit_code == 0
    return tmp_path


def entries(folder: Path) -> list[Any]:
    body = (folder / "var" / "public" / "world.atom").read_bytes()
    return list(feedparser.parse(io.BytesIO(body)).entries)


def ids(folder: Path) -> set[str]:
    return {entry.id for entry in entries(folder)}


# -- withdraw


def test_a_withdrawn_article_is_gone_everywhere_for_good(printed: Path, run: Run) -> None:
    id = next(entry.id for entry in entries(printed) if entry.title == "新闻2")
    uid = id.rpartition(":")[2]
    done = run("withdraw", id, "--reason", "by order of a court")
    assert done.exit_code == 0
    assert f"withdrawn: {uid} 新闻2" in done.stdout
    public = printed / "var" / "public"
    assert not [
        path for path in public.rglob("*") if path.is_file() and "新闻2".encode() in path.read_bytes()
    ]
    assert f'ref="{id}"' in (public / "world.atom").read_text("utf-8")
    assert not (public / "a" / f"{uid}.html").exists()
    assert "新闻2" not in run("articles", "--json").stdout
    assert run("run", "--once", "--all").exit_code == 0
    assert {entry.title for entry in entries(printed)} == {"新闻1", "新闻3"}
    assert "by order of a court" in run("explain", uid).stdout


def test_it_is_withdrawn_while_another_process_has_the_database(printed: Path, run: Run) -> None:
    store = open_store(f"sqlite:///{printed}/var/aggregator.db")
    try:
        done = run("withdraw", "http://paper.example/1.html", "--json")
        assert done.exit_code == 0
        found = json.loads(done.stdout)
        assert (len(found["withdrawn"]), found["printed"]) == (1, False)
        assert store.article(found["withdrawn"][0]).expired  # type: ignore[union-attr]  # it is there
    finally:
        store.close()


def test_what_is_not_there_cannot_be_withdrawn(printed: Path, run: Run) -> None:
    assert run("withdraw", "0" * 26).exit_code == 1
    assert run("withdraw", "http://paper.example/1.html").exit_code == 0
    again = run("withdraw", "http://paper.example/1.html")
    assert again.exit_code == 1
    assert "withdrawn" in again.stderr


# -- export and import


def test_a_database_that_is_rebuilt_from_an_export_gives_the_same_ids(
    printed: Path, web: Web, run: Run
) -> None:
    before, database = ids(printed), printed / "var" / "aggregator.db"
    assert run("withdraw", "http://paper.example/2.html").exit_code == 0
    assert run("export", "--articles", "-o", "articles.jsonl").exit_code == 0
    for path in database.parent.glob("aggregator.db*"):
        path.unlink()
    configured(printed, web, source="renamed")
    text = (printed / "feeds.yaml").read_text("utf-8")
    (printed / "feeds.yaml").write_text(text.replace("news.example.cn", "elsewhere.example.org"), "utf-8")
    taken = run("import", "--articles", "articles.jsonl")
    assert taken.exit_code == 0
    assert "3 articles taken in, 0 were there already" in taken.stderr
    web.answer("/feed", ok(rss(item(4), item(1), item(2), item(3))))
    assert run("run", "--once", "--all").exit_code == 0
    assert {entry.title for entry in entries(printed)} == {"新闻1", "新闻3", "新闻4"}
    assert len(ids(printed) - before) == 1
    assert run("import", "--articles", "articles.jsonl").stderr.startswith("0 articles taken in, 3 were")


def test_an_export_is_an_article_a_line(printed: Path, run: Run) -> None:
    label, *lines = run("export", "--articles").stdout.splitlines()
    assert json.loads(label)["kind"] == "aggregator articles"
    assert {json.loads(line)["title"] for line in lines} == {"新闻1", "新闻2", "新闻3"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no articles"),
        ("<opml/>", "no articles"),
        ('{"kind": "aggregator articles", "version": 2, "settings": {}, "sources": {}}', "newer version"),
        (
            '{"kind": "aggregator articles", "version": 1, "settings": {}, "sources": {}}\n{"uid": 7}',
            "line 2",
        ),
    ],
)
def test_what_is_no_export_is_refused(printed: Path, run: Run, text: str, said: str) -> None:
    (printed / "x.jsonl").write_text(text, encoding="utf-8")
    refused = run("import", "--articles", "x.jsonl")
    assert refused.exit_code == 1
    assert said in refused.stderr


def test_another_authority_of_ids_is_told(printed: Path, run: Run) -> None:
    assert run("export", "--articles", "-o", "x.jsonl").exit_code == 0
    text = (printed / "x.jsonl").read_text("utf-8").replace("news.example.cn,", "old.example.cn,")
    (printed / "x.jsonl").write_text(text, encoding="utf-8")
    assert "site.id_domain is old.example.cn," in run("import", "--articles", "x.jsonl").stderr


# -- points


def test_explain_tells_the_points(printed: Path, run: Run) -> None:
    uid = entries(printed)[0].id.rpartition(":")[2]
    assert "score      0: nothing counts for it" in run("explain", uid).stdout
    assert json.loads(run("explain", uid, "--json").stdout)["score"] == {"points": 0, "reasons": []}


def test_explain_tells_that_a_section_asks_for_more(printed: Path, run: Run) -> None:
    uid = entries(printed)[0].id.rpartition(":")[2]
    text = (printed / "feeds.yaml").read_text("utf-8")
    (printed / "feeds.yaml").write_text(text.replace("title: 国际}", "title: 国际, min_score: 3}"), "utf-8")
    assert "section    国际: not printed, it asks for 3 points" in run("explain", uid).stdout
    assert run("publish").exit_code == 0
    assert entries(printed) == []
