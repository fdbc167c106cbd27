"""Nothing that is not public is dialled, however it is written: asserted at the sockets of the process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_network

import pytest

from aggregator.fetch import Fetcher, HostManners, Request
from tests.fetch.conftest import AGENT, Names, fault, get, request, words
from tests.support.sockets import dials
from tests.support.web import Web, ok, redirect

#: What each names leads to this machine, its networks or its cloud, or is no web address at all.
PAYLOADS = [
    *words(
        "http://127.0.0.1:9 http://127.1 http://2130706433 http://0x7f000001 http://0177.0.0.1 http://0x7f.1"
    ),
    *words(
        "http://017700000001 http://127.0.0.1.nip.example http://0 http://0.0.0.0 http://[::] http://[::1]"
    ),
    *words("http://[::ffff:127.0.0.1] http://[::ffff:7f00:1] http://[::127.0.0.1] http://[64:ff9b::7f00:1]"),
    *words("http://[64:ff9b::a9fe:a9fe] http://[2002:7f00:1::] http://[2002:a9fe:a9fe::1]"),
    *words("http://[2001:0:0:0:0:0:80ff:fffe] http://[fe80::1%25lo] http://[fe80::1] http://[fc00::1]"),
    *words(
        "http://[fec0::1] http://[fd00:ec2::254] http://[ff02::1] http://169.254.169.254/latest/meta-data/"
    ),
    *words("http://2852039166 http://0xa9fea9fe http://0251.0376.0251.0376 http://169.254.170.2"),
    *words(
        "http://100.100.100.200 http://168.63.129.16 http://192.0.0.192 http://10.0.0.1 http://172.16.0.1"
    ),
    *words("http://192.168.1.1 http://100.64.0.1 http://198.18.0.1 http://224.0.0.1 http://255.255.255.255"),
    *words("http://240.0.0.1 http://localhost http://LOCALHOST. http://127.0.0.1. http://①②⑦.⓪.⓪.①"),
    *words("http://127。0。0。1 http://user@127.0.0.1 http://example.com@127.0.0.1"),
    *words("http://127.0.0.1#@example.com http://127.0.0.1\\@example.com http://[::ffff:169.254.169.254]"),
    *words("http://[0:0:0:0:0:ffff:a9fe:a9fe] http://[::5efe:7f00:1] file:///etc/passwd"),
    *words("gopher://127.0.0.1:6379/_x ftp://127.0.0.1/ dict://127.0.0.1:11211/stat"),
    *words("http+unix://%2Fvar%2Frun%2Fdocker.sock/info jar:http://127.0.0.1!/ data:text/xml,<rss/>"),
    *words("http:///etc http://%31%32%37.0.0.1 http://127.0.0.1%00.example.com http://127.0.0.1%0d%0aX:y"),
    *words("feed://127.0.0.1 source:file:///etc/passwd http://news.example:22 http://news.example:25"),
    *words("http://news.example:6379 http://news.example:11211 http://metadata.google.internal"),
]
PUBLIC = "93.184.215.14"
REBOUND = ["127.0.0.1", "127.0.0.1"]


@pytest.fixture
def names() -> Names:
    names = Names(localhost="127.0.0.1")
    names.add("news.example", PUBLIC)
    names.add("127.0.0.1.nip.example", "127.0.0.1")
    names.add("metadata.google.internal", "169.254.169.254")
    return names


@pytest.fixture
async def fetcher(names: Names) -> AsyncIterator[Fetcher]:
    async with Fetcher(user_agent=AGENT, resolver=names) as fetcher:
        yield fetcher


def test_the_list_is_as_long_as_it_claims() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 65


@pytest.mark.parametrize("url", PAYLOADS)
async def test_a_forbidden_address_is_not_dialled(fetcher: Fetcher, url: str) -> None:
    with dials() as dialled:
        error = await fault(fetcher, Request(url=url))
    assert error.kind in ("refused-address", "url")
    assert dialled == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/",
        "http://[::1]/",
        "//10.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
    ],
)
async def test_a_redirect_to_a_forbidden_address_is_not_followed(
    fetcher: Fetcher, web: Web, status: int, location: str
) -> None:
    url = web.answer("/feed", redirect(status, location))
    only_this = (ip_network("127.0.0.1/32"),)
    with dials() as dialled:
        error = await fault(fetcher, request(url, allow_private=only_this))
    assert error.kind in ("refused-address", "url")
    assert dialled == [("127.0.0.1", web.port)]


@pytest.mark.parametrize(
    "addresses",
    [
        f"{PUBLIC} 127.0.0.1",
        f"127.0.0.1 {PUBLIC}",
        f"::1 {PUBLIC}",
        f"{PUBLIC} fd00::1",
        f"{PUBLIC} ::ffff:10.0.0.1",
    ],
)
async def test_one_forbidden_address_among_public_ones_refuses_the_name(
    fetcher: Fetcher, names: Names, addresses: str
) -> None:
    names.add("mixed.example", addresses)
    with dials() as dialled:
        error = await fault(fetcher, Request(url="http://mixed.example/feed"))
    assert error.kind == "refused-address"
    assert dialled == []


async def test_the_address_that_was_checked_is_the_one_that_is_dialled(web: Web, names: Names) -> None:
    names.add("rebinding.example", ["127.0.0.1", "127.0.0.2"])
    url = web.answer("/feed", ok(b"<rss/>"))
    async with Fetcher(user_agent=AGENT, resolver=names) as fetcher:
        with dials() as dialled:
            await get(fetcher, url.replace("127.0.0.1", "rebinding.example"))
    assert dialled == [("127.0.0.1", web.port)]
    assert names.asked == ["rebinding.example"]


async def test_a_name_that_turns_private_after_its_first_answer_is_refused(
    fetcher: Fetcher, names: Names
) -> None:
    names.add("turning.example", REBOUND)
    with dials() as dialled:
        error = await fault(fetcher, Request(url="http://turning.example/"))
    assert error.kind == "refused-address"
    assert dialled == []


async def test_a_kept_connection_serves_only_sources_of_the_same_permission(
    fetcher: Fetcher, web: Web
) -> None:
    url = web.answer("/feed", ok(b"<rss/>"))
    await get(fetcher, url)
    stranger = request(url, allow_private=(), per_host=HostManners(spacing=timedelta()))
    assert (await fault(fetcher, stranger)).kind == "refused-address"
    assert len(web.requests) == 1


async def test_a_proxy_in_the_environment_is_not_used(
    fetcher: Fetcher, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    url = web.answer("/feed", ok(b"<rss/>"))
    async with Fetcher(user_agent=AGENT) as started_with_it:
        with dials() as dialled:
            await get(started_with_it, url)
    assert dialled == [("127.0.0.1", web.port)]


async def test_the_reason_says_what_to_do(fetcher: Fetcher) -> None:
    error = await fault(fetcher, Request(url="http://user:secret@127.0.0.1:8000/feed"))
    assert str(error) == (
        "http://127.0.0.1:8000/feed: 127.0.0.1 is a loopback address; "
        "name 127.0.0.0/8 in allow_private if this source is your own"
    )
