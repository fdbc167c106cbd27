from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch import Request
from aggregator.fetch.headers import conditional_headers, readable, request_headers, usable
from aggregator.fetch.target import check_url
from storage.model import Validators

HOME = check_url("http://user:s%0acret@news.example/")


@given(st.binary(max_size=40), st.binary(max_size=40), st.text(max_size=40))
def test_whatever_is_stored_or_configured_the_request_is_a_proper_one(
    etag: bytes, date: bytes, agent: str
) -> None:
    headers = request_headers(Request(url=HOME.url, user_agent=agent), HOME, HOME, "default/1")
    headers += conditional_headers(usable(Validators(etag=etag, last_modified=date)), a_im=True)
    wire = h11.Connection(h11.CLIENT).send(h11.Request(method="GET", target="/", headers=headers))
    assert wire is not None
    assert wire.count(b"\r\n") == len(headers) + 2


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://User:pw@News.example:80/feed?x", b"news.example"),
        ("https://news.example:8443", b"news.example:8443"),
        ("http://news.example:443/", b"news.example:443"),
        ("http://[2001:DB8::1]/", b"[2001:db8::1]"),
        ("http://新闻.example/", b"xn--efvy88h.example"),
    ],
)
def test_the_host_is_named_with_its_port_where_that_is_unusual(url: str, host: bytes) -> None:
    target = check_url(url)
    assert request_headers(Request(url=url), target, target, "default/1")[0] == (b"Host", host)


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=10), st.binary(max_size=40)), max_size=5))
def test_whatever_a_server_sends_is_read_as_text_on_one_line(raw: list[tuple[bytes, bytes]]) -> None:
    for name, value in readable(raw).items():
        assert (name + value).isprintable()
