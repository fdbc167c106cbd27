from __future__ import annotations

from contextlib import suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch import FetchError, check_url, redact
from tests.fetch.conftest import words

NORMALISED = {
    "http://News.Example": "http://news.example/",
    "https://news.example:443/a?b=c#d": "https://news.example/a?b=c",
    "http://news.example:8080/": "http://news.example:8080/",
    "  http://news.example/a \n": "http://news.example/a",
    "http://news.example./": "http://news.example/",
    "http://user:secret@news.example/": "http://news.example/",
    "http://新闻.example/头条?页=1": "http://xn--efvy88h.example/%E5%A4%B4%E6%9D%A1?%E9%A1%B5=1",
    "http://news.example/a b": "http://news.example/a%20b",
    "http://news.example/%7Ejoe/%e4%bd%a0?x=%2F&y=a+b": "http://news.example/%7Ejoe/%e4%bd%a0?x=%2F&y=a+b",
    "http://my_feeds.example/": "http://my_feeds.example/",
    "http://127.1/": "http://127.0.0.1/",
    "http://[0:0::1]:8000/": "http://[::1]:8000/",
    "http://①②⑦.⓪.⓪.①/": "http://127.0.0.1/",
    "http://127。0。0。1/": "http://127.0.0.1/",
    "http://127.0.\u00ad0.1/": "http://127.0.0.1/",
    "http://ｎｅｗｓ．example/": "http://news.example/",
}
REFUSED = [
    *words("file:///etc/passwd gopher://127.0.0.1:6379/_x ftp://news.example/ dict://127.0.0.1:11211/stat"),
    *words("feed://news.example/ javascript:alert(1) data:text/xml,x jar:http://news.example!/"),
    *words("http+unix://%2Fvar%2Frun%2Fdocker.sock/ news.example/feed //news.example/feed /feed"),
    *words(
        "http: http:// http:///etc http://:80/ http://user@/ http://?a http://./ http://a..b/ http://<b>/"
    ),
    *words("http://%31%32%37.0.0.1/ http://127.0.0.1%00.example.com/ http://127.0.0.1%0d%0aX:y/"),
    *words("http://[fe80::1%25lo]/ http://[::1 http://[::1]x/ http://[1.2.3.4]/ http://[v1.x]/"),
    *words("http://news.example:0/ http://news.example:99999/ http://news.example:8o/"),
    *words("http://1.2.3.4.5/ http://256.256.256.256/ http://0x/ http://1.2.3.0x1ffff/ http://99999999999/"),
    *words("http://news.example,evil.example/ http://℀.example/ http://news.example\uff0f.evil.example/"),
    "",
    "http://127.0.0.1\\@example.com/",
    "http://news.example/\\..\\x",
    "http://news.example/\x00",
    "http://new\ts.example/",
    "http://news.example/a\r\nHost: x",
    "http://news example/",
    "http://\u200b/",
]


@pytest.mark.parametrize(("url", "normal"), NORMALISED.items())
def test_an_address_is_brought_into_one_form(url: str, normal: str) -> None:
    assert check_url(url).url == normal


@pytest.mark.parametrize("normal", NORMALISED.values())
def test_the_form_is_stable_and_httpx_reads_the_same_host(normal: str) -> None:
    target = check_url(normal)
    seen = httpx.URL(normal)
    assert target.url == normal
    assert seen.raw_host.decode() == target.host
    assert (seen.port or {"http": 80, "https": 443}[seen.scheme]) == target.port


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        check_url(url)
    assert caught.value.kind == "url"


@pytest.mark.parametrize(
    "url", ["http://news.example/" + "a" * 9000, f"http://{'a' * 64}.example/", f"http://{'a.' * 130}b/"]
)
def test_an_address_or_host_of_unreasonable_length_is_refused(url: str) -> None:
    with pytest.raises(FetchError):
        check_url(url)


def test_credentials_are_kept_apart_and_out_of_every_text() -> None:
    target = check_url("http://jo%40e:s%3Acret@news.example/")
    assert target.credentials == (b"jo@e", b"s:cret")
    assert "cret" not in repr(target)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:secret@news.example/a@b", "http://news.example/a@b"),
        ("http://user:se/cret@news.example/", "http://news.example/"),
        ("http://user:se@cret@news.example/", "http://news.example/"),
        ("http://news.example/@joe/feed", "http://news.example/@joe/feed"),
        ("http://news.example:8080/@joe", "http://news.example:8080/@joe"),
        ("http://[::1]/@joe", "http://[::1]/@joe"),
        ('http://news.example/\n{"level":"fatal"}\x1b[2J', 'http://news.example/?{"level":"fatal"}?[2J'),
    ],
)
def test_an_error_shows_the_address_without_credentials_and_control_characters(url: str, shown: str) -> None:
    assert redact(url) == shown
    assert str(FetchError(url, "the reason", "url")) == f"{shown}: the reason"


@given(st.text(max_size=60))
def test_whatever_is_put_behind_the_scheme_is_read_or_refused_and_never_misread(rest: str) -> None:
    with suppress(FetchError):
        target = check_url("http://" + rest)
        assert target.url.isascii()
        assert check_url(target.url).url == target.url
        assert httpx.URL(target.url).raw_host.decode() == target.host
