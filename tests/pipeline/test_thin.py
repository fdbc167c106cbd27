"""Which entries of a document only summarise. The kinds are those of real feeds, the words are not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.pipeline.thin import thin_entries
from storage.model import Article, Enclosure

WHOLE = "The first paragraph says where it was.\nThe second says how it ended, which nobody expected."


def entry(text: str, name: str = "one", **fields: object) -> Article:
    known = {"uid": name, "source": "s", "story": name, "title": name, "url": f"https://a.example/{name}"}
    return Article(**{**known, "text": text, "first_seen": datetime(2026, 1, 1, tzinfo=UTC), **fields})  # type: ignore[arg-type]


def thin(*entries: Article) -> list[str]:
    return [one.uid for one in thin_entries("auto", entries)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A sentence about the harbour.", True),
        ("", True),
        ("The first of two paragraphs.\nThe second, which breaks off in the mi…", True),
        (WHOLE, False),
        # Wrapped by hand, as old programs do: one block, though it has line ends.
        (
            "The ferries that used to run until midnight will run\nuntil one, the harbour office said on Friday.",
            True,
        ),
        ("Depth\n10 km\nLocation\n40.3 N 124.4 W", False),
        ("港口" * 200, False),
    ],
)
def test_an_entry_by_itself(text: str, expected: bool) -> None:
    assert bool(thin(entry(text))) is expected


@pytest.mark.parametrize("type_", ["audio/mpeg", "video/mp4", "application/x-shockwave-flash"])
def test_what_is_to_be_heard_or_seen_is_no_summary(type_: str) -> None:
    assert not thin(entry("A short word.", enclosures=(Enclosure(url="https://a.example/f", type=type_),)))


def test_among_whole_texts_a_short_one_is_short_and_one_that_breaks_off_is_cut() -> None:
    whole = [entry(WHOLE, f"w{n}") for n in range(6)]
    assert thin(*whole, entry("A remark.", "short"), entry("It was so that…", "cut")) == ["cut"]


def test_among_summaries_all_short_ones_are() -> None:
    assert thin(*(entry("A remark.", f"s{n}") for n in range(6)), entry(WHOLE, "whole")) == [
        f"s{n}" for n in range(6)
    ]


def test_the_other_modes_look_at_nothing() -> None:
    assert [one.uid for one in thin_entries("always", [entry(WHOLE), entry("", "bare", url="")])] == ["one"]
    assert thin_entries("never", [entry("")]) == []
