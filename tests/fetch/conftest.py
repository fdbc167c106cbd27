"""A loopback server, a fetcher, and the few words in which the suites ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from aggregator.fetch import Fetcher, FetchError, HostManners, Request, Response
from aggregator.fetch.addresses import IpAddress
from tests.support.web import Web

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
AGENT = "feed-aggregator/0 (+https://reader.example/about)"


def words(text: str) -> list[str]:
    return text.split()


def request(url: str, **changes: Any) -> Request:
    """A request that may go to loopback and has little time."""
    base = Request(
        url=url, allow_private=LOOPBACK, timeout=timedelta(seconds=5), per_host=HostManners(concurrency=50)
    )
    return replace(base, **changes)


class Names:
    """A resolver with a script: each look-up of a name takes the next of its answers, the last for ever."""

    def __init__(self, **names: str | list[str]) -> None:
        self.asked: list[str] = []
        self._names: dict[str, list[str]] = {}
        for name, answers in names.items():
            self.add(name, answers)

    def add(self, name: str, answers: str | list[str]) -> None:
        self._names[name] = [answers] if isinstance(answers, str) else list(answers)

    async def __call__(self, host: str) -> list[IpAddress]:
        self.asked.append(host)
        answers = self._names.get(host)
        if answers is None:
            raise OSError("Name or service not known")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [ip_address(ip) for ip in answer.split()]


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with Web() as web:
        yield web


@pytest.fixture
def names() -> Names:
    return Names(localhost="127.0.0.1")


@pytest.fixture
async def fetcher(names: Names) -> AsyncIterator[Fetcher]:
    async with Fetcher(user_agent=AGENT, resolver=names) as fetcher:
        yield fetcher


async def fault(fetcher: Fetcher, asked: Request) -> FetchError:
    """The error that a fetch ends with."""
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(asked)
    return caught.value


async def get(fetcher: Fetcher, url: str, **changes: Any) -> Response:
    return await fetcher.fetch(request(url, **changes))
