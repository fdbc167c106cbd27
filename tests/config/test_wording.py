"""Faults: each at its place, in plain words, with the nearest right name."""

from __future__ import annotations

import pytest

from aggregator.config.faults import Fault
from tests.config.helpers import fault, faults


def test_a_fault_reads_as_file_line_column_and_message() -> None:
    text = """\
        sources:
          - https://a.example/feed
          - {url: https://b.example/feed, intervall: 5m}
        """
    assert fault(text) == "feeds.yaml:3:35: unknown key 'intervall' in sources[1] (did you mean 'interval'?)"


def test_a_fault_of_a_whole_file_has_no_line() -> None:
    assert str(Fault("feeds.yaml", 0, 0, "no such file")) == "feeds.yaml: no such file"


ONE = "sources:\n  - {url: https://a.example/, "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # keys
        ("souces: []", "1:1: unknown key 'souces' at the top level (did you mean 'sources'?)"),
        (
            "timezone: UTC",
            "1:1: unknown key 'timezone' at the top level (did you mean 'site.timezone' or "
            "'defaults.timezone'?)",
        ),
        ("zzz: 1", "1:1: unknown key 'zzz' at the top level"),
        (ONE + "title: x}", "2:31: unknown key 'title' in sources[0] (did you mean 'name'?)"),
        (
            ONE + "url_pattern: x}",
            "2:31: unknown key 'url_pattern' in sources[0] (did you mean 'page.url_pattern'?)",
        ),
        (ONE + "page: {itme: li}}", "2:38: unknown key 'itme' in sources[0].page (did you mean 'item'?)"),
        (
            ONE + "article: {date: {select: p, regexp: x}}}",
            "2:59: unknown key 'regexp' in sources[0].article.date (did you mean 'regex'?)",
        ),
        ("sources: [{id: a}]", "1:11: key 'url' is missing in sources[0]"),
        ("sources:\n  - url:\n", "2:5: 'url' in sources[0] has no value"),
        ("sections: [{id: x}]", "1:12: key 'title' is missing in sections[0]"),
        # values
        (
            "defaults: {interval: 15}",
            "1:22: defaults.interval: '15' is no duration; write a number and a unit, as 90s, "
            "15m, 6h, 7d or 1h30m",
        ),
        (
            "defaults: {interval: {min: 5}}",
            "1:28: defaults.interval.min: '5' is no duration; write a number and a unit, "
            "as 90s, 15m, 6h, 7d or 1h30m",
        ),
        (
            "defaults: {interval: {min: 2h, max: 1h}}",
            "1:22: defaults.interval: an interval needs 0 < min <= base <= max, "
            "and this is min 2h, base 2h, max 1h",
        ),
        (
            "defaults: {stale_after: 9999999999d}",
            "1:25: defaults.stale_after: '9999999999d' is longer than 36500d, a hundred years; write 36500d or less",
        ),
        ("defaults: {verify: maybe}", "1:20: defaults.verify: must be yes or no, not 'maybe'"),
        ("defaults: {priority: high}", "1:22: defaults.priority: must be a whole number, not 'high'"),
        ("defaults: {timeout: 0}", "1:21: defaults.timeout: must be more than 0 seconds, not '0'"),
        ("defaults: {max_size: 5}", "1:22: defaults.max_size: must be at least 1024, not '5'"),
        ("defaults: {per_host: x}", "1:22: defaults.per_host: must be a whole number, not 'x'"),
        (
            "defaults: {allow_private: [10.0.0.0/99]}",
            "1:28: defaults.allow_private[0]: '10.0.0.0/99' is no network; "
            "write an address or a CIDR block, as 127.0.0.0/8 or fd00::/8",
        ),
        (
            "defaults: {encoding: gb18031}",
            "1:22: defaults.encoding: 'gb18031' is no encoding; write its name, as gb18030, big5 or utf-8",
        ),
        (
            "defaults: {updates: silnt}",
            "1:21: defaults.updates: must be one of silent, bump, ignore, not 'silnt' "
            "(did you mean 'silent'?)",
        ),
        ("defaults: [a]", "1:11: defaults: must be a map of keys, not a list"),
        ("sources: {a: b}", "1:10: sources: must be a list, not a map"),
        ("sources: https://a.example/", "1:10: sources: must be a list, not 'https://a.example/'"),
        ("sources: [[a]]", "1:11: sources[0]: must be a map of keys, not a list"),
        ("site: {title: [x]}", "1:15: site.title: must be a text, not a list"),
        (
            "site: {timezone: Beijing}",
            "1:18: site.timezone: 'Beijing' is no time zone; write an IANA name, as "
            "Asia/Shanghai or Europe/Berlin",
        ),
        (
            "site: {language: chinese!}",
            "1:18: site.language: 'chinese!' is no language code; write a BCP 47 code, as zh-CN, en or pt-BR",
        ),
        (
            "site: {base_url: 'https://a.example/?x'}",
            "1:18: site.base_url: 'https://a.example/?x' cannot stand before "
            "paths; leave out what follows '?' or '#'",
        ),
        (
            "sources: [www.a.example/feed]",
            "1:11: sources[0]: 'www.a.example/feed' is no web address (did you mean "
            "'https://www.a.example/feed'?)",
        ),
        (
            "sources: [ftp://a.example/]",
            "1:11: sources[0]: 'ftp://a.example/' is no web address; write it out, as "
            "https://example.org/news.xml",
        ),
        (
            "sources: ['https://a.example:99999/']",
            "1:11: sources[0]: 'https://a.example:99999/' is no web address; "
            "write it out, as https://example.org/news.xml",
        ),
        (
            ONE + "id: 国际}",
            "2:35: sources[0].id: '国际' is no id; use lower-case letters, digits and hyphens, 64 at most",
        ),
        (
            ONE + "type: page, page: {max_pages: 0}}",
            "2:61: sources[0].page.max_pages: must be at least 1, not '0'",
        ),
        (ONE + "section: [a]}", "2:40: sources[0].section: must be a text, not a list"),
        (
            ONE + "test: [{url: x, date: 24.10.2024}]}",
            "2:53: sources[0].test[0].date: '24.10.2024' is no day; write it as 2024-10-24",
        ),
        ("dedup: {near: {threshold: 3}}", "1:27: dedup.near.threshold: must be at most 1.0, not '3'"),
        (
            "output: {formats: [atm]}",
            "1:20: output.formats[0]: must be one of atom, rss, json, html, opml, not 'atm' "
            "(did you mean 'atom'?)",
        ),
        (
            "output: {attribution: '{sorce}'}",
            "1:23: output.attribution: unknown placeholder {sorce} (did you mean "
            "'source'?); known are {source}, {link}, {author}, {site}",
        ),
        (
            "server: {listen: localhost}",
            "1:18: server.listen: 'localhost' is no address to listen on; write host:port, "
            "as 127.0.0.1:8000 or [::1]:8000",
        ),
        (
            "server: {listen: '127.0.0.1:70000'}",
            "1:18: server.listen: '127.0.0.1:70000' is no address to listen on; "
            "write host:port, as 127.0.0.1:8000 or [::1]:8000",
        ),
        (
            "storage: {url: var/x.db}",
            "1:16: storage.url: 'var/x.db' is no database address; write it as "
            "sqlite:///var/aggregator.db or postgresql://user@host/name",
        ),
        ("version: 2", "1:10: version: must be 1, not '2'"),
    ],
)
def test_a_mistake_is_named_at_its_place(text: str, expected: str) -> None:
    assert fault(text) == f"feeds.yaml:{expected}"


