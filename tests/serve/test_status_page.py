"""/status for people: sorted, filtered and drawn without a script."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html as html_parser

from aggregator.config.model import Site
from aggregator.schedule import Outcome
from aggregator.schedule.history import HISTORY, KEPT, Past, with_poll
from aggregator.serve import status_rows
from aggregator.serve.charts import HEIGHT, WIDTH, chart, recent
from aggregator.serve.statuspage import PER_PAGE
from storage.model import Health, SourceRecord
from tests.serve.making import NOW, FakeFacts, client, record
from tests.support.scripts import strange_scripts

MINUTE = timedelta(minutes=1)


def polled(id: str, *news: int, ms: int = 120, **changes: Any) -> SourceRecord:
    """A source whose last polls brought so many articles; below 0 they failed."""
    memory: dict[str, Any] = {}
    for number, new in enumerate(news):
        outcome = (
            Outcome(kind="failed")
            if new < 0
            else Outcome(kind="taken", status=200, new=new, elapsed=timedelta(milliseconds=ms))
        )
        memory[HISTORY] = with_poll(memory, outcome, NOW + number * MINUTE)
    made = record(id=id, url=f"https://{id}.example/feed", memory=memory, **changes)
    return replace(made, configured_url=made.url)


SOURCES = [
    polled("a", 1, 0, articles=5, next_poll=NOW + 9 * MINUTE, last_poll=NOW - 9 * MINUTE),
    polled("b", 9, ms=3000, articles=1, next_poll=NOW + 5 * MINUTE, last_poll=NOW - MINUTE),
    polled("c", -1, -1, health=Health.FAILING, failures=2, articles=3, next_poll=NOW + 7 * MINUTE),
    polled("d", 2, 2, articles=2, title="晨报", next_poll=NOW + MINUTE, last_poll=NOW - 3 * MINUTE),
]
COPIED = {("a", "b"): 4, ("d", "b"): 3, ("d", "a"): 2}


async def page(root: Path, query: str = "", records: list[SourceRecord] | None = None, **site: str) -> Any:
    facts = FakeFacts(records=SOURCES if records is None else records, copied=COPIED)
    async with client(root, facts=facts, site=Site(**site)) as asking:
        response = await asking.get(f"/status{query}", headers={"accept": "text/html"})
    assert response.status_code == 200
    return html_parser.document_fromstring(response.text)


def text(element: Any) -> str:
    return " ".join(element.text_content().split())


def listed(found: Any) -> list[str]:
    return [row.find("th").text.strip() for row in found.findall(".//tbody/tr")]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", "cabd"),
        ("?sort=source", "abcd"),
        ("?sort=last", "bdac"),
        ("?sort=next", "dbca"),
        ("?sort=new", "bdac"),
        ("?sort=slow", "badc"),
        ("?sort=articles", "acdb"),
        ("?sort=duplicates", "badc"),
        ("?sort=__class__", "cabd"),
        ("?state=failing", "c"),
        ("?state=ok", "abd"),
        ("?state=ok&sort=articles", "adb"),
        ("?state=dead", ""),
        ("?state=nonsense", "cabd"),
        ("?find=B.EXAMPLE", "b"),
        ("?find=晨", "d"),
        ("?find=nowhere", ""),
    ],
)
async def test_sources_are_sorted_and_filtered_by_the_address(tmp_path: Path, query: str, order: str) -> None:
    assert "".join(listed(await page(tmp_path, query))) == order


async def test_links_keep_what_was_asked_for_before(tmp_path: Path) -> None:
    found = await page(tmp_path, "?state=ok&sort=new&find=example&token=s%26t")
    links = {text(link): parse_qs(urlsplit(link.get("href")).query) for link in found.iterfind(".//nav//a")}
    kept = {"find": ["example"], "token": ["s&t"]}
    assert links["Articles"] == {"state": ["ok"], "sort": ["articles"], **kept}
    assert links["failing 1"] == {"state": ["failing"], "sort": ["new"], **kept}
    assert links["All 4"] == {"sort": ["new"], **kept}
    hidden = {one.get("name"): one.get("value") for one in found.iterfind(".//form/input[@type='hidden']")}
    assert hidden == {"sort": "new", "state": "ok", "token": "s&t"}


@pytest.mark.parametrize("error", ["HTTP 503 Service Unavailable", "damaged JSON", None])
async def test_the_status_of_an_answer_is_said_once(tmp_path: Path, error: str | None) -> None:
    health = Health.FAILING if error else Health.OK
    found = await page(tmp_path, "", [record(id="a", last_status=503, last_error=error, health=health)])
    assert text(found.find(".//tbody")).count("HTTP 503") == 1


async def test_many_sources_come_page_by_page(tmp_path: Path) -> None:
    many = [polled(f"s{number:03}") for number in range(2 * PER_PAGE + 1)]
    assert listed(await page(tmp_path, "?sort=source&page=2", many)) == [
        f"s{number:03}" for number in range(PER_PAGE, 2 * PER_PAGE)
    ]
    assert listed(await page(tmp_path, "?sort=source&page=3", many)) == ["s200"]
    assert listed(await page(tmp_path, "?sort=source&page=99", many)) == ["s200"]
    assert len(listed(await page(tmp_path, "?page=x", many))) == PER_PAGE


async def test_what_a_search_must_not_tell(tmp_path: Path) -> None:
    secret = record(id="a", url="https://user:sesame@a.example/feed?key=tarragon")
    for needle in ("sesame", "tarragon", "user"):
        assert listed(await page(tmp_path, f"?find={needle}", [secret])) == []


@pytest.mark.parametrize("name", ["sort", "state", "find", "page", "token"])
async def test_what_is_asked_stays_text(tmp_path: Path, name: str) -> None:
    found = await page(tmp_path, f"?{name}=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert not strange_scripts(found)


async def test_a_source_shows_its_last_polls_and_its_duplicates(tmp_path: Path) -> None:
    found = await page(tmp_path, "?sort=source")
    rows = {row.find("th").text.strip(): row for row in found.findall(".//tbody/tr")}
    assert "2 polled, 4 new · at most 2 at once" in text(rows["d"])
    assert "answers in 1" in text(rows["a"])
    assert "2 polled, 0 new · 2 failed" in text(rows["c"])
    assert "no answer" in text(rows["c"])
    assert "5 of others" in text(rows["d"])
    assert "7 by others" in text(rows["b"])
    labels = [svg.get("aria-label") for svg in rows["d"].iter("svg")]
    assert labels[0] == "2 polled, 4 new"
    assert all(svg.get("role") == "img" for svg in found.iter("svg"))


async def test_the_page_speaks_the_papers_language(tmp_path: Path) -> None:
    found = await page(tmp_path, language="zh-CN")
    assert found.get("lang") == "zh-CN"
    assert text(found.find(".//h1")) == "来源"
    assert "3 分钟前" in text(found)


async def test_nobody_is_sent_elsewhere_by_the_page_itself(tmp_path: Path) -> None:
    """A page that renews itself takes the place away from who listens to it (WCAG 2.2.4)."""
    assert not (await page(tmp_path)).xpath("//meta[@http-equiv]")


def test_the_rows_of_programs_tell_the_same() -> None:
    rows = {row["source"]: row for row in status_rows(SOURCES, NOW, copies=COPIED)}
    told = ("recent_polls", "recent_failures", "recent_new", "copies", "copied")
    assert [rows["d"][key] for key in told] == [2, 0, 4, 5, 0]
    assert [rows["c"][key] for key in told] == [2, 2, 0, 0, 0]
    assert rows["c"]["latency_ms"] is None
    assert 2700 <= rows["b"]["latency_ms"] <= 3300


# -- charts


def past(new: int = 0, ms: int = 100, kind: str = "taken") -> Past:
    return Past(at=NOW, kind=kind, status=200, ms=ms, new=new)


def test_nothing_is_drawn_of_no_polls() -> None:
    drawn = chart([])
    assert (drawn.new, drawn.well, drawn.ill, drawn.times) == ("", "", "", "")
    assert recent([]).ms is None


def test_a_bar_is_as_high_as_its_share_of_the_most() -> None:
    assert chart([past(10), past(5), past(0), past(1)]).new == "M2 20V0M6 20V10M14 20V18"


def test_how_a_poll_ended_is_marked() -> None:
    drawn = chart([past(), past(kind="failed", ms=0), past()])
    assert (drawn.well, drawn.ill) == ("M2 24v-2M10 24v-2", "M6 24v-4")
    assert drawn.times.count("L") == 1


@pytest.mark.parametrize("ms", [1, 10, 500, 30_000, 90_000])
def test_everything_stays_within_the_picture(ms: int) -> None:
    drawn = chart([past(new=n * 100, ms=ms) for n in range(KEPT + 5)])
    numbers = re.findall(r"[ML]([\d.]+) ([\d.]+)", drawn.times)
    assert len(numbers) == KEPT
    assert all(0 <= float(x) <= WIDTH and 0 < float(y) < HEIGHT for x, y in numbers)


def test_a_slower_answer_stands_higher() -> None:
    heights = [float(re.search(r" ([\d.]+)h", chart([past(ms=ms)]).times)[1]) for ms in (20, 200, 2000)]  # type: ignore[index]
    assert heights == sorted(heights, reverse=True)
