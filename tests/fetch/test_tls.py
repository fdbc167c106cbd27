from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.fetch import Fetcher, dial
from tests.fetch.conftest import AGENT, Names, fault, get, request
from tests.support.certificates import Authority
from tests.support.web import Web, ok


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def trusting(
    authority: Authority, names: Names, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Fetcher]:
    """Trusts the test's authority, by way of the environment."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    names.add("news.example", "127.0.0.1")
    async with Fetcher(user_agent=AGENT, resolver=names) as fetcher:
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


async def test_a_server_that_is_silent_about_tls_is_told_from_one_that_is_not_there(web: Web) -> None:
    async with Fetcher(user_agent=AGENT, connect_timeout=timedelta(milliseconds=50)) as fetcher:
        error = await fault(fetcher, request(web.url("/feed").replace("http:", "https:")))
    assert (error.kind, "TLS" in error.reason, "https server" in error.reason) == ("tls", True, True)


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
        await _refused(fetcher, authority.server("DNS:news.example"), "name it as ca_file")


async def test_an_authority_that_a_source_names_is_trusted_for_that_source_alone(
    fetcher: Fetcher, names: Names, authority: Authority
) -> None:
    names.add("news.example", "127.0.0.1")
    async with Web(tls=authority.server("DNS:news.example")) as web:
        web.answer("/feed", ok(b"<rss/>"))
        url = web.url("/feed", "news.example")
        assert (await get(fetcher, url, ca_file=authority.certificate)).status == 200
        assert (await fault(fetcher, request(url))).kind == "tls"


async def test_a_certificate_signed_by_itself_may_be_named_as_authority(
    fetcher: Fetcher, names: Names, authority: Authority
) -> None:
    names.add("news.example", "127.0.0.1")
    context = authority.self_signed("DNS:news.example")
    async with Web(tls=context) as web:
        url = web.url("/feed", "news.example")
        web.answer("/feed", ok(b"<rss/>"))
        assert (await get(fetcher, url, ca_file=authority.latest)).status == 200


async def test_an_authority_named_does_not_excuse_another_host_s_certificate(
    fetcher: Fetcher, names: Names, authority: Authority
) -> None:
    names.add("news.example", "127.0.0.1")
    async with Web(tls=authority.server("DNS:other.example")) as web:
        asked = request(web.url("/feed", "news.example"), ca_file=authority.certificate)
        assert "for another host name" in (await fault(fetcher, asked)).reason


async def test_an_authority_that_has_gone_since_is_named(fetcher: Fetcher, tmp_path: Path) -> None:
    error = await fault(fetcher, request("https://127.0.0.1:1/feed", ca_file=tmp_path / "gone.pem"))
    assert (error.kind, "gone.pem" in error.reason) == ("tls", True)


async def test_contexts_are_made_once_for_each_authority(
    fetcher: Fetcher, names: Names, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    make = dial._context

    def noted(verify: bool, ca_file: Path | None) -> ssl.SSLContext:
        made.append((verify, ca_file))
        return make(verify, ca_file)

    monkeypatch.setattr(dial, "_context", noted)
    names.add("news.example", "127.0.0.1")
    closing = ok(b"<rss/>", connection="close")
    async with Web(tls=authority.server("DNS:news.example")) as web:
        web.answer("/feed", closing)
        for _ in range(3):
            await get(fetcher, web.url("/feed", "news.example"), ca_file=authority.certificate)
            await get(fetcher, web.url("/feed", "news.example"), verify=False)
    assert len(made) == 2


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


async def test_a_server_that_hangs_up_on_tls_is_told_so(trusting: Fetcher) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(2)
        writer.transport.abort()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await fault(trusting, request(f"https://127.0.0.1:{port}/feed"))
    assert error.kind == "tls"
    assert error.reason.startswith("no TLS connection (")
    assert "()" not in error.reason


async def test_a_body_cut_under_tls_is_an_error(trusting: Fetcher, authority: Authority) -> None:
    async with Web(tls=authority.server("DNS:news.example")) as web:
        web.answer("/feed", cut_after_ten_bytes)
        assert (await fault(trusting, request(web.url("/feed", "news.example")))).kind == "truncated"


async def cut_after_ten_bytes(asked: object, writer: asyncio.StreamWriter) -> None:
    writer.write(ok(b"x" * 100)[:-90])
    await writer.drain()
    writer.transport.abort()
