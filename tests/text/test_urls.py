"""Addresses: joined safely, and reduced to their identity."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from aggregator.text.urls import (
    _WELL_WRITTEN,
    _written,
    absolute,
    canonical_url,
    host_of,
    looks_like_feed,
    looks_like_page,
    shown_text,
    shown_url,
)


@pytest.mark.parametrize(
    ("ref", "joined"),
    [
        ("/x", "http://base.example/x"),
        ("x y", "http://base.example/a/x%20y"),
        ("../c?q=1#top", "http://base.example/c?q=1#top"),
        ("//other.example/x", "http://other.example/x"),
        ("?p=2", "http://base.example/a/b?p=2"),
        ("", "http://base.example/a/b"),
        ("  \t/x\r\n", "http://base.example/x"),
        ("/a\nb", "http://base.example/ab"),
        ("HTTPS://Example.ORG:443", "https://example.org/"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        (
            "http://例子.中国/路径?问=答",
            "http://xn--fsqu00a.xn--fiqs8s/%E8%B7%AF%E5%BE%84?%E9%97%AE=%E7%AD%94",
        ),
        ("/100%", "http://base.example/100%25"),
        ("/a%20b%e4", "http://base.example/a%20b%e4"),
        ("http:\\\\example.org\\a", "http://example.org/a"),
        ("http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
        ("/a?u=http://x.example/b|c", "http://base.example/a?u=http://x.example/b%7Cc"),
    ],
)
def test_a_reference_is_joined_and_written_as_a_valid_uri(ref: str, joined: str) -> None:
    assert absolute("http://base.example/a/b", ref) == joined


@pytest.mark.parametrize(
    "ref",
    [
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        " \x01javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://example.org/",
        "mailto:a@example.org",
        "feed://example.org/",
        "http://[::1",
        "http://example.org:99999/",
        "http://exa mple.org/",
        "http://exa<mple.org/",
        "http://%31%32%37.0.0.1/",
    ],
)
def test_anything_but_a_web_address_is_none(ref: str) -> None:
    assert absolute("http://base.example/a/b", ref) is None


def test_a_relative_reference_without_a_base_is_none() -> None:
    assert absolute("", "/x") is None
    assert absolute("tag:example.org,2024:a", "x") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.org/a", "https://example.org/a"),
        ("https://www.example.org/a", "https://example.org/a"),
        ("https://m.example.org/a", "https://www.example.org/a"),
        ("https://zh.m.example.org/a", "https://zh.example.org/a"),
        ("https://EXAMPLE.org:443/a", "https://example.org/a"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://example.org/a/", "https://example.org/a"),
        ("https://example.org/", "https://example.org"),
        ("https://example.org/a/index.html", "https://example.org/a/"),
        ("https://example.org/index.shtml", "https://example.org"),
        ("https://example.org/a#comments", "https://example.org/a"),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?a=1&b=2"),
        ("https://example.org/a?", "https://example.org/a"),
        ("https://example.org/a?id=1&utm_source=rss&utm_medium=x", "https://example.org/a?id=1"),
        ("https://example.org/a?fbclid=x&spm=a.b.c&vd_source=d", "https://example.org/a"),
        ("https://example.org/a?from=timeline&isappinstalled=0", "https://example.org/a"),
        ("https://example.org/a;jsessionid=1F?x=1", "https://example.org/a?x=1"),
        ("https://example.org/%7euser/%e4%b8%ad", "https://example.org/~user/中"),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://example.org/a/amp/", "https://example.org/a"),
        ("https://example.org/a.amp.html", "https://example.org/a.html"),
        ("https://example.org/a?amp=1", "https://example.org/a"),
        ("https://www-example-org.cdn.ampproject.org/c/s/www.example.org/a/amp", "https://example.org/a"),
        ("https://user:pw@example.org/a", "https://example.org/a"),
        ("https://例子.中国/a", "https://xn--fsqu00a.xn--fiqs8s/a"),
        (" https://example.org/a\n", "https://example.org/a"),
    ],
)
def test_two_addresses_of_one_page_have_one_identity(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org/a", "https://news.example.org/a"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("https://example.org/#!/a", "https://example.org/#!/b"),
        ("https://example.org/#/a", "https://example.org/#/b"),
        ("https://example.org/a?from=1", "https://example.org/a?from=2"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("https://example.org/a?x=1&x=2", "https://example.org/a?x=1"),
        ("https://www.cn/a", "https://m.cn/a"),
        ("https://example.org/camp", "https://example.org/c"),
    ],
)
def test_two_pages_have_two_identities(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url", ["", "x", "/a", "mailto:a@b.example", "tag:example.org,2024:1", "urn:uuid:1", "http://[::1"]
)
def test_what_is_no_web_address_has_no_identity(url: str) -> None:
    assert canonical_url(url) == ""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Example.org:8080/a", "www.example.org"),
        ("http://[2001:DB8::1]/", "2001:db8::1"),
        ("http://例子.中国", "xn--fsqu00a.xn--fiqs8s"),
        ("nothing", ""),
        ("http://[::1", ""),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host


URLS = st.from_regex(r"https?://[a-z0-9.-]{1,20}(:[0-9]{1,4})?(/[ -~]{0,20})?", fullmatch=True)


@given(URLS | st.text())
def test_identity_is_stable_and_nothing_raises(url: str) -> None:
    identity = canonical_url(url)
    assert identity == "" or canonical_url(f"https://{identity}") == identity


@given(URLS)
@example("http://a.example:80/")
@example("https://a.example:70000/")
@example("https://a.example./")
@example("https://a.example/?")
@example("https://a.example/%zz")
def test_an_address_that_is_well_written_is_left_as_it_is(url: str) -> None:
    if _WELL_WRITTEN.fullmatch(url):
        assert _written(urlsplit(url)) == url


@given(URLS | st.from_regex(_WELL_WRITTEN, fullmatch=True))
@example("https://www.m.example.org:8080/index.html?b=%7e&utm_id=1&a=")
@example("https://a.cdn.ampproject.org/c/s/www.example.org/a/amp")
@example("https://.a.example/x")
@example("https://a.example/b;sid=1/.%2e/../c//")
def test_an_address_that_is_well_written_is_read_as_one_that_must_be_cleaned_first(url: str) -> None:
    assert canonical_url(url) == canonical_url(f"{url} ")
    assert absolute("http://base.example/", url) == absolute("http://base.example/", f"{url} ")


# The book (urljoin) is of RFC 1808 where it drops an empty ";", and a blank before "#" is cut on its way only.
@given(URLS, st.from_regex(r"/[!-:<-~]{0,20}", fullmatch=True))
@example("http://a.example", "/b/../c")
@example("http://a.example/x/y?z", "//b.example/")
@example("http://a.example\t/", "/b")
@example("http://a.example:80/", "/b")
@example("http://0", "/\\[")
def test_a_path_is_joined_as_by_the_book(base: str, ref: str) -> None:
    assume("\\" not in base)  # what comes back as it was is read as a reference only here
    clean, path, query = base.replace("\t", ""), *re.split(r"(?=\?)|\Z", ref, maxsplit=1)[:2]
    try:
        joined = absolute(clean, urljoin(clean, path.replace("\\", "/") + query))
    except ValueError:  # "//[" begins a host in brackets that is none
        joined = None
    assert absolute(base, ref) == joined


@given(st.text() | URLS, st.text() | URLS)
def test_a_joined_address_is_a_web_address_in_ascii_and_joins_to_itself(base: str, ref: str) -> None:
    joined = absolute(base, ref)
    if joined is not None:
        assert joined.startswith(("http://", "https://"))
        assert joined.isascii()
        assert not set(joined) & set(' <>"\n\t')
        assert absolute("http://other.example/", joined) == joined


def test_a_host_that_cannot_be_written_down_is_none() -> None:
    assert absolute("", "http://a\ud800b.example/x") is None
    assert canonical_url("http://a\ud800b.example/x") == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/feed", "https://a.example/feed"),
        ("HTTPS://A.example:443/报/../x;y#top", "HTTPS://A.example:443/报/../x;y#top"),
        ("https://a.example/@joe/feed", "https://a.example/@joe/feed"),
        ("https://a.example:8080/@joe", "https://a.example:8080/@joe"),
        ("http://[::1]/@joe", "http://[::1]/@joe"),
        ("https://a.example/feed?key=sesame#top", "https://a.example/feed"),
        ("https://user:sesame@a.example/feed", "https://a.example/feed"),
        ("https://sesame@a.example/feed?x", "https://a.example/feed"),
        ("https://user:se/same@a.example/feed", "https://a.example/feed"),
        ("https://user:se?same@a.example/feed", "https://a.example/feed"),
        ("https://user:s@e@a.example/", "https://a.example/"),
        ("https:/user:sesame@a.example/", "https:/a.example/"),
        ("https:\\\\user:sesame@a.example/", "https:\\\\a.example/"),
        ("user:sesame@a.example/?sesame", "user:a.example/"),
        ("https://user:sesame@[::1", "https://[::1"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_what_may_open_it(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_a_query_left_out_may_be_marked() -> None:
    assert shown_url("https://a.example/?key=sesame", elided="?…") == "https://a.example/?…"
    assert shown_url("https://a.example/", elided="?…") == "https://a.example/"


def test_the_addresses_in_a_message_are_shown_alike() -> None:
    said = "moved from https://u:p@a.example/?k=1, to http://b.example/x?k=1: asked too often?"
    assert shown_text(said) == "moved from https://a.example/?…, to http://b.example/x?…: asked too often?"


@given(st.text(), st.text(alphabet=st.characters(exclude_characters="@"), min_size=1))
def test_nothing_of_a_query_is_ever_shown(before: str, query: str) -> None:
    shown = shown_url(f"https://a.example/{before}?{query}")
    assert "?" not in shown
    assert shown_url(shown) == shown


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://paper.example", True),
        ("https://paper.example/guoji/", True),
        ("https://paper.example/index.HTML", True),
        ("https://paper.example/a.shtml?x=1", True),
        ("https://paper.example/feed/", False),
        ("https://paper.example/rss/guoji.html", False),
        ("https://paper.example/?feed=rss2", False),
        ("https://paper.example/feedback/", True),
        ("https://paper.example/news.xml", False),
        ("https://paper.example/guoji", False),
        ("https://paper.example/feed.php", False),
        ("mailto:a@paper.example", False),
    ],
)
def test_a_folder_or_html_file_that_names_no_feed_promises_a_page(url: str, expected: bool) -> None:
    assert looks_like_page(url) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://paper.example/feed", True),
        ("https://paper.example/world/Feed/", True),
        ("https://paper.example/rss.php?id=3", True),
        ("https://paper.example/index.xml", True),
        ("https://paper.example/index.rdf", True),
        ("https://paper.example/news.atom", True),
        ("https://paper.example/feed.json", True),
        ("https://paper.example/rss/world", True),
        ("https://paper.example/feeds/posts/default", True),
        ("https://paper.example/?feed=rss2", True),
        ("https://paper.example/index.php?format=feed&type=rss", True),
        ("https://rss.example/news/", False),
        ("https://paper.example/news/", False),
        ("https://paper.example/news.json", False),
        ("https://paper.example/rss/world.html", False),
        ("https://paper.example/feedback/", False),
        ("https://paper.example/how-to-feed/", False),
        ("https://paper.example/tag/rss-readers/", False),
        ("https://paper.example/?q=rss+feed", False),
        ("https://paper.example", False),
        ("mailto:feed@paper.example", False),
    ],
)
def test_a_file_a_folder_or_a_query_of_that_name_promises_a_feed(url: str, expected: bool) -> None:
    assert looks_like_feed(url) is expected
