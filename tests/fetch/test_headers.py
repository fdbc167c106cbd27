from __future__ import annotations

import h11
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
    headers.append((b"Host", b"news.example"))
    wire = h11.Connection(h11.CLIENT).send(h11.Request(method="GET", target="/", headers=headers))
    assert wire is not None
    assert wire.count(b"\r\n") == len(headers) + 2


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=10), st.binary(max_size=40)), max_size=5))
def test_whatever_a_server_sends_is_read_as_text_on_one_line(raw: list[tuple[bytes, bytes]]) -> None:
    for name, value in readable(raw).items():
        assert (name + value).isprintable()
