"""Real portal pages behind a listing, taken in from the command line by a source that is an address and nothing else.

pytest tests/benchmarks/test_portal.py -m benchmark -s --corpus DIR
"""

import base64
import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.documents import listing
from tests.support.process import aggregator
from tests.support.threaded import threaded_web
from tests.support.web import Web, ok

pytestmark = pytest.mark.benchmark


@pytest.fixture
def web() -> Iterator[Web]:
    with threaded_web() as web:
        yield web


def test_a_listing_of_real_pages_becomes_articles(corpus: Path, web: Web, tmp_path: Path) -> None:
    with gzip.open(corpus / "pages" / "zh-portals.jsonl.gz", "rt", encoding="utf-8") as lines:
        pages = {f"/news/{number}.html": json.loads(line) for number, line in enumerate(lines, 1001)}
    source = web.answer("/guoji/", ok(listing(*pages), content_type="text/html"))
    for path, page in pages.items():
        web.answer(path, ok(base64.b64decode(page["html_base64"]), content_type="text/html"))
    (tmp_path / "feeds.yaml").write_text(
        f"site: {{timezone: Asia/Shanghai}}\ndefaults: {{allow_private: 127.0.0.0/8}}\nsources: ['{source}']\n",
        encoding="utf-8",
    )
    for _ in range(2):  # a poll takes thirty pages, the next the rest
        assert aggregator("run", "--once", "--all", folder=tmp_path).returncode == 0
    articles = json.loads(aggregator("articles", "--json", folder=tmp_path).stdout)
    by_path = {"/news/" + article["url"].rsplit("/", 1)[1]: article for article in articles}
    assert set(by_path) == set(pages)
    right = {"title": 0, "date": 0, "section": 0, "text": 0}
    for path, page in pages.items():
        gold, article = page["gold"], by_path[path]
        right["title"] += _bare(gold["title"]) == _bare(article["title"])
        right["date"] += gold.get("date", "")[:10] in ("", _day(article["published"]))
        right["section"] += gold.get("section", "") in ("", *article["breadcrumb"])
        right["text"] += bool(article["text"])
    print(f"{len(pages)} pages: {right}")
    assert min(right.values()) >= 0.9 * len(pages)


def _bare(title: str) -> str:
    return "".join(filter(str.isalnum, title)).casefold()


def _day(moment: str | None) -> str | None:
    if moment is None:
        return None
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
