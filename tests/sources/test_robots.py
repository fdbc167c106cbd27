"""robots.txt: what it forbids us, how often we may ask, and that no file whatever breaks the reading of it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sources.robots import LONGEST_DELAY, MAX_BYTES, parse_robots, product_token

TOKEN = "feed-aggregator"
SITE = "https://paper.example"


def allowed(robots: str | bytes, path: str = "/guoji/1.html", token: str = TOKEN) -> bool:
    body = robots if isinstance(robots, bytes) else robots.encode()
    return parse_robots(body, token).allows(SITE + path)


@pytest.mark.parametrize(
    ("robots", "path", "expected"),
    [
        ("User-agent: *\nDisallow: /", "/", False),
        ("User-agent: *\nDisallow:", "/", True),
        ("", "/", True),
        ("User-agent: *\nDisallow: /guoji/", "/guoji/1.html", False),
        ("User-agent: *\nDisallow: /guoji/", "/guonei/1.html", True),
        ("User-agent: *\nDisallow: /\nAllow: /guoji/", "/guoji/1.html", True),
        ("User-agent: *\nDisallow: /*?print=", "/guoji/1.html?print=1", False),
        ("User-agent: *\nDisallow: /*?print=", "/guoji/1.html", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdfs", True),
        ("User-agent: *\nDisallow: /国际/", "/%E5%9B%BD%E9%99%85/1", False),
        ("User-agent: *\r\nDisallow: /a\r\n\r\nDisallow: /b\r\n", "/b", False),
        ("user-AGENT : *\rDISALLOW: /", "/", False),
    ],
)
def test_rules_hold_for_path_and_query(robots: str, path: str, expected: bool) -> None:
    assert allowed(robots, path) is expected


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("User-agent: feed-aggregator\nDisallow: /", False),
        ("User-agent: Feed-Aggregator/2.0\nDisallow: /", False),
        ("User-agent: other\nUser-agent: feed-aggregator\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: feed-aggregator\nAllow: /", True),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: feed\nDisallow: /", True),
        ("User-agent: aggregator\nDisallow: /", True),
        ("User-agent: feed-aggregator-images\nDisallow: /", True),
        ("# User-agent: *\nDisallow: /", True),
        ("User-agent: * # all\nDisallow: / # all of it", False),
        ("User-agent: feed-aggregator\nAllow: /\n\nUser-agent: feed-aggregator\nDisallow: /guoji/", False),
    ],
)
def test_a_group_is_ours_by_its_whole_name_else_that_of_all(groups: str, expected: bool) -> None:
    assert allowed(groups) is expected


def test_without_a_name_only_the_group_of_all_counts() -> None:
    assert allowed("User-agent: x\nDisallow: /", token="")
    assert not allowed("User-agent: *\nDisallow: /", token="")


@pytest.mark.parametrize(
    ("agent", "token"),
    [
        ("feed-aggregator/0.1.0 (+https://paper.example)", "feed-aggregator"),
        ("Mozilla/5.0 (compatible; RiverPaper/1.0; +https://paper.example/bot)", "riverpaper"),
        ("River_Paper", "river_paper"),
        ("42", ""),
    ],
)
def test_our_name_is_the_product_of_the_user_agent(agent: str, token: str) -> None:
    assert product_token(agent) == token


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ("Crawl-delay: 10", 10),
        ("Crawl-delay: 0.5", 0.5),
        ("crawl-delay: 86400", LONGEST_DELAY.total_seconds()),
        ("Crawl-delay: inf", 0),
        ("Crawl-delay: -3", 0),
        ("Crawl-delay: soon", 0),
        ("Request-rate: 1/5", 5),
        ("Request-rate: 6/1m", 10),
        ("Crawl-delay: 3\nRequest-rate: 1/5", 5),
        ("Request-rate: 1/" + "9" * 400, LONGEST_DELAY.total_seconds()),
        ("Request-rate: 0/5", 0),
        ("Disallow: /x", 0),
    ],
)
def test_the_delay_is_the_longest_that_is_asked_for_within_a_bound(lines: str, seconds: float) -> None:
    rules = parse_robots(f"User-agent: *\n{lines}\n".encode(), TOKEN)
    assert rules.delay == timedelta(seconds=seconds)


def test_the_delay_of_another_program_is_not_ours() -> None:
    assert parse_robots(b"User-agent: other\nCrawl-delay: 9\n", TOKEN).delay == timedelta()


@pytest.mark.parametrize(
    "body",
    [
        "\ufeffUser-agent: *\nDisallow: /".encode(),
        "User-agent: *\nDisallow: /".encode("utf-16"),
        b"User-agent: *\x00\nDisallow: /\x00",
        b"\xc9\xfa\xbb\xee\nUser-agent: *\nDisallow: /\xff\nDisallow: /\n",
    ],
)
def test_marks_and_damage_do_not_hide_the_rules(body: bytes) -> None:
    assert not allowed(body)


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><head><title>User-agent</title></head><body>Disallow: / no</body></html>",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10,
        b"Disallow: /",
    ],
)
def test_what_is_no_robots_txt_forbids_nothing(body: bytes) -> None:
    assert allowed(body)


def test_a_long_file_is_read_to_its_bound_and_no_rule_is_cut() -> None:
    start = "User-agent: *\nDisallow: /early\n"
    filler = "Disallow: /" + "x" * 200 + "\n"
    body = (start + filler * (2 * MAX_BYTES // len(filler)) + "Disallow: /late\n").encode()
    assert not allowed(body, "/early")
    assert allowed(body, "/late")
    assert allowed(body, "/x")


def test_one_line_without_end_is_no_rule() -> None:
    assert allowed(b"User-agent: *\nDisallow: /" + b"a" * MAX_BYTES, "/aaa")


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"User-agent: a{n}\n" for n in range(10_000)) + "Disallow: /\n" * 20_000,
        "".join(f"User-agent: a{n}\nSitemap: x\n" for n in range(10_000)) + "Disallow: /\n" * 10_000,
        "User-agent: *\n" + "".join(f"Disallow: /*a*{n}\n" for n in range(24_000)),
        "User-agent: *\nDisallow: /" + "*a" * 200_000 + "b",
        "User-agent: *\nDisallow: /" + "$" * 400_000,
        "user" * 100_000,
    ],
)
def test_no_file_takes_long(body: str) -> None:
    begun = time.process_time()
    parse_robots(body.encode(), TOKEN).allows(SITE + "/" + "a" * 8000)
    assert time.process_time() - begun < 3


@given(st.binary(max_size=300), st.text("abc/?&=%*$#国 ", max_size=20))
def test_nothing_breaks_it(body: bytes, path: str) -> None:
    for prefix in (b"", b"User-agent: *\nDisallow: /", b"\xff\xfe"):
        rules = parse_robots(prefix + body, TOKEN)
        assert rules.allows(f"{SITE}/{path}") in (True, False)
        assert timedelta() <= rules.delay <= LONGEST_DELAY
