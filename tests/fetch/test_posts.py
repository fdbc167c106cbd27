"""Forms that are posted: to a hub, and after it where it moves."""

from __future__ import annotations

import pytest

from aggregator.fetch import Fetcher
from tests.fetch.conftest import fault, get, request
from tests.support.web import Web, hang_up, ok, redirect

FORM = b"hub.mode=subscribe&hub.secret=s3cret"


async def test_a_form_is_posted_with_its_type_and_length(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/hub", ok(b"accepted", status="202 Accepted"))
    answer = await get(fetcher, url, form=FORM, kind="other")
    (asked,) = web.requests
    assert asked.raw.startswith(b"POST /hub HTTP/1.1\r\n")
    assert asked["content-type"] == b"application/x-www-form-urlencoded"
    assert asked.body == FORM
    assert (answer.status, answer.body) == (202, b"accepted")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_form_is_posted_again_where_the_server_points_to(
    fetcher: Fetcher, web: Web, status: int
) -> None:
    url = web.answer("/old", redirect(status, "/new"))
    web.answer("/new", ok(status="202 Accepted"))
    assert (await get(fetcher, url, form=FORM)).status == 202
    assert [asked.body for asked in web.requests] == [FORM, FORM]


async def test_a_form_is_not_turned_into_a_question(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/old", redirect(303, "/new"))
    assert "303" in (await fault(fetcher, request(url, form=FORM))).reason
    assert web.paths() == ["/old"]


async def test_a_form_goes_to_no_other_server_in_the_clear(fetcher: Fetcher, web: Web) -> None:
    async with Web() as other:
        url = web.answer("/old", redirect(307, other.answer("/new", ok())))
        assert (await fault(fetcher, request(url, form=FORM))).kind == "redirect"
        assert other.requests == []


async def test_a_form_is_sent_once_although_a_kept_connection_may_have_gone(
    fetcher: Fetcher, web: Web
) -> None:
    url = web.answer("/hub", ok(), hang_up())
    await get(fetcher, url, form=FORM)
    assert (await fault(fetcher, request(url, form=FORM))).kind == "protocol"
    assert len(web.requests) == web.connections == 2


async def test_any_document_can_be_posted_with_fields_of_its_own(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/callback", ok())
    fields = (
        ("Link", '<https://hub.example/>; rel="hub"'),
        ("X-Hub-Signature", "sha256=ab"),
        ("X-A", "b\r\nX-C: d"),
    )
    await get(fetcher, url, form=b"<feed/>", form_type="application/atom+xml", fields=fields)
    (asked,) = web.requests
    assert asked["content-type"] == b"application/atom+xml"
    assert asked["link"] == b'<https://hub.example/>; rel="hub"'
    assert asked["x-hub-signature"] == b"sha256=ab"
    assert asked["x-a"] == b"b X-C: d"
    assert asked.body == b"<feed/>"


@pytest.mark.parametrize("form", [None, FORM])
async def test_a_redirect_that_is_not_to_be_followed_is_an_answer(
    fetcher: Fetcher, web: Web, form: bytes | None
) -> None:
    url = web.answer("/callback", redirect(302, "/elsewhere"))
    answer = await get(fetcher, url, form=form, follow=False)
    assert (answer.status, answer.url) == (302, url)
    assert web.paths() == ["/callback"]
