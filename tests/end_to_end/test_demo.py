"""What a newcomer sees first."""

import json
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest

from tests.support.process import Process, eventually, get

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Process(
        "run", "--demo", "--listen", "127.0.0.1:0", folder=tmp_path_factory.mktemp("demo")
    ) as process:
        root = process.said(r"front page +(http://\S+)/$")[1]
        process.said(r"polled .*source=\S*keji")
        process.said(r"polled .*source=\S*guoji")
        process.said(r"polled .*source=\S*caijing")
        process.said(r"published .*all")
        # `all` is written last: once it has an article of the portal and one of each language, so have the others.
        wanted = {"地下天文台", "lighthouse", "储能电站首次", "戏船"}
        eventually(lambda: all(title in get(f"{root}/all.atom").decode() for title in wanted))
        yield root


def entries(root: str, section: str) -> list[feedparser.FeedParserDict]:
    found: list[feedparser.FeedParserDict] = feedparser.parse(get(f"{root}/{section}.atom")).entries
    return found


@pytest.mark.parametrize("section", ["world", "business", "tech", "culture", "wire", "english", "all"])
def test_every_section_has_articles_in_all_forms(demo: str, section: str) -> None:
    assert entries(demo, section)
    assert feedparser.parse(get(f"{demo}/{section}.rss")).entries
    assert json.loads(get(f"{demo}/{section}.json"))["items"]
    assert b"</html>" in get(f"{demo}/{section}/")


def test_a_story_that_an_agency_copies_in_traditional_characters_is_printed_once(demo: str) -> None:
    eventually(lambda: "nanping/rail-link.html" in get(f"{demo}/world.atom").decode())
    titles = [entry.title for entry in entries(demo, "world")]
    assert sum("跨山" in title for title in titles) == 1


def test_the_portals_article_in_two_parts_is_whole_and_its_picture_real(demo: str) -> None:
    entry = next(entry for entry in entries(demo, "tech") if "地下天文台" in entry.title)
    body = entry.content[0].value
    assert "废弃矿井" not in body.split("<p>")[1]
    assert "液态氙" in body
    assert "/pictures/stars.svg" in body
    assert "责任编辑" not in body


def test_the_page_whose_label_lies_comes_out_right(demo: str) -> None:
    assert any("镕铸" in entry.content[0].value for entry in entries(demo, "business"))


def test_the_broken_source_is_named_and_disturbs_nothing(demo: str) -> None:
    rows = {row["source"]: row for row in json.loads(get(f"{demo}/status", Accept="application/json"))}
    assert rows["radio"]["state"] == "failing"
    assert "500" in rows["radio"]["last_error"]
    assert all(row["state"] == "ok" for source, row in rows.items() if source != "radio")


@pytest.mark.skipif(
    shutil.which("newsboat") is None, reason="needs newsboat (Debian package; .ci/run installs it)"
)
@pytest.mark.parametrize("form", ["atom", "rss"])
def test_newsboat_shows_title_link_author_date_and_full_content(demo: str, form: str, tmp_path: Path) -> None:
    (tmp_path / "urls").write_text(f"{demo}/culture.{form}\n")
    (tmp_path / "config").write_text("")
    subprocess.run(
        ["newsboat", "-u", "urls", "-c", "cache.db", "-C", "config", "-x", "reload", "print-unread"],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        check=True,
        capture_output=True,
        timeout=60,
    )
    cache = sqlite3.connect(tmp_path / "cache.db")
    rows = cache.execute("select title, url, author, pubDate, content from rss_item").fetchall()
    cache.close()
    boat = next(row for row in rows if "戏船" in row[0])
    assert boat[1].endswith("/opera-boat.html")
    assert "苏蕴" in boat[2]
    assert time.time() - 2 * 86_400 < boat[3] <= time.time()
    assert "四吨杉木" in boat[4]


@pytest.mark.skipif(shutil.which("sfeed") is None, reason="needs sfeed (Debian package; .ci/run installs it)")
def test_sfeed_reads_every_field(demo: str) -> None:
    done = subprocess.run(
        ["sfeed"], input=get(f"{demo}/culture.rss"), capture_output=True, check=True, timeout=60
    )
    row = next(line for line in done.stdout.decode().splitlines() if "戏船" in line).split("\t")
    stamp, title, link, content, kind, guid, author = row[:7]
    assert int(stamp) > time.time() - 2 * 86_400
    assert "戏船" in title
    assert link.endswith("/opera-boat.html")
    assert "四吨杉木" in content
    assert kind == "html"
    assert guid.startswith("tag:")
    assert "苏蕴" in author
