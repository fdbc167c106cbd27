"""Durations, patterns, selectors, slugs: the small forms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.durations import LONGEST, format_duration, parse_duration
from aggregator.config.patterns import check_element, check_pattern, compile_selector
from aggregator.config.slugs import slug_of_name, slug_of_url

# -- durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("6h", 21_600),
        ("7d", 604_800),
        ("2w", 1_209_600),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("250ms", 0.25),
        ("0", 0),
        (" 15 M ", 900),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, seconds: float) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "15", "m", "-5m", "5 minutes", "1h30", "5y", "1e3s"])
def test_what_has_no_unit_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["36501d", "900000d", "36500d1ms", "9" * 400 + "w"])
def test_a_duration_that_no_calendar_holds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write 36500d or less"):
        parse_duration(text)


def test_the_longest_duration_is_a_hundred_years() -> None:
    assert parse_duration("36500d") == LONGEST


@given(st.timedeltas(min_value=timedelta(), max_value=LONGEST - timedelta(milliseconds=1)))
def test_a_duration_is_read_back_to_the_millisecond(duration: timedelta) -> None:
    rounded = timedelta(milliseconds=round(duration / timedelta(milliseconds=1)))
    assert abs(parse_duration(format_duration(rounded)) - rounded) < timedelta(milliseconds=1)


# -- patterns


@pytest.mark.parametrize(
    "pattern", ["广告", r"^（?责任编辑[：:].*$", r"\p{Han}{2,4}", r"(a+)+$", "(?i)x", r"\d{4}-\d{2}"]
)
def test_a_pattern_that_re2_takes_is_fine(pattern: str) -> None:
    assert check_pattern(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "missing )"),
        ("[a", "missing ]"),
        ("(?=a)", "look-ahead and look-behind are not supported"),
        ("(?!a)", "look-ahead and look-behind are not supported"),
        ("(?<=a)b", "look-ahead and look-behind are not supported"),
        ("(?<!a)b", "look-ahead and look-behind are not supported"),
        (r"(a)\1", "back-references are not supported"),
        ("a{2000}", "1000 at most"),
        ("*a", "*"),
    ],
)
def test_a_pattern_that_re2_refuses_is_explained_and_nothing_is_logged(
    pattern: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="does not compile") as caught:
        check_pattern(pattern)
    assert words in str(caught.value)
    assert capfd.readouterr() == ("", "")


# -- selectors


@pytest.mark.parametrize(
    ("selector", "attribute"),
    [
        ("h1", None),
        ("ul.list > li", None),
        ("a@href", "href"),
        ("a.next @href", "href"),
        ("@href", "href"),
        ("a:-soup-contains('下一页')@href", "href"),
        ("a[title='x@y']", None),
        ("meta[name=date]@content", "content"),
        ("//div[contains(., '当前位置')]//a[last()]", None),
        ("./a/@href", None),
        ("(//a)[1]", None),
    ],
)
def test_a_selector_is_css_with_an_attribute_or_xpath(selector: str, attribute: str | None) -> None:
    assert compile_selector(selector).attribute == attribute


@pytest.mark.parametrize("selector", ["a[", "ul > > li", "a:nonsense", "", "//a[", "(//a", "./a[@"])
def test_a_selector_that_does_not_compile_is_refused(selector: str) -> None:
    with pytest.raises(ValueError, match="does not compile"):
        compile_selector(selector)


def test_an_attribute_is_no_element() -> None:
    with pytest.raises(ValueError, match="leave out '@href'"):
        check_element("a@href")


# -- ids


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://www.chinanews.example/rss/scroll-news.xml", "chinanews-example-rss-scroll-news"),
        ("http://www.chinanews.example/rss/scroll-news.xml", "chinanews-example-rss-scroll-news"),
        ("https://sspai.example/feed", "sspai-example-feed"),
        ("https://a.example/", "a-example"),
        ("https://a.example/index.html", "a-example"),
        ("https://user:secret@A.Example:8080/Feed.XML", "a-example-8080-feed"),
        ("https://a.example/Über", None),
        ("https://a.example/国际/", None),
        ("https://新闻.example/", "xn-efvy88h-example"),
    ],
)
def test_an_id_is_made_of_host_and_path(url: str, slug: str | None) -> None:
    made = slug_of_url(url)
    assert made == slug if slug else made.startswith("a-example-")


def test_a_query_does_not_show_in_an_id() -> None:
    one, other = (slug_of_url(f"https://a.example/news/index.php?token=s3cret{n}") for n in (1, 2))
    assert one != other
    assert one.startswith("a-example-news-")
    assert "s3cret" not in one


def test_ids_that_would_be_alike_get_a_hash_of_the_address() -> None:
    taken: set[str] = set()
    for url in (
        "https://a.example/x.xml",
        "https://a.example/x",
        "https://a.example/X",
        "https://a.example/x",
    ):
        taken.add(slug_of_url(url, taken))
    assert len(taken) == 4
    assert all(slug.startswith("a-example-x") for slug in taken)


@given(st.text(), st.text())
def test_every_address_and_name_gives_an_id(url: str, name: str) -> None:
    import re

    for slug in (slug_of_url("https://" + url), slug_of_name(name)):
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", slug)
