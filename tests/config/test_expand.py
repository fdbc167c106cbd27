"""Sources as they are meant: addresses alone, ids, like, defaults."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.config.model import Routing, Source
from tests.config.helpers import fault, faults, load


def source(text: str, id: str) -> Source:
    return next(source for source in load(text).config.sources if source.id == id)


def test_a_bare_address_is_a_source_with_an_id_made_from_it() -> None:
    (made,) = load("sources: [https://www.a.example/rss/world.xml]").config.sources
    assert (made.id, made.url) == ("a-example-rss-world", "https://www.a.example/rss/world.xml")


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("feed://a.example/x", "http://a.example/x"),
        ("feed:https://a.example/x", "https://a.example/x"),
        ("feed://https://a.example/x", "https://a.example/x"),
        ("HTTPS://a.example/x", "HTTPS://a.example/x"),
    ],
)
def test_a_feed_address_becomes_the_http_address_it_stands_for(written: str, url: str) -> None:
    assert load(f"sources: ['{written}']").config.sources[0].url == url


def test_defaults_hold_where_the_source_says_nothing() -> None:
    text = """\
        defaults: {timeout: 5s, language: zh-CN, section: 综合}
        sources:
          - {id: a, url: https://a.example/}
          - {id: b, url: https://b.example/, timeout: 9s, section: 国际}
        """
    assert (source(text, "a").timeout, source(text, "a").section) == (timedelta(seconds=5), "综合")
    assert (source(text, "b").timeout, source(text, "b").section) == (timedelta(seconds=9), "国际")
    assert source(text, "b").language == "zh-CN"


def test_maps_are_joined_key_by_key() -> None:
    text = """\
        defaults: {first_fetch: {max_items: 5, max_age: 3d}, block: {title: [广告], url: [/ad/]}}
        sources: [{id: a, url: https://a.example/, first_fetch: {max_items: 9}, block: {title: [抽奖]}}]
        """
    made = source(text, "a")
    assert (made.first_fetch.max_items, made.first_fetch.max_age) == (9, timedelta(days=3))
    assert made.block is not None
    assert (made.block.title, made.block.url) == (("抽奖",), ("/ad/",))


@pytest.mark.parametrize(
    ("default", "own", "expected"),
    [
        ("15m", "{max: 1h}", ("15m", "15m", "1h")),
        ("{min: 5m, max: 6h}", "1h", ("1h", "1h", "24h")),
        ("{min: 5m, max: 6h}", "{base: 30m}", ("5m", "30m", "6h")),
        ("1h", "", ("1h", "1h", "24h")),
        ("15m", "2d", ("2d", "2d", "2d")),
        ("{min: 1h}", "", ("1h", "1h", "24h")),
        ("{max: 2m}", "", ("2m", "2m", "2m")),
    ],
)
def test_intervals_in_either_form_are_joined(default: str, own: str, expected: tuple[str, str, str]) -> None:
    from aggregator.config.durations import parse_duration

    made = source(
        f"defaults: {{interval: {default}}}\nsources:\n  - id: a\n    url: https://a.example/\n    interval: {own}\n",
        "a",
    ).interval
    assert (made.min, made.base, made.max) == tuple(map(parse_duration, expected))


def test_an_empty_key_that_takes_nothing_overrides_the_default_with_nothing() -> None:
    text = "defaults: {encoding: big5}\nsources: [{id: a, url: https://a.example/, encoding: ~}]"
    assert source(text, "a").encoding is None


def test_keys_with_nothing_behind_them_are_as_good_as_left_out() -> None:
    config = load("site:\nsources:\nsections:\ninclude:\ndefaults:\n  interval:\n").config
    assert (config.sources, config.defaults.interval.base) == ((), timedelta(minutes=15))


LIKE = """\
    defaults: {interval: 1h}
    sources:
      - {id: b, url: https://b.example/, like: a, page: {url_pattern: /b/}}
      - id: a
        name: A
        url: https://a.example/
        interval: 5m
        section: 国际
        page: {item: li, url_pattern: /a/}
        test: [{url: 'file:a.html'}]
      - {id: c, url: https://c.example/, like: b, interval: 9m}
    """


def test_like_gives_what_the_other_source_was_given_and_not_what_is_its_own() -> None:
    made = source(LIKE, "b")
    assert (made.name, made.test, made.url) == (None, (), "https://b.example/")
    assert (made.interval.base, made.section) == (timedelta(minutes=5), "国际")
    assert (made.page.item, made.page.url_pattern) == ("li", "/b/")


def test_like_goes_on_over_several_sources() -> None:
    made = source(LIKE, "c")
    assert (made.page.item, made.page.url_pattern, made.interval.base) == ("li", "/b/", timedelta(minutes=9))


def test_a_selector_of_like_may_be_refined() -> None:
    text = """\
        sources:
          - {id: a, url: https://a.example/, article: {date: .info}}
          - {id: b, url: https://b.example/, like: a, article: {date: {regex: '[0-9-]+'}}}
        """
    date = source(text, "b").article.date
    assert date is not None
    assert (date.select, date.regex) == (".info", "[0-9-]+")


def test_like_of_nobody_is_a_fault_with_the_nearest_id() -> None:
    text = "sources: [{id: world, url: https://a.example/}, {id: b, url: https://b.example/, like: wold}]"
    assert fault(text).endswith(
        "no source has the id 'wold' that sources[1].like names (did you mean 'world'?)"
    )


@pytest.mark.parametrize("third", ["a", "b", "c"])
def test_like_in_a_circle_is_a_fault(third: str) -> None:
    found = faults(f"""\
        sources:
          - {{id: a, url: https://a.example/, like: b}}
          - {{id: b, url: https://b.example/, like: c}}
          - {{id: c, url: https://c.example/, like: {third}}}
        """)
    assert all("circle" in line for line in found)


def test_duplicate_ids_are_a_fault_that_names_both_lines() -> None:
    text = "sources:\n  - {id: a, url: https://a.example/}\n  - {id: a, url: https://b.example/}\n"
    assert fault(text) == "feeds.yaml:3:10: duplicate id 'a' in sources[1]; feeds.yaml:2 has it already"


def test_a_made_id_never_takes_one_that_was_chosen() -> None:
    ids = [
        made.id
        for made in load(
            "sources: [https://a.example/, http://a.example/, {id: a-example, url: https://b.example/}]"
        ).config.sources
    ]
    assert len(set(ids)) == 3
    assert ids[2] == "a-example"


def test_an_address_twice_is_a_warning() -> None:
    loaded = load("sources: [https://a.example/x, https://b.example/, 'http://a.example/x/#top']")
    assert [str(warning) for warning in loaded.warnings] == [
        "feeds.yaml:1:52: the address http://a.example/x/#top is polled twice; feeds.yaml:1 has it already"
    ]
    assert len({made.id for made in loaded.config.sources}) == 3


def test_rules_in_a_section_are_read() -> None:
    made = source(
        """\
        sources:
          - id: a
            url: https://a.example/
            section: {match: [{tag: 国际, to: 世界}, {title: '(股|汇)', to: 财经}], else: 综合}
        """,
        "a",
    )
    assert isinstance(made.section, Routing)
    assert [rule.to for rule in made.section.match] == ["世界", "财经"]
    assert (made.section.match[0].tag, made.section.else_) == (("国际",), "综合")


def test_places_tell_where_each_source_stands() -> None:
    assert load("sources:\n  - https://a.example/\n  - id: b\n    url: https://b.example/\n").places == {
        "a-example": "feeds.yaml:2",
        "b": "feeds.yaml:3",
    }
