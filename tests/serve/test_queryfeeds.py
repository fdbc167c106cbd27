"""Feeds for a search, a tag, a source, an author, over the running daemon."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import feedparser
import httpx
import pytest

from aggregator.pipeline.catalogue import Catalogue
from storage.errors import StorageError
from tests.checklist.newsroom import Newsroom, config
from tests.support.documents import rss
from tests.support.web import Web, ok

YAML = config(
    '{id: feed, name: 港口报, url: "{web}/feed"}',
    '{id: other, url: "{web}/other"}',
    more="""site: {title: 晨报, base_url: "https://paper.example", id_domain: "paper.example,2026"}""",
).replace("\nserver:", "\n  - {id: sea, title: Sea, match: {tag: 海洋}}\nserver:")


def entry(number: int, title: str, author: str, tag: str) -> str:
    return (
        f"<item><guid>{number}</guid><title>{title}</title><link>https://desk.example/{number}</link>"
        f"<author>{author}</author><category>{tag}</category><description>{title}</description></item>"
    )


@pytest.fixture
async def newsroom(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with Web() as web:
        made = Newsroom(web=web, folder=tmp_path, serve=True)
        web.answer(
            "/feed",
            ok(rss(entry(1, "潮汐闸启用", "李雷", "海洋"), entry(2, "汇率走稳", "韩梅", "财经"))),
        )
        web.answer("/other", ok(rss(entry(3, "潮汐表更新", "韩梅", "海洋"))))
        await made.start(YAML)
        yield made
        await made.stop()


async def feed(newsroom: Newsroom, question: str, form: str = "atom", **headers: str) -> httpx.Response:
    return await newsroom.get(f"/search.{form}?{question}", **headers)


def titles(response: httpx.Response) -> set[str]:
    return {entry.title for entry in feedparser.parse(response.content).entries}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("q=潮汐", {"潮汐闸启用", "潮汐表更新"}),
        ("q=潮汐 启用", {"潮汐闸启用"}),
        ("tag=海洋", {"潮汐闸启用", "潮汐表更新"}),
        ("source=other", {"潮汐表更新"}),
        ("author=韩梅", {"汇率走稳", "潮汐表更新"}),
        ("section=sea", {"潮汐闸启用", "潮汐表更新"}),
        ("section=sea&author=韩梅", {"潮汐表更新"}),
        ("q=无", set()),
    ],
)
async def test_a_question_is_answered_as_a_feed(newsroom: Newsroom, question: str, found: set[str]) -> None:
    response = await feed(newsroom, question)
    assert response.status_code == 200
    assert titles(response) == found


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("atom", "application/atom+xml"), ("rss", "application/rss+xml"), ("json", "application/feed+json")],
)
async def test_it_comes_in_every_form_with_its_own_address_in_it(
    newsroom: Newsroom, form: str, media_type: str
) -> None:
    response = await feed(newsroom, "q=潮汐&tag=海洋", form)
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.headers["access-control-allow-origin"] == "*"
    own = f"https://paper.example/search.{form}?q=%E6%BD%AE%E6%B1%90&tag=%E6%B5%B7%E6%B4%8B"
    assert own in response.text.replace("&amp;", "&")
    if form == "json":
        assert len(json.loads(response.text)["items"]) == 2


async def test_ids_are_those_of_the_sections_feeds(newsroom: Newsroom) -> None:
    section = feedparser.parse(newsroom.published("world.atom")).entries
    found = feedparser.parse((await feed(newsroom, "q=潮汐")).content).entries
    assert {entry.id for entry in found} <= {entry.id for entry in section}


async def test_the_feed_of_a_source_is_called_by_its_name(newsroom: Newsroom) -> None:
    assert feedparser.parse((await feed(newsroom, "source=feed")).content).feed.title == "港口报 · 晨报"


async def test_it_is_conditional_packed_and_answers_head(newsroom: Newsroom) -> None:
    first = await feed(newsroom, "q=潮汐", **{"accept-encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["cache-control"] == "max-age=300"
    by_tag = await feed(newsroom, "q=潮汐", **{"if-none-match": first.headers["etag"]})
    by_date = await feed(newsroom, "q=潮汐", **{"if-modified-since": first.headers["last-modified"]})
    assert (by_tag.status_code, by_date.status_code) == (304, 304)
    async with httpx.AsyncClient(trust_env=False) as client:
        head = await client.head(f"{newsroom.address}/search.atom?q=潮汐")
        other = await client.post(f"{newsroom.address}/search.atom?q=潮汐")
    assert (head.status_code, head.content) == (200, b"")
    assert (other.status_code, other.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


async def test_what_is_new_shows_at_once(newsroom: Newsroom) -> None:
    first = await feed(newsroom, "q=潮汐")
    newsroom.web.answer("/other", ok(rss(entry(4, "新潮汐站落成", "韩梅", "海洋"))))
    await newsroom.next_request("/other")
    await newsroom.settle()
    second = await feed(newsroom, "q=潮汐", **{"if-none-match": first.headers["etag"]})
    assert second.status_code == 200
    assert "新潮汐站落成" in titles(second)


async def test_the_same_question_is_searched_for_once(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    find = Catalogue.find

    def counting(self: Catalogue, *arguments: Any, **options: Any) -> Any:
        asked.append(arguments)
        return find(self, *arguments, **options)

    monkeypatch.setattr(Catalogue, "find", counting)
    for _ in range(3):
        await feed(newsroom, "q=潮汐")
    await feed(newsroom, "q=潮汐 ")  # the same question
    assert len(asked) == 1
    await feed(newsroom, "q=潮")
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/search.atom", 400),
        ("/search.atom?q=", 400),
        ("/search.atom?q=%20%00", 400),
        ("/search.atom?x=1", 400),
        ("/search.pdf?q=a", 404),
        ("/search.atom/x?q=a", 404),
        ("/search.rss?q=" + "潮" * 3000, 200),
        ("/search.rss?q=" + "%20".join("abcdefghijklmnop"), 200),
        ("/search.rss?source=../../etc", 400),
        ("/search.rss?q=%ff", 200),
    ],
)
async def test_a_question_has_bounds(newsroom: Newsroom, path: str, status: int) -> None:
    assert (await newsroom.get(path)).status_code == status


async def test_a_paper_without_search_has_no_such_feeds(newsroom: Newsroom) -> None:
    await newsroom.reload(YAML.replace("site:", "output: {search: no}\nsite:"))
    assert (await feed(newsroom, "q=潮汐")).status_code == 404


async def test_a_store_that_fails_is_said_so(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> Any:
        raise StorageError("the disk is full")

    monkeypatch.setattr(newsroom.office.desk.store, "articles", failing)
    response = await feed(newsroom, "q=潮汐")
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")


# -- what people guess


@pytest.mark.parametrize(
    ("guessed", "address"),
    [
        ("/tag/海洋.atom", "/search.atom?tag=%E6%B5%B7%E6%B4%8B"),
        ("/tag/海洋.rss", "/search.rss?tag=%E6%B5%B7%E6%B4%8B"),
        ("/source/feed.json", "/search.json?source=feed"),
        ("/author/韩梅", "/search?author=%E9%9F%A9%E6%A2%85"),
        ("/author/J.%20R.%20Lee.atom", "/search.atom?author=J.+R.+Lee"),
        ("/tag/sea/north%2Fsouth.atom", "/search.atom?tag=sea%2Fnorth%2Fsouth"),
        ("/tag/.atom", "/search?tag=.atom"),
        ("/tag/sea.pdf", "/search?tag=sea.pdf"),
        ("/tag/sea/", "/search?tag=sea"),
    ],
)
async def test_a_guessed_address_leads_for_good_to_that_of_the_question(
    newsroom: Newsroom, guessed: str, address: str
) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        led = await client.get(newsroom.address + guessed)
    assert led.status_code == 301
    assert led.headers["cache-control"] == "max-age=86400"
    assert urljoin(newsroom.address + guessed, led.headers["location"]) == newsroom.address + address


@pytest.mark.parametrize("path", ["/tag/", "/tag/%20.atom", "/source/No_Id.atom", "/tag"])
async def test_a_guess_that_asks_for_nothing_is_not_found(newsroom: Newsroom, path: str) -> None:
    assert (await newsroom.get(path)).status_code == 404


async def test_a_guessed_feed_has_the_id_of_the_question(newsroom: Newsroom) -> None:
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
        guessed = await client.get(f"{newsroom.address}/tag/海洋.atom")
    asked = await feed(newsroom, "tag=海洋")
    assert titles(guessed) == {"潮汐闸启用", "潮汐表更新"}
    assert (guessed.content, guessed.headers["etag"]) == (asked.content, asked.headers["etag"])
