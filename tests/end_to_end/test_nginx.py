"""deploy/nginx.conf by a real nginx over a folder that was really published; the daemon stands behind it."""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.test_daemon import address
from tests.support.documents import item, rss
from tests.support.listener import Listener
from tests.support.process import Process, eventually, get
from tests.support.threaded import threaded_web
from tests.support.web import Web, ok

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None, reason="no nginx"
    ),
]

DEPLOY = Path(__file__).parents[2] / "deploy"
CONFIG = """
site: {{title: 晨报, base_url: "{front}"}}
defaults: {{allow_private: 127.0.0.0/8, interval: 1h}}
sources:
  - {{id: morning, url: "{web}/feed"}}
sections:
  - {{id: world, title: 国际, include: "*"}}{more}
output: {{websub: {{hub: self}}}}
server: {{listen: "127.0.0.1:0"}}
"""
MAIN = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 128; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/paper.conf;
}}
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with threaded_web() as made:
        yield made


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, web: Web) -> Iterator[str]:
    """The address of nginx; one section was given up meanwhile."""
    folder, port = tmp_path_factory.mktemp("paper"), free_port()
    folder.chmod(0o755)
    root, configured = f"http://127.0.0.1:{port}", folder / "feeds.yaml"
    web.answer("/feed", ok(rss(*(item(number) for number in range(1, 30)))))
    old = '\n  - {id: old, title: 旧, include: "*"}'
    configured.write_text(CONFIG.format(front=root, web=web.url(""), more=old), encoding="utf-8")
    with Process("run", folder=folder) as daemon:
        behind = address(daemon)
        eventually(lambda: "新闻1".encode() in get(f"{behind}/old.atom"))
        configured.write_text(CONFIG.format(front=root, web=web.url(""), more=""), encoding="utf-8")
        eventually(lambda: not (folder / "var/public/old.atom").exists())
        with nginx(folder, port, behind):
            eventually(lambda: get(f"{root}/world.atom"))
            yield root


def nginx(folder: Path, port: int, behind: str) -> subprocess.Popen[bytes]:
    """The sample with the three things that its head says are to be adapted."""
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    for pattern, ours in (
        (r"listen 80;", f"listen 127.0.0.1:{port};"),
        (r"root /var/lib/\S+;", f"root {folder}/var/public;"),
        (r"server 127\.0\.0\.1:8000;", f"server {behind.removeprefix('http://')};"),
    ):
        text, found = re.subn(pattern, ours, text)
        assert found == 1, pattern
    (folder / "paper.conf").write_text(text, "utf-8")
    (folder / "aggregator-proxy.conf").write_text((DEPLOY / "aggregator-proxy.conf").read_text("utf-8"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + MAIN.format(folder=folder))
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None
    command = [program, "-e", f"{folder}/error.log", "-p", str(folder), "-c", f"{folder}/nginx.conf"]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    return Nginx([*command, "-g", "daemon off;"])


class Nginx(subprocess.Popen[bytes]):
    def __exit__(self, *_: object) -> None:
        self.terminate()
        self.wait(10)


def asked(url: str, method: str = "GET", **headers: str) -> httpx.Response:
    named = {"accept-encoding": "identity"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return httpx.request(method, url, headers=named, trust_env=False)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/world/", "text/html; charset=utf-8"),
        ("/world.atom", "application/atom+xml; charset=utf-8"),
        ("/world.rss", "application/rss+xml; charset=utf-8"),
        ("/world.json", "application/feed+json; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_everything_has_its_type_and_is_conditional(front: str, path: str, media_type: str) -> None:
    first = asked(front + path)
    assert (first.status_code, first.headers["content-type"]) == (200, media_type)
    assert first.headers["x-content-type-options"] == "nosniff"
    for field, value in (
        ("if_none_match", first.headers["etag"]),
        ("if_modified_since", first.headers["last-modified"]),
    ):
        again = asked(front + path, **{field: value})
        assert (again.status_code, again.content) == (304, b"")


def test_feeds_are_sent_packed_as_they_stand_beside(front: str) -> None:
    plain = asked(f"{front}/world.atom")
    with httpx.stream(
        "GET", f"{front}/world.atom", headers={"accept-encoding": "gzip"}, trust_env=False
    ) as packed:
        body = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]
    again = asked(f"{front}/world.atom", accept_encoding="gzip", if_none_match=packed.headers["etag"])
    assert again.status_code == 304


def test_parts_heads_and_sharing(front: str) -> None:
    part = asked(f"{front}/world.atom", range="bytes=0-4")
    assert (part.status_code, part.content) == (206, b"<?xml")
    assert asked(f"{front}/world.atom", range="bytes=999999999-").status_code == 416
    assert asked(f"{front}/world.atom", "HEAD").content == b""
    assert asked(f"{front}/world.atom").headers["access-control-allow-origin"] == "*"
    assert asked(f"{front}/world.atom").headers["cache-control"] == "max-age=300"
    assert "sandbox" in asked(f"{front}/world.atom").headers["content-security-policy"]
    assert "access-control-allow-origin" not in asked(f"{front}/world/").headers
    assert "sandbox" not in asked(f"{front}/world/").headers["content-security-policy"]
    assert asked(f"{front}/world.atom", "POST").status_code in (403, 405)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/atom+xml, */*;q=0.1", "application/atom+xml"),
        ("application/rss+xml", "application/rss+xml"),
        ("application/feed+json", "application/feed+json"),
    ],
)
def test_a_section_is_sent_in_the_form_that_is_asked_for(front: str, accept: str, media_type: str) -> None:
    response = asked(f"{front}/world", accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(media_type)
    assert "Accept" in response.headers["vary"]


def test_a_browser_is_sent_to_the_page_of_a_section(front: str) -> None:
    response = asked(f"{front}/world", accept="text/html,*/*;q=0.8")
    assert response.status_code == 308
    assert httpx.URL(f"{front}/world").join(response.headers["location"]).path == "/world/"


@pytest.mark.parametrize(
    "path", ["/.aggregator-manifest.json", "/../feeds.yaml", "/%2e%2e/feeds.yaml", "/nothing"]
)
def test_nothing_else_is_given_out(front: str, path: str) -> None:
    assert asked(front + path).status_code in (400, 404)


def test_what_only_the_program_knows_goes_to_it(front: str) -> None:
    assert asked(f"{front}/old.atom").status_code == 410
    assert asked(f"{front}/search?q=新闻").status_code == 200
    assert "新闻1".encode() in asked(f"{front}/search.rss?q=新闻1").content
    assert asked(f"{front}/status", accept="application/json").json()[0]["source"] == "morning"
    assert asked(f"{front}/healthz").text == "ok\n"
    assert asked(f"{front}/metrics").status_code == 404
    assert asked(f"{front}/websub/{'a' * 43}").status_code == 404


def test_the_hub_takes_subscriptions_through_it(front: str, web: Web) -> None:
    listener = Listener(web=web)
    reply = asyncio.run(listener.ask(f"{front}/hub", f"{front}/world.atom"))
    assert reply.status_code == 202
    eventually(lambda: listener.questions)
    assert listener.questions[0]["hub.topic"] == f"{front}/world.atom"
