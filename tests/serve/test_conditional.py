from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.serve.conditional import none_match, range_still_holds, requested_range, unmodified_since
from aggregator.serve.negotiation import codings, forms, prefers

MODIFIED = datetime(2026, 3, 4, 10, 30, 0, 700_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "matches"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('"abc-gzip"', True),
        ('"abc--gzip"', True),
        ('W/"abc-br"', True),
        ('"abc;gzip"', True),
        ('"x", "abc", "y"', True),
        ('"x",W/"abc"', True),
        ("*", True),
        ("abc", True),
        ('"abcd"', False),
        ('"ABC"', False),
        ('"x"', False),
        ('"abc-gzip2"', False),
        ("", False),
        ('"', False),
    ],
)
def test_if_none_match_compares_weakly_and_over_codings(field: str, matches: bool) -> None:
    assert none_match(field, "abc") is matches


@pytest.mark.parametrize(
    ("field", "unmodified"),
    [
        ("Wed, 04 Mar 2026 10:30:00 GMT", True),
        ("Wednesday, 04-Mar-26 10:30:00 GMT", True),
        ("Thu, 05 Mar 2026 00:00:00 GMT", True),
        ("Wed, 04 Mar 2026 10:29:59 GMT", False),
        ("yesterday", False),
        ("0", False),
    ],
)
def test_if_modified_since_counts_in_seconds(field: str, unmodified: bool) -> None:
    assert unmodified_since(field, MODIFIED) is unmodified


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("bytes=0-9", (0, 10)),
        ("bytes=90-", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes=90-1000", (90, 100)),
        ("Bytes = 0 - 0", (0, 1)),
        ("bytes=5-4", None),
        ("bytes=0-1,5-6", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("lines=0-1", None),
        ("bytes=" + "9" * 5000 + "-", None),
        ("", None),
    ],
)
def test_a_single_range_is_read(field: str, expected: tuple[int, int] | None) -> None:
    assert requested_range(field, 100) == expected


@pytest.mark.parametrize("field", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_beyond_the_end_cannot_be_had(field: str) -> None:
    with pytest.raises(ValueError, match="outside"):
        requested_range(field, 100)


@given(st.text(), st.integers(0, 10**6))
def test_no_range_leads_out_of_the_document(text: str, length: int) -> None:
    try:
        part = requested_range(f"bytes={text}", length)
    except ValueError:
        return
    assert part is None or 0 <= part[0] < part[1] <= length


@pytest.mark.parametrize(
    ("field", "holds"),
    [
        ("", True),
        ('"abc"', True),
        ("Wed, 04 Mar 2026 10:30:00 GMT", True),
        ('W/"abc"', False),
        ('"old"', False),
        ("Wed, 04 Mar 2026 10:29:59 GMT", False),
    ],
)
def test_if_range_compares_strongly(field: str, holds: bool) -> None:
    assert range_still_holds(field, '"abc"', MODIFIED) is holds


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("gzip", "gzip"),
        ("deflate, GZIP;q=0.5", "gzip"),
        ("*", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br gzip"),
        ("br;q=0.5, gzip", "gzip br"),
        ("br, gzip;q=0", "br"),
        ("gzip;q=0", ""),
        ("gzip; q=0.0, *", ""),
        ("gzip;q=x", ""),
        ("gzip;q=nan", ""),
        ("identity, *;q=0", ""),
        ("zstd", ""),
        ("", ""),
    ],
)
def test_a_coding_is_sent_to_who_accepts_it(field: str, sent: str) -> None:
    assert codings(field) == tuple(sent.split())


@pytest.mark.parametrize(
    ("field", "best"),
    [
        ("", "/index.html"),
        ("*/*", "/index.html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "/index.html"),
        ("application/atom+xml", ".atom"),
        ("application/rss+xml", ".rss"),
        ("application/feed+json", ".json"),
        ("application/json", ".json"),
        ("application/rss+xml, application/atom+xml;q=0.9", ".rss"),
        ("application/atom+xml, application/rss+xml", ".atom"),
        (
            "application/rss+xml, application/rdf+xml;q=0.8, application/atom+xml;q=0.6, application/xml;q=0.4",
            ".rss",
        ),
        ("application/xml", ".atom"),
        ("text/xml, */*;q=0.1", ".atom"),
        ("application/*", ".atom"),
        ("application/atom+xml;q=0, application/xml", ".rss"),
        ("text/html;q=0.1, */*;q=0.2", ".atom"),
    ],
)
def test_a_section_is_sent_in_the_form_that_is_liked_best(field: str, best: str) -> None:
    assert forms(field)[0] == best


def test_what_cannot_be_taken_is_not_among_the_forms() -> None:
    assert forms("image/png") == ()
    assert forms("application/feed+json") == (".json",)


@pytest.mark.parametrize(
    ("field", "json"),
    [
        ("application/json", True),
        ("text/html;q=0.5, application/json", True),
        ("application/*, text/html;q=0.9", True),
        ("text/html, application/json;q=0.9", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_the_media_type_of_higher_quality_is_preferred(field: str, json: bool) -> None:
    assert prefers(field, "application/json", "text/html") is json
