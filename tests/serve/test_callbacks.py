"""The door that hubs call at: what it lets in, how much of it, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from aggregator.serve.callbacks import CallbackDoor
from storage.errors import StorageError
from tests.serve.making import a_paper, client, publish

TOKEN = "T" * 43
OTHER = "O" * 43


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    text: str


@dataclass(slots=True, kw_only=True)
class FakeCallbacks:
    most: int = 1000
    documents: list[bytes] = field(default_factory=list)
    too_long: int = 0
    fault: StorageError | None = None

    async def verify(self, token: str, query: Mapping[str, str]) -> Said:
        if self.fault:
            raise self.fault
        return Said(200, query["hub.challenge"])

    def limit(self, token: str) -> int | None:
        return self.most if token in (TOKEN, OTHER) else None

    def receive(self, token: str, headers: Mapping[str, str], body: bytes) -> int:
        self.documents.append(body)
        return 202

    def overlong(self, token: str) -> None:
        self.too_long += 1


def caller(callbacks: FakeCallbacks | None, *, patience: float = 30.0) -> httpx.AsyncClient:
    files = PlainTextResponse("a file")
    app = Starlette(routes=[Route("/websub/{token}", CallbackDoor(callbacks, files, patience=patience))])
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://paper.example/websub/")


async def never() -> AsyncIterator[bytes]:
    yield b"<rss>"
    await asyncio.Event().wait()


async def test_a_challenge_is_sent_back_as_nothing_that_a_browser_would_run() -> None:
    async with caller(FakeCallbacks()) as hub:
        answer = await hub.get(TOKEN, params={"hub.challenge": "<script>"})
    assert (answer.status_code, answer.text) == (200, "<script>")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("size", [0, 1, 1000])
async def test_a_document_within_the_limit_comes_in_whole(size: int) -> None:
    callbacks = FakeCallbacks()
    async with caller(callbacks) as hub:
        assert (await hub.post(TOKEN, content=b"x" * size)).status_code == 202
    assert callbacks.documents == [b"x" * size]


@pytest.mark.parametrize("size", [1001, 100_000, 5_000_000])
async def test_a_longer_one_is_not_kept(size: int) -> None:
    callbacks = FakeCallbacks()
    async with caller(callbacks) as hub:
        assert (await hub.post(TOKEN, content=b"x" * size)).status_code == 413
    assert (callbacks.documents, callbacks.too_long) == ([], 1)


async def test_a_document_that_never_ends_is_given_up() -> None:
    callbacks = FakeCallbacks()
    async with caller(callbacks, patience=0.02) as hub:
        assert (await hub.post(TOKEN, content=never())).status_code == 408
        assert (await hub.post(TOKEN, content=b"next")).status_code == 202
    assert callbacks.documents == [b"next"]


async def test_few_documents_are_read_at_a_time() -> None:
    async with caller(FakeCallbacks(), patience=0.2) as hub:
        slow = [asyncio.create_task(hub.post(TOKEN, content=never())) for _ in range(4)]
        await asyncio.sleep(0.02)
        refused = await hub.post(TOKEN, content=b"fifth")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert (await hub.post(OTHER, content=b"of another")).status_code == 202
        assert [answer.status_code for answer in await asyncio.gather(*slow)] == [408] * 4


async def test_documents_that_are_being_read_have_so_much_room_in_all() -> None:
    async with caller(FakeCallbacks(most=60 * 1024 * 1024), patience=0.2) as hub:
        slow = asyncio.create_task(hub.post(TOKEN, content=never()))
        await asyncio.sleep(0.02)
        assert (await hub.post(OTHER, content=b"x" * 5_000_000)).status_code == 503
        assert (await hub.post(OTHER, content=b"x" * 1_000_000)).status_code == 202
        assert (await slow).status_code == 408


async def test_nothing_is_read_of_what_nobody_expects() -> None:
    async with caller(FakeCallbacks()) as hub:
        assert (await hub.post("U" * 43, content=never())).status_code == 404


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
async def test_other_methods_are_none_of_a_hub(method: str) -> None:
    async with caller(FakeCallbacks()) as hub:
        answer = await hub.request(method, TOKEN)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_a_store_that_does_not_answer_is_asked_again_later() -> None:
    async with caller(FakeCallbacks(fault=StorageError("the disk is full"))) as hub:
        answer = await hub.get(TOKEN, params={"hub.challenge": "c"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_where_nobody_subscribes_every_callback_is_a_404(tmp_path: Path, method: str) -> None:
    async with client(a_paper(tmp_path)) as server:
        assert (await server.request(method, f"/websub/{TOKEN}")).status_code == 404


async def test_a_section_of_that_name_is_served_all_the_same(tmp_path: Path) -> None:
    publish(tmp_path, "websub/index.html", b"<!doctype html><title>websub</title>")
    async with client(tmp_path) as server:
        assert "websub" in (await server.get("/websub/")).text
        assert "websub" in (await server.get("/websub/index.html")).text
