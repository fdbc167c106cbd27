"""What a publisher offers: links in the header, links in the document, and which of them counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.websub import Offer, offer_from_memory, offer_to_memory, offered, web_links

URL = "https://paper.example/news/feed"


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ('<https://hub.example/>; rel="hub"', {"https://hub.example/": "hub"}),
        ("<https://hub.example/>; rel=hub", {"https://hub.example/": "hub"}),
        ("<https://hub.example/>;rel=HUB", {"https://hub.example/": "hub"}),
        ('<feed.xml>; rel="self alternate"', {"https://paper.example/news/feed.xml": "self alternate"}),
        ('</a,b;c>; title="a, <b>; rel=x"; rel="self"', {"https://paper.example/a,b;c": "self"}),
        ('<a>; title="\\"; rel=hub"; rel=self', {"https://paper.example/news/a": "self"}),
        ('<a>; rel="self"; rel="hub"', {"https://paper.example/news/a": "self"}),
        (
            '<a> ; rel = "self" , <b>;rel=hub',
            {"https://paper.example/news/a": "self", "https://paper.example/news/b": "hub"},
        ),
        ('<a>; rel=self; anchor="https://other.example/"', {}),
        ("<javascript:alert(1)>; rel=hub", {}),
        ("no link at all; rel=hub", {}),
        ('<unclosed; rel="hub"', {}),
        ("", {}),
    ],
)
def test_links_of_a_header_are_read_as_rfc_8288_writes_them(field: str, found: dict[str, str]) -> None:
    assert {link.url: " ".join(sorted(link.relations, reverse=True)) for link in web_links(field, URL)} == {
        url: " ".join(sorted(relations.split(), reverse=True)) for url, relations in found.items()
    }


@given(st.text(st.sampled_from('<>;,="\\ \trelhubab/'), max_size=200))
def test_no_header_is_too_odd_to_be_read(field: str) -> None:
    assert all(link.url.startswith("https://") for link in web_links(field, URL))


@pytest.mark.parametrize(
    "odd", ['<a>;x="' * 9000, "<a>" + "; " * 30_000, "<" * 60_000, '<a>;x="' + "\\" * 60_000]
)
@pytest.mark.timeout(5)
def test_a_header_of_64_kib_takes_no_time(odd: str) -> None:
    web_links(odd, URL)


@pytest.mark.parametrize(
    ("header", "hub", "self_url", "found"),
    [
        ("", None, None, None),
        ("", None, "https://paper.example/self", None),
        ("", "https://hub.example/", None, ("https://hub.example/", URL)),
        (
            "",
            "https://hub.example/",
            "https://paper.example/self",
            ("https://hub.example/", "https://paper.example/self"),
        ),
        ("<https://h.example/>; rel=hub", None, None, ("https://h.example/", URL)),
        (
            "<https://h.example/>; rel=hub, </s>; rel=self",
            "https://hub.example/",
            "https://paper.example/self",
            ("https://h.example/", "https://paper.example/s"),
        ),
        ("</s>; rel=self", "https://hub.example/", None, ("https://hub.example/", "https://paper.example/s")),
        (
            "<https://a.example/>; rel=hub, <https://b.example/>; rel=hub",
            None,
            None,
            ("https://a.example/", URL),
        ),
        ("", f"https://hub.example/{'a' * 2000}", None, None),
    ],
)
def test_what_the_header_says_goes_before_what_the_document_says(
    header: str, hub: str | None, self_url: str | None, found: tuple[str, str] | None
) -> None:
    offer = offered(url=URL, link_header=header, hubs=[hub] if hub else [], self_url=self_url)
    assert (offer and (offer.hub, offer.topic)) == found


A, B, C = (f"https://{name}.example/" for name in "abc")


@pytest.mark.parametrize(
    ("header", "within", "hubs"),
    [
        ("", [A, B, A], (A, B)),
        ("", [A + "a" * 2000, B], (B,)),
        (f"<{A}>; rel=hub, <{B}>; rel=hub", [C], (A, B)),
    ],
)
def test_of_several_hubs_all_are_known(header: str, within: list[str], hubs: tuple[str, ...]) -> None:
    offer = offered(url=URL, link_header=header, hubs=within, self_url=None)
    assert offer
    assert offer.hubs == hubs


def test_hubs_are_asked_in_turn() -> None:
    offer = Offer(hub=A, others=(B, C), topic=URL)
    assert [offer.after(hub) for hub in (A, B, C, URL)] == [B, C, A, A]


@pytest.mark.parametrize("others", [(), (B, C)])
def test_an_offer_is_remembered(others: tuple[str, ...]) -> None:
    offer = Offer(hub=A, others=others, topic=URL)
    assert offer_from_memory(offer_to_memory(offer)) == offer


@pytest.mark.parametrize(
    "noted",
    [
        None,
        {},
        [],
        "hub",
        {"hub": 1, "topic": URL},
        {"hub": "https://hub.example/"},
        {"hub": "h", "topic": URL, "others": 1},
    ],
)
def test_what_is_no_offer_is_remembered_as_none(noted: object) -> None:
    assert offer_from_memory(noted) is None
