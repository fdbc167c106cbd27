"""Addresses, ids and media types as they are printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.publish.links import enclosures, entry_id, media_type, public_url
from storage.model import Enclosure
from tests.publish.samples import article
from tests.publish.validator import URI


@pytest.mark.parametrize(
    ("given_url", "printed_url"),
    [
        ("https://a.example", "https://a.example/"),
        ("  https://a.example/x  ", "https://a.example/x"),
        ("HTTPS://A.example/X?b=1#c", "https://a.example/X?b=1#c"),
        ("http://a.example:8080/x", "http://a.example:8080/x"),
        ("http://[2001:db8::1]:80/x", "http://[2001:db8::1]:80/x"),
        ("https://用户:密码@a.example/x", "https://a.example/x"),
        ("https://例子.example/新闻?问=答#节", "https://xn--fsqu00a.example/%E6%96%B0%E9%97%BB?%E9%97%AE=%E7%AD%94#%E8%8A%82"),
        ("https://a.example/already%20coded?x=%2F", "https://a.example/already%20coded?x=%2F"),
        ("https://a.example/[x]|{y}\"'<>", "https://a.example/%5Bx%5D%7C%7By%7D%22'%3C%3E"),
        ("", ""),
        ("a.example/x", ""),
        ("/x", ""),
        ("//a.example/x", ""),
        ("javascript:alert(1)", ""),
        ("ftp://a.example/x", ""),
        ("https://", ""),
        ("https://a.example/a b", ""),
        ("https://a.example/a\nb", ""),
        ("https://a.example:99999/", ""),
        ("https://[::1/", ""),
        ("https://a.example\\@b.example/", ""),
        ("https://a<b>.example/", ""),
        ("https://a.example/" + "x" * 5000, ""),
    ],
)  # fmt: skip
def test_an_address_is_printed_as_rfc_3986_allows_or_not_at_all(given_url: str, printed_url: str) -> None:
    assert public_url(given_url) == printed_url


@given(
    st.text(max_size=60)
    | st.text(max_size=60).map("https://a.example/".__add__)
    | st.text(max_size=30).map("http://".__add__)
)
def test_whatever_comes_what_is_printed_is_a_uri_and_stays_one(url: str) -> None:
    out = public_url(url)
    assert not out or URI.match(out.replace("[", "").replace("]", ""))
    assert public_url(out) == out


@pytest.mark.parametrize(
    ("url", "said", "kind"),
    [
        ("https://a.example/t.mp3", None, "audio/mpeg"),
        ("https://a.example/t.MP3?x=1.jpg", "", "audio/mpeg"),
        ("https://a.example/t", "Audio/MPEG; codecs=x", "audio/mpeg"),
        ("https://a.example/t.jpg", "nonsense", "image/jpeg"),
        ("https://a.example/t.jpg", 'a/b"><script>', "image/jpeg"),
        ("https://a.example/t", None, None),
    ],
)
def test_a_media_type_is_what_the_source_says_or_the_name_shows(
    url: str, said: str | None, kind: str | None
) -> None:
    assert media_type(url, said) == kind


def test_a_file_is_listed_once_and_a_bad_length_is_none() -> None:
    files = (
        Enclosure(url="https://a.example/t.mp3", length=-1),
        Enclosure(url="https://a.example/t.mp3", length=5),
    )
    assert enclosures(article(enclosures=files)) == [
        Enclosure(url="https://a.example/t.mp3", type="audio/mpeg")
    ]


def test_the_entry_id_is_the_authority_and_the_uid() -> None:
    assert entry_id("abc", "news.example.cn,2026") == "tag:news.example.cn,2026:abc"