def test_an_address_that_cannot_even_be_taken_apart_is_a_fault() -> None:
    assert "is no web address" in fault("sources: ['https://[x']")


def test_all_faults_come_in_one_go_in_the_order_of_the_file() -> None:
    found = faults("""\
        site: {titel: x}
        defaults: {interval: soon}
        sources:
          - {url: nonsense, type: rss, keep: {title: '('}}
          - {url: https://a.example/, section: '${NOWHERE}', id: A}
        sections:
          - {id: index, title: a, limit: 0}
        """)
    assert [line.split(": ")[0] for line in found] == [
        "feeds.yaml:1:8",
        "feeds.yaml:2:22",
        "feeds.yaml:4:11",
        "feeds.yaml:4:27",
        "feeds.yaml:4:46",
        "feeds.yaml:5:40",
        "feeds.yaml:5:58",
        "feeds.yaml:7:10",
        "feeds.yaml:7:34",
    ]


def test_a_fault_in_defaults_is_told_once_however_many_sources_there_are() -> None:
    assert "defaults.timeout" in fault("""\
        defaults: {timeout: 5}
        sources: [https://a.example/, https://b.example/, https://c.example/]
        """)


def test_control_characters_of_the_file_never_reach_the_terminal() -> None:
    (line,) = faults('"\\e[2J\\n": 1\n"a\\e": 1\n')[:1]
    assert line.isprintable()


def test_a_long_value_is_shown_shortened() -> None:
    assert len(fault(f"defaults: {{verify: {'x' * 5000}}}")) < 200


def test_no_fault_speaks_of_the_validation_library() -> None:
    text = "site: 5\ndefaults: 5\nsources: 5\nsections: [5]\noutput: {dir: [x]}\nserver: {metrics: []}\nnotify: [{}]\n"
    for line in faults(text):
        assert "pydantic" not in line
        assert "Input" not in line
        assert "valid" not in line
