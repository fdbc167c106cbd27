"""The permit that a request carries is asked before every address, and says how far apart the starts are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.fetch import Fetcher, FetchError
from tests.fetch.conftest import fault, get, request
from tests.support.web import Web, ok, redirect


class Doorman:
    """Lets everything pass but what he was told of."""

    def __init__(self, *refused: str, pause: float = 0.0) -> None:
        self.asked: list[str] = []
        self._refused, self._pause = refused, timedelta(seconds=pause)

    async def __call__(self, url: str) -> timedelta:
        self.asked.append(url)
        if url in self._refused:
            raise FetchError(url, "not this way", "robots")
        return self._pause


async def test_an_address_without_permit_is_not_asked_for(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/a", ok())
    assert (await fault(fetcher, request(url, permit=Doorman(url)))).kind == "robots"
    assert web.connections == 0


async def test_every_step_of_a_redirect_needs_a_permit(fetcher: Fetcher, web: Web) -> None:
    async with Web() as other:
        beyond = other.answer("/c", ok(b"x"))
        url, step = web.answer("/a", redirect(302, "/b")), web.answer("/b", redirect(301, beyond))
        doorman = Doorman()
        assert (await get(fetcher, url, permit=doorman)).body == b"x"
        assert doorman.asked == [url, step, beyond]
        for refused in (step, beyond):
            error = await fault(fetcher, request(url, permit=Doorman(refused)))
            assert (error.kind, error.url) == ("robots", refused)
        assert other.paths() == ["/c"]
    assert web.paths() == ["/a", "/b", "/a", "/a", "/b"]


async def test_the_pause_a_permit_asks_for_holds_for_one_s_own_hosts_too(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/a", ok())
    for _ in range(3):
        await get(fetcher, url, permit=Doorman(pause=0.1))
    first, *_, last = (asked.at for asked in web.requests)
    assert last - first >= 0.19


@pytest.mark.parametrize("length", [True, False])
async def test_of_a_long_robots_txt_the_beginning_is_taken(fetcher: Fetcher, web: Web, length: bool) -> None:
    body = b"x" * 3_000_000
    answer = ok(body) if length else b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body
    url = web.answer("/robots.txt", answer)
    found = await get(fetcher, url, kind="robots", max_size=1_000_000)
    assert 700_000 < len(found.body) <= 1_000_000
    assert (await fault(fetcher, request(url, max_size=1_000_000))).kind == "too-large"
