"""/search as readers and as those who try it on ask it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lxml import html as html_parser

from aggregator.config.model import Output, Server
from aggregator.publish import FeedQuery, Hits, Paper
from aggregator.serve import make_app, searching
from aggregator.serve.searching import question_of
from storage.errors import StorageError
from tests.publish.samples import article, edition, paper, printed
from tests.serve.making import FakeFacts
from tests.support.scripts import strange_scripts

ACTING = "<script>alert(1)</script>"


@dataclass(slots=True)
class FakeShelves:
    hits: Hits = field(default_factory=Hits)
    output: Output = field(default_factory=Output)
    asked: list[tuple[FeedQuery, int, int]] = field(default_factory=list)
    fault: Exception | None = None

    def paper(self) -> Paper:
        return replace(paper(edition(title="国际"), edition(id="b", title="B")), output=self.output)

    def find(self, query: FeedQuery, *, offset: int, limit: int) -> Hits:
        self.asked.append((query, offset, limit))
        if self.fault:
            raise self.fault
        return self.hits


@asynccontextmanager
async def client(root: Path, shelves: FakeShelves | None) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(root, facts=FakeFacts(), server=Server(), shelves=shelves)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://paper.example") as made:
        yield made


async def page(root: Path, shelves: FakeShelves, **parameters: str) -> Any:
    async with client(root, shelves) as asking:
        response = await asking.get("/search", params=parameters)
    assert response.status_code == 200
    return html_parser.document_fromstring(response.text)


def text(element: Any) -> str:
    return " ".join(element.text_content().split())


async def test_a_question_is_answered_with_the_words_marked(tmp_path: Path) -> None:
    one = printed(article(title="潮汐闸启用", text="港口。" * 40 + "潮汐表也换了。", summary="港口。"))
    shelves = FakeShelves(Hits(articles=(one,), total=1, sources=(("harbour", "Harbour Post", 1),)))
    found = await page(tmp_path, shelves, q=" 潮汐 ")
    assert shelves.asked == [(FeedQuery(words="潮汐"), 0, 20)]
    assert text(found.find(".//h1")) == "Search: 潮汐"
    assert [text(mark) for mark in found.findall(".//article//mark")] == ["潮汐", "潮汐"]
    assert text(found.find(".//p[@class='summary']")).startswith("…")
    assert found.find(".//input[@name='q']").get("value") == "潮汐"
    assert found.find(".//article//h2/a").get("href") == f"a/{one.article.uid}.html"
    assert [(link.get("type"), link.get("href")) for link in found.iterfind(".//link[@rel='alternate']")] == [
        ("application/atom+xml", "search.atom?q=%E6%BD%AE%E6%B1%90"),
        ("application/rss+xml", "search.rss?q=%E6%BD%AE%E6%B1%90"),
        ("application/feed+json", "search.json?q=%E6%BD%AE%E6%B1%90"),
    ]


async def test_an_article_without_a_page_leads_to_its_source(tmp_path: Path) -> None:
    one = printed(article(url="https://a.example/1"))
    shelves = FakeShelves(Hits(articles=(one,), total=1, without_page=frozenset({one.article.uid})))
    found = await page(tmp_path, shelves, q="bridge")
    assert found.find(".//article//h2/a").get("href") == "https://a.example/1"


async def test_no_question_finds_nothing_and_offers_the_field(tmp_path: Path) -> None:
    shelves = FakeShelves()
    found = await page(tmp_path, shelves)
    assert shelves.asked == []
    assert found.find(".//form[@role='search']") is not None
    assert found.find(".//article") is None


async def test_filters_and_pages_keep_the_question(tmp_path: Path) -> None:
    hits = Hits(articles=(printed(),), total=45, sources=(("harbour", "Harbour Post", 45),))
    shelves = FakeShelves(hits)
    found = await page(tmp_path, shelves, q="a&b", section="world", page="2")
    assert shelves.asked == [(FeedQuery(words="a&b", section="world"), 20, 20)]
    links = {text(link): link.get("href") for link in found.xpath("//main//a[starts-with(@href, 'search?')]")}
    assert parse_qs(urlsplit(links["B"]).query) == {"q": ["a&b"], "section": ["b"]}
    assert parse_qs(urlsplit(links["Harbour Post (45)"]).query) == {
        "q": ["a&b"], "section": ["world"], "source": ["harbour"],
    }  # fmt: skip
    assert parse_qs(urlsplit(links["3"]).query) == {"q": ["a&b"], "section": ["world"], "page": ["3"]}
    assert [text(link) for link in found.xpath("//nav[@class='pages']//a[@aria-current='page']")] == ["2"]


@pytest.mark.parametrize("name", ["q", "section", "source", "tag", "author", "page"])
@pytest.mark.parametrize(
    "value", [ACTING, '" onfocus="alert(1)', "'><svg/onload=alert(1)>", "{{7*7}}", "\x00\u202e"]
)
async def test_a_question_stays_text(tmp_path: Path, name: str, value: str) -> None:
    one = printed(article(title=ACTING, text=ACTING + value, summary=ACTING))
    hits = Hits(articles=(one,), total=60, sources=(("harbour", ACTING, 1),))
    found = await page(tmp_path, FakeShelves(hits), **{name: value})
    assert not strange_scripts(found)
    assert not found.xpath("//svg | //iframe | //style")
    for element in found.iter():
        assert not [attribute for attribute in element.attrib if attribute.startswith("on")]
    for address in found.xpath("//@href | //@src | //@action"):
        assert not address.lower().startswith(("javascript:", "data:", "//"))
    assert "49" not in found.text_content() or "7*7" not in value


async def test_the_answer_may_load_no_more_than_any_page(tmp_path: Path) -> None:
    async with client(tmp_path, FakeShelves()) as asking:
        response = await asking.get("/search?q=x")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert '<meta name="robots" content="noindex">' in response.text


@pytest.mark.parametrize(
    ("asked", "question", "number"),
    [
        ({"q": "  a\n\tb  "}, FeedQuery(words="a b"), 1),
        ({"q": "x" * 5000}, FeedQuery(words="x" * 100), 1),
        ({"q": "a b c d e f g h i j"}, FeedQuery(words="a b c d e f g h"), 1),
        ({"q": "潮\ud800汐\x00"}, FeedQuery(words="潮汐"), 1),
        ({"section": "国际", "source": "../../etc"}, FeedQuery(), 1),
        ({"section": "world", "source": "a-1", "page": "10"}, FeedQuery(section="world", source="a-1"), 10),
        *(({"page": wrong}, FeedQuery(), 1) for wrong in ("0", "-1", "11", "1e9", "٣", " 2", "")),
    ],
)
def test_a_question_is_cut_to_what_a_person_asks(
    asked: dict[str, str], question: FeedQuery, number: int
) -> None:
    found = question_of(asked)
    assert (found.query, found.page) == (question, number)


@pytest.mark.parametrize("output", [Output(search=False), Output(formats=("atom",))])
async def test_a_paper_without_search_has_no_such_page(tmp_path: Path, output: Output) -> None:
    async with client(tmp_path, FakeShelves(output=output)) as asking:
        assert (await asking.get("/search?q=x")).status_code == 404
    async with client(tmp_path, None) as asking:
        assert (await asking.get("/search?q=x")).status_code == 404


async def test_a_store_that_fails_is_no_secret_and_no_crash(tmp_path: Path) -> None:
    shelves = FakeShelves(fault=StorageError("postgresql://user:sesame@db is away"))
    async with client(tmp_path, shelves) as asking:
        response = await asking.get("/search?q=x")
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")
    assert "sesame" not in response.text


async def test_questions_take_turns_and_are_told_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_PATIENCE", 0.01)
    gate, both_run = asyncio.Event(), asyncio.Barrier(3)

    async def in_a_thread(*_: object) -> str:
        if not gate.is_set():
            await both_run.wait()
        await gate.wait()
        return "answer"

    monkeypatch.setattr("aggregator.serve.searching.asyncio.to_thread", in_a_thread)
    async with client(tmp_path, FakeShelves()) as asking:
        first = [asyncio.create_task(asking.get("/search?q=x")) for _ in range(2)]
        await both_run.wait()
        assert (await asking.get("/search?q=x")).status_code == 503
        gate.set()
        assert {(await task).status_code for task in first} == {200}
        assert (await asking.get("/search?q=x")).status_code == 200
