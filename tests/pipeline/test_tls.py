"""Sources over TLS: a certificate that does not hold is an error that names the remedy, and the remedies work."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import Web, ok

SOURCE = 'sources:\n  - {id: paper, url: "{web}/feed"%s}\n'
OWN = ", ca_file: own.pem"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


async def poll(context: ssl.SSLContext, folder: Path, more: str = "") -> tuple[Room, Web, str | None]:
    async with Web(tls=context) as web:
        web.answer("/feed", ok(rss(item(1))))
        room = Room(web=web, folder=folder)
        result = await room.poll(SOURCE % more)
        return room, web, result["paper"].error


@pytest.mark.parametrize(
    ("made", "trust", "remedy"),
    [
        (lambda a: a.server("IP:127.0.0.1", expired=True), OWN, "expired; verify: no"),
        (lambda a: a.server("DNS:other.example"), OWN, "verify: no would accept it"),
        (lambda a: a.self_signed("IP:127.0.0.1"), "", "signed by itself; name it as ca_file"),
        (lambda a: a.server("IP:127.0.0.1"), "", "unknown; name it as ca_file"),
    ],
)
async def test_a_certificate_that_does_not_hold_is_an_error_with_its_remedy(
    tmp_path: Path,
    authority: Authority,
    made: Callable[[Authority], ssl.SSLContext],
    trust: str,
    remedy: str,
) -> None:
    (tmp_path / "own.pem").write_bytes(authority.certificate.read_bytes())
    room, web, error = await poll(made(authority), tmp_path, trust)
    assert remedy in (error or "")
    assert (web.requests, room.articles()) == ([], [])
    room, _, error = await poll(made(authority), tmp_path, ", verify: no")
    assert error is None
    assert len(room.articles()) == 1


async def test_an_authority_beside_the_configuration_is_trusted(tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "own.pem").write_bytes(authority.certificate.read_bytes())
    room, _, error = await poll(authority.server("IP:127.0.0.1"), tmp_path, ", ca_file: own.pem")
    assert error is None
    assert len(room.articles()) == 1


async def test_robots_txt_and_pages_go_by_the_authority_of_their_source(
    tmp_path: Path, authority: Authority
) -> None:
    (tmp_path / "own.pem").write_bytes(authority.certificate.read_bytes())
    _, web, error = await poll(authority.server("IP:127.0.0.1"), tmp_path, ", ca_file: own.pem, robots: obey")
    assert error is None
    assert web.paths() == ["/robots.txt", "/feed"]
