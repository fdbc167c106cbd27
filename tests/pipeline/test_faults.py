"""What must not fail a poll, and what becomes of a poll that fails by a fault of our own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator import documents
from aggregator.extract import extract_article
from aggregator.pipeline import articlepages, takein, visit
from aggregator.sources import NotAFeed, parse_feed
from storage import open_store
from storage.errors import StorageError
from storage.model import Claim, Health, SourceRecord
from tests.pipeline.test_feeds import ONE
from tests.pipeline.test_pages import LINKS, PORTAL, portal
from tests.support.documents import WORDS, item, rss
from tests.support.room import Room
from tests.support.web import NOT_MODIFIED, ok

#: Half a character and a NUL: no database takes the one, PostgreSQL not the other.
BAD = "\ud800坏\0"


@pytest.fixture
def durable(room: Room, tmp_path: Path) -> Iterator[Room]:
    room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield room
    room.store.close()


async def test_half_characters_anywhere_in_a_feed_cost_nothing(durable: Room) -> None:
    entry = {
        "id": BAD,
        "url": f"http://{BAD}.example/{BAD}",
        "title": BAD,
        "summary": BAD,
        "content_html": f"<p>{WORDS}{BAD}</p><a href='http://{BAD}.example/'>{BAD}</a>",
        "image": f"http://{BAD}.example/{BAD}.png",
        "authors": [{"name": BAD}],
        "tags": [BAD],
        "language": BAD,
        "attachments": [{"url": f"http://{BAD}.example/{BAD}", "mime_type": f"a/{BAD}"}],
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": BAD, "items": [entry]}
    durable.web.answer("/feed", ok(json.dumps(feed).encode(), content_type="application/feed+json"))
    result = await durable.poll(ONE)
    assert result["morning"].error is None
    assert durable.titles() == ["坏"]
    assert durable.source("morning").title == "坏"


async def test_half_characters_in_an_error_are_left_out(
    durable: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable.web.answer("/feed", ok(rss(item(1))))
    monkeypatch.setattr(documents, "parse_feed", raising(NotAFeed(f"root <{BAD}>")))
    await durable.poll(ONE)
    assert durable.source("morning").last_error == "root <坏>"


def raising(error: Exception) -> Callable[..., Any]:
    def broken(*_: object, **__: object) -> Any:
        raise error

    return broken


@pytest.mark.parametrize(
    ("where", "what"),
    [
        (documents, "parse_feed"),
        (documents, "normalise_all"),
        (takein, "decide"),
        (takein, "place"),
        (visit, "sniff"),
    ],
)
async def test_a_fault_of_ours_is_the_sources_error_and_puts_it_off(
    room: Room, monkeypatch: pytest.MonkeyPatch, where: Any, what: str
) -> None:
    room.web.answer("/feed", ok(rss(item(1)), etag='"1"'))
    with monkeypatch.context() as patch:
        patch.setattr(where, what, raising(KeyError("oops")))
        result = await room.poll(ONE)
    assert "a fault of this program (KeyError" in (result["morning"].error or "")
    record = room.source("morning")
    assert (record.health, record.failures, record.last_error) == (Health.FAILING, 1, result["morning"].error)
    assert record.next_poll >= room.clock() + timedelta(minutes=5)
    assert await room.poll(ONE, early=False) == {}
    room.clock.forward(hours=1)
    assert (await room.poll(ONE))["morning"].error is None
    assert room.titles() == ["新闻1"]


async def test_what_the_store_refuses_is_the_sources_error(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/feed", ok(rss(item(1))))
    monkeypatch.setattr(takein, "place", raising(StorageError("no such text")))
    assert (await room.poll(ONE))["morning"].error == "what came could not be stored: no such text"
    assert room.source("morning").failures == 1


async def test_a_failure_that_cannot_be_recorded_is_tried_again_when_its_lease_has_run_out(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/feed", ok(rss(item(1))))

    with monkeypatch.context() as patch:
        for way in ("polls", "finish"):
            patch.setattr(type(room.store), way, raising(StorageError("the disk is full")))
        assert "the disk is full" in ((await room.poll(ONE))["morning"].error or "")
        room.clock.forward(seconds=30)
        assert await room.poll(ONE) == {}
    room.clock.forward(minutes=5)
    assert (await room.poll(ONE))["morning"].error is None


async def test_a_fault_of_ours_on_one_page_costs_that_page(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal(room, *LINKS[:3])

    def broken(body: bytes, url: str, **options: Any) -> Any:
        if url.endswith(LINKS[1]):
            raise RecursionError("oops")
        return extract_article(body, url, **options)

    monkeypatch.setattr(articlepages, "extract_article", broken)
    for _ in range(5):
        result = await room.poll(PORTAL)
        assert result["portal"].error is None
    assert len(room.articles()) == 2
    assert room.web.paths().count(LINKS[1]) == articlepages.MAX_ATTEMPTS


async def test_a_source_that_another_worker_has_taken_over_is_lost_alone(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/feed", ok(rss(item(1))))

    def taken_over(*args: Any, **options: Any) -> Any:
        room.store.claim_due(
            now=room.clock() + timedelta(days=1),
            limit=1,
            lease=timedelta(minutes=1),
            owner="other",
            early=True,
        )
        return parse_feed(*args, **options)

    monkeypatch.setattr(documents, "parse_feed", taken_over)
    assert (await room.poll(ONE))["morning"].kind == "lost"
    assert room.articles() == []


async def test_unchanged_sources_that_answer_together_are_committed_together_and_a_fault_costs_its_source_alone(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the store refuses of one of them is committed for the others all the same."""
    names = [f"s{number}" for number in range(6)]
    sources = "".join(f'  - {{id: {name}, url: "{{web}}/{name}"}}\n' for name in names)
    yaml = f"sources:\n{sources}sections: []\n"
    for name in names:
        room.web.answer(f"/{name}", ok(rss(item(1)), etag='"1"'), NOT_MODIFIED)
    await room.poll(yaml)

    finish, together = room.store.finish, list[int]()

    def refusing(ended: Sequence[tuple[Claim, SourceRecord]]) -> set[str]:
        together.append(len(ended))
        if any(record.id == "s3" and record.last_error is None for _, record in ended):
            raise StorageError("no such text")
        return finish(ended)

    monkeypatch.setattr(room.store, "finish", refusing)
    results = await room.poll(yaml)
    assert {name for name, result in results.items() if result.error} == {"s3"}
    assert {name for name in names if room.source(name).not_modified} == set(names) - {"s3"}
    assert max(together) > 1


async def test_an_entry_that_is_longer_than_one_may_be_is_cut_and_named(room: Room) -> None:
    yaml = ONE.replace("{id: morning,", "{id: morning, max_length: 10000,")
    assert yaml != ONE
    room.web.answer("/feed", ok(rss(item(1, text="<" * 30_000), item(2))))
    await room.poll(yaml)
    long, brief = sorted(room.articles(), key=lambda article: len(article.html), reverse=True)
    assert len(long.html) <= 10_000 < 2 * len(long.html)
    (fault,) = room.source("morning").memory["faults"]
    assert long.title in fault
    assert "max_length" in fault
    assert brief.title not in fault
