"""Our own stories through the real encoder; skipped where the extra is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from aggregator.dedup import Deduplicator
from aggregator.extras import NO_SEMANTIC, semantic_encoder
from tests.dedup.rewriting import Story, stories
from tests.dedup.test_rewrites import Piece

WITH_EXTRAS = True
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(semantic_encoder() is None, reason=NO_SEMANTIC),
]

WHEN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def piece(story: Story, hand: str) -> Piece:
    told = story.hands[hand]
    return Piece(f"{story.id}-{hand}", hand, told.title, "\n".join(told.paragraphs), WHEN, WHEN)


@pytest.fixture(scope="module")
def found() -> dict[str, str | None]:
    """By uid, what each text was taken for; all originals and reports are there before the first rewrite."""
    known, told = Deduplicator(semantic="on"), stories()
    hands = [(story, hand) for hand in ("original", "other", "second", "rewrite") for story in told]
    pieces = [piece(story, hand) for story, hand in hands if hand in story.hands]
    return {one.uid: known.add([one])[0].of for one in pieces}


def rows(found: dict[str, str | None], hand: str) -> Iterator[tuple[str, str | None]]:
    return ((uid.removesuffix(f"-{hand}"), of) for uid, of in found.items() if uid.endswith(hand))


def test_every_rewrite_is_found_and_is_of_its_original(found: dict[str, str | None]) -> None:
    assert [(story, of) for story, of in rows(found, "rewrite") if of != f"{story}-original"] == []


def test_other_reports_and_second_commentaries_stay_apart(found: dict[str, str | None]) -> None:
    assert {of for hand in ("original", "other", "second") for _, of in rows(found, hand)} == {None}
