"""100 to 104: where a publisher may name its hub, and what of it is remembered."""

from __future__ import annotations

import pytest

from tests.support.documents import item, listing, rss
from tests.support.room import Room
from tests.support.web import NOT_MODIFIED, ok

HUB, SELF = "https://hub.example/", "https://paper.example/self"
ATOM = (
    f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>urn:t</id><link rel="hub" href="{HUB}"/>'
    f'<link rel="self" href="{SELF}"/><entry><id>urn:1</id><title>一</title></entry></feed>'
).encode()
RSS = rss(item(1)).replace(
    b"<description>d",
    f'<link xmlns="http://www.w3.org/2005/Atom" rel="hub" href="{HUB}"/>'
    f'<link xmlns="http://www.w3.org/2005/Atom" rel="self" href="{SELF}"/><description>d'.encode(),
    1,
)
PAGE = listing("/1.html", "/2.html", "/3.html").replace(
    b"<title>", f'<link rel="hub" href="{HUB}"><link rel="self" href="{SELF}"><title>'.encode()
)
YAML = 'sources: [{id: a, url: "{web}/a", section: w}]\nsections: [{id: w, title: W}]'


async def offer(room: Room, *answers: bytes) -> object:
    room.web.answer("/a", *answers)
    await room.poll(YAML)
    return room.source("a").memory.get("offer")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            ok(rss(item(1)), link=f'<{HUB}>; rel="hub", <{SELF}>; rel="self"'), id="100 HTTP header"
        ),
        pytest.param(ok(PAGE, content_type="text/html"), id="101 HTML"),
        pytest.param(ok(ATOM), id="102 Atom"),
        pytest.param(ok(RSS), id="103 RSS"),
        pytest.param(
            ok(ATOM.replace(b"hub.example", b"other.example"), link=f"<{HUB}>; rel=hub, <{SELF}>; rel=self"),
            id="104 the header goes before",
        ),
    ],
)
async def test_the_hub_and_the_topic_that_a_document_names_are_remembered(room: Room, answer: bytes) -> None:
    assert await offer(room, answer) == {"hub": HUB, "topic": SELF}


async def test_without_rel_self_the_topic_is_the_address_that_answered(room: Room) -> None:
    url = room.web.url("/a")
    assert await offer(room, ok(rss(item(1)), link=f"<{HUB}>; rel=hub")) == {"hub": HUB, "topic": url}


async def test_an_offer_outlives_a_304_and_ends_with_a_document_without_it(room: Room) -> None:
    room.web.answer("/a", ok(ATOM, etag='"1"'), NOT_MODIFIED, ok(rss(item(1))))
    await room.poll(YAML)
    await room.poll(YAML)
    assert room.source("a").memory["offer"] == {"hub": HUB, "topic": SELF}
    await room.poll(YAML)
    assert "offer" not in room.source("a").memory
