from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest

from aggregator.fetch import Fetcher
from tests.fetch.conftest import AGENT, Names, fault, get, request
from tests.support.certificates import Authority
from tests.support.web import Web, ok


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def trusting(authority: Authority, names: Names) -> AsyncIterator[Fetcher]:
    names.add("news.example", "127.0.0.1")
    async with Fetcher(user_agent=AGENT, resolver=names, ca_file=authority.certificate) as fetcher:
        yield fetcher


async def test_a_good_certificate_is_accepted_and_the_name_is_told(
    trusting: Fetcher, authority: Authority
) -> None:
    context = authority.server("DNS:news.example")
    told: list[str | None] = []
    context.sni_callback = lambda socket, name, context: told.append(name)
    async with Web(tls=context) as web:
        web.answer("/feed", ok(b"<rss/>"))
        answer = await get(trusting, web.url("/feed", "news.example"))
    assert answer.body == b"<rss/>"
    assert told == ["news.example"]
    assert web.requests[0]["host"] == f"news.example:{web.port}".encode()


async def test_a_certificate_for_an_address_is_accepted_there(
    trusting: Fetcher, authority: Authority
) -> None:
    async with Web(tls=authority.server("IP:127.0.0.1")) as web:
        assert (await get(trusting, web.answer("/feed", ok(b"<rss/>")))).status == 200


async def _refused(fetcher: Fetcher, context: ssl.SSLContext, why: str) -> None:
    """The certificate is refused for this reason, nothing is sent; ``verify`` switched off it is accepted."""
    async with Web(tls=context) as web:
        web.answer("/feed", ok(b"<rss/>"))
        asked = request(web.url("/feed", "news.example"))
        error = await fault(fetcher, asked)
        assert (error.kind, why in error.reason) == ("tls", True), error.reason
        assert web.requests == []
        answer = await get(fetcher, asked.url, verify=False)
        assert answer.body == b"<rss/>"
        assert (await fault(fetcher, asked)).kind == "tls"


async def test_a_certificate_for_another_host_is_refused(trusting: Fetcher, authority: Authority) -> None:
    await _refused(trusting, authority.server("DNS:other.example"), "for another host name")


async def test_an_expired_certificate_is_refused(trusting: Fetcher, authority: Authority) -> None:
    await _refused(trusting, authority.server("DNS:news.example", expired=True), "expired; verify: no")


async def test_a_self_signed_certificate_is_refused(trusting: Fetcher, authority: Authority) -> None:
    await _refused(trusting, authority.self_signed("DNS:news.example"), "signed by itself")


async def test_an_unknown_authority_is_refused(names: Names, authority: Authority) -> None:
    names.add("news.example", "127.0.0.1")
    async with Fetcher(user_agent=AGENT, resolver=names) as fetcher:
        await _refused(fetcher, authority.server("DNS:news.example"), "SSL_CERT_FILE")


async def test_an_authority_of_the_environment_is_trusted(
    names: Names, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    names.add("news.example", "127.0.0.1")
    async with (
        Fetcher(user_agent=AGENT, resolver=names) as fetcher,
        Web(tls=authority.server("DNS:news.example")) as web,
    ):
        web.answer("/feed", ok(b"<rss/>"))
        assert (await get(fetcher, web.url("/feed", "news.example"))).status == 200


async def test_a_server_without_tls_is_an_error_and_is_not_asked_in_the_clear(trusting: Fetcher) -> None:
    heard: list[bytes] = []

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(2))
        writer.write(ok(status="400 Bad Request"))
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await fault(trusting, request(f"https://127.0.0.1:{port}/feed"))
    assert error.kind == "tls"
    assert heard == [b"\x16\x03"]  # a TLS handshake, once


async def test_a_body_cut_under_tls_is_an_error(trusting: Fetcher, authority: Authority) -> None:
    async with Web(tls=authority.server("DNS:news.example")) as web:
        web.answer("/feed", cut_after_ten_bytes)
        assert (await fault(trusting, request(web.url("/feed", "news.example")))).kind == "truncated"


async def cut_after_ten_bytes(asked: object, writer: asyncio.StreamWriter) -> None:
    writer.write(ok(b"x" * 100)[:-90])
    await writer.drain()
    writer.transport.abort()
