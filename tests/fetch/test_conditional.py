"""Validators: echoed byte for byte, to whom they belong, and renewed."""

from __future__ import annotations

import pytest

from aggregator.fetch import Fetcher
from storage.model import Validators
from tests.fetch.conftest import fault, get, request
from tests.support.web import NOT_MODIFIED, Web, head, ok, redirect

ODD_DATE = b"Sunday, 06-Nov-94 08:49:37 GMT"


@pytest.mark.parametrize(
    "etag",
    [b'"abc"', b'W/"abc"', b"unquoted", b'"caf\xe9"', '"头条"'.encode(), b'"a-gzip"', b'"a, b"', b'""'],
)
async def test_validators_go_back_byte_for_byte(fetcher: Fetcher, web: Web, etag: bytes) -> None:
    url = web.answer("/feed", ok(b"<rss/>", etag=etag, last_modified=ODD_DATE))
    first = await get(fetcher, url)
    await get(fetcher, url, validators=first.validators)
    assert first.validators == Validators(etag=etag, last_modified=ODD_DATE)
    assert (web.requests[0]["if-none-match"], web.requests[0]["if-modified-since"]) == (None, None)
    assert (web.requests[1]["if-none-match"], web.requests[1]["if-modified-since"]) == (etag, ODD_DATE)


@pytest.mark.parametrize(
    ("validators", "names"),
    [
        (Validators(etag=b'"1"'), {b"if-none-match"}),
        (Validators(last_modified=ODD_DATE), {b"if-modified-since"}),
        (Validators(), set()),
    ],
)
async def test_no_validator_is_invented(
    fetcher: Fetcher, web: Web, validators: Validators, names: set[bytes]
) -> None:
    await get(fetcher, web.answer("/feed", ok()), validators=validators)
    sent = {name for name, _ in web.requests[0].headers}
    assert {name for name in sent if name.startswith(b"if-")} == names


async def test_a_304_keeps_the_validators_that_it_does_not_renew(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/feed", head("304 Not Modified", etag='"2"', cache_control="max-age=60"))
    answer = await get(fetcher, url, validators=Validators(etag=b'"1"', last_modified=ODD_DATE))
    assert answer.not_modified
    assert answer.validators == Validators(etag=b'"2"', last_modified=ODD_DATE)
    assert (answer.status, answer.body, answer.headers["cache-control"]) == (304, b"", "max-age=60")


async def test_a_200_without_an_etag_drops_the_old_one(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/feed", ok(b"<rss/>", last_modified=ODD_DATE))
    answer = await get(fetcher, url, validators=Validators(etag=b'"1"'))
    assert answer.validators == Validators(last_modified=ODD_DATE)


async def test_an_error_page_gives_no_validators(fetcher: Fetcher, web: Web) -> None:
    answer = await get(
        fetcher, web.answer("/feed", ok(b"sorry", status="503 Busy", etag='"e"', retry_after="7200"))
    )
    assert (answer.status, answer.validators, answer.body) == (503, Validators(), b"sorry")
    assert answer.headers["retry-after"] == "7200"


async def test_a_304_that_nobody_asked_for_is_an_error(fetcher: Fetcher, web: Web) -> None:
    error = await fault(fetcher, request(web.answer("/feed", NOT_MODIFIED)))
    assert error.kind == "protocol"
    assert "304" in error.reason


async def test_a_304_with_a_body_does_no_harm_and_its_connection_is_given_up(
    fetcher: Fetcher, web: Web
) -> None:
    url = web.answer("/feed", NOT_MODIFIED[:-2] + b"Content-Length: 6\r\n\r\n<rss/>", ok(b"<rss/>"))
    answer = await get(fetcher, url, validators=Validators(etag=b'"1"'))
    assert (answer.not_modified, answer.body) == (True, b"")
    assert (await get(fetcher, url)).body == b"<rss/>"
    assert web.connections == 2


async def test_validators_are_not_sent_to_where_a_redirect_leads(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/a", redirect(302, "/b"))
    web.answer("/b", ok(b"<rss/>", etag='"b"'))
    answer = await get(fetcher, url, validators=Validators(etag=b'"a"'))
    assert [asked["if-none-match"] for asked in web.requests] == [b'"a"', None]
    assert (answer.url, answer.validators) == (web.url("/b"), Validators(etag=b'"b"'))


async def test_validators_go_to_the_redirect_s_end_when_they_are_from_there(
    fetcher: Fetcher, web: Web
) -> None:
    url = web.answer("/a", redirect(302, "/b"))
    web.answer("/b", NOT_MODIFIED)
    answer = await get(fetcher, url, validators=Validators(etag=b'"b"'), validators_url=web.url("/b"))
    assert [asked["if-none-match"] for asked in web.requests] == [None, b'"b"']
    assert answer.not_modified


async def test_a_feed_of_new_entries_is_asked_for_with_a_validator_only(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/feed", ok(b"<rss/>", status="226 IM Used", im="feed", etag='"2"'))
    await get(fetcher, url, a_im=True)
    answer = await get(fetcher, url, a_im=True, validators=Validators(etag=b'"1"'))
    assert [asked["a-im"] for asked in web.requests] == [None, b"feed"]
    assert (answer.partial, answer.body, answer.validators.etag) == (True, b"<rss/>", b'"2"')


@pytest.mark.parametrize("etag", [b'"a\r\nX: y"', b'"a\x00"', b"", b"x" * 8000, b'"\x7f"', b'"\x0b"'])
async def test_a_validator_that_cannot_stand_in_a_header_is_not_sent(
    fetcher: Fetcher, web: Web, etag: bytes
) -> None:
    await get(fetcher, web.answer("/feed", ok()), validators=Validators(etag=etag))
    assert web.requests[0]["if-none-match"] is None
    assert web.requests[0]["x"] is None


@pytest.mark.parametrize("etag", [b'"a\tb"', b'"' + b"x" * 5000 + b'"', b"x" * 7168, b'W/"a b"', b"a\xe9"])
async def test_whatever_can_stand_in_a_header_goes_back_as_it_came(
    fetcher: Fetcher, web: Web, etag: bytes
) -> None:
    url = web.answer("/feed", ok(b"<rss/>", etag=etag), NOT_MODIFIED)
    first = await get(fetcher, url)
    assert (await get(fetcher, url, validators=first.validators)).not_modified
    assert web.requests[1]["if-none-match"] == etag


async def test_of_two_validators_that_are_too_long_together_the_tag_is_sent(
    fetcher: Fetcher, web: Web
) -> None:
    both = Validators(etag=b"x" * 5000, last_modified=b"y" * 3000)
    await get(fetcher, web.answer("/feed", ok()), validators=both)
    assert web.requests[0]["if-none-match"] == both.etag
    assert web.requests[0]["if-modified-since"] is None
    assert len(web.requests[0].raw) < 8000
