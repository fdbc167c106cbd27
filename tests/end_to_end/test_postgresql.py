"""The program over PostgreSQL: from a feed to what is printed, copies found, a story split by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest

from tests.storage.conftest import POSTGRES, empty_postgres
from tests.support.documents import item, rss
from tests.support.process import aggregator
from tests.support.threaded import threaded_web
from tests.support.web import Web, ok

pytestmark = pytest.mark.skipif(not POSTGRES, reason="no database: set AGGREGATOR_TEST_POSTGRES")

REPORT = (
    "潮汐闸昨天下午在河口启用，市长和两百名居民到场。闸门高十二米，用了四年修成，可以挡住百年一遇的风暴潮。"
    "工程师说，闸门平时开着，让船和鱼通过，水位超过三米时在二十分钟内关上。附近的渔民希望航道不要再变窄。"
)
CONFIG = """
storage: {{url: "{url}"}}
defaults: {{allow_private: 127.0.0.0/8}}
sections: [{{id: all, title: All, include: ['*']}}]
sources:
  - {{id: morning, url: "{web}/morning"}}
  - {{id: evening, url: "{web}/evening"}}
"""


@pytest.fixture
def web() -> Iterator[Web]:
    with threaded_web() as web:
        yield web


def test_postgresql_keeps_what_is_polled_and_finds_its_copies(tmp_path: Path, web: Web) -> None:
    empty_postgres()
    url = POSTGRES.replace("+psycopg", "")  # the plain form, as people write it
    (tmp_path / "feeds.yaml").write_text(CONFIG.format(url=url, web=web.url("")), encoding="utf-8")
    web.answer("/morning", ok(rss(item(1, "潮汐闸启用", text=REPORT))))
    web.answer("/evening", ok(rss(item(2, "河口的闸门开了", text=REPORT[:-12], link="http://b.example/2"))))
    aggregator("run", "--once", folder=tmp_path, check=True)
    (entry,) = feedparser.parse((tmp_path / "var/public/all.atom").read_bytes()).entries
    aggregator("run", "--once", folder=tmp_path, check=True)
    rows = json.loads(aggregator("status", "--json", folder=tmp_path, check=True).stdout)
    assert [row["state"] for row in rows] == ["ok", "ok"]
    told = json.loads(aggregator("explain", "--json", entry.link, folder=tmp_path, check=True).stdout)
    assert told["copies"]
