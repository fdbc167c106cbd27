"""What comes from outside is made fit for every store, whichever field it is in."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from aggregator.pipeline.storable import storable_article
from storage.model import Article, Enclosure

PLAIN = Article(
    uid="u", source="s", first_seen=datetime(2026, 11, 23, tzinfo=UTC), url="https://a.example/潮"
)
#: Normalising has cleaned these.
LONG = {"title", "summary", "html", "text"}
TEXTS = [
    field.name for field in fields(Article) if field.type in ("str", "str | None") and field.name not in LONG
]
NAMES = [
    field.name
    for field in fields(Article)
    if "tuple[str" in str(field.type).replace("\n", "").replace(" ", "")
]


def test_a_clean_article_stays_itself() -> None:
    assert storable_article(PLAIN) is PLAIN


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_keeps_what_cannot_be_stored(name: str) -> None:
    changes: dict[str, Any] = {name: "a\x00b\ud800"}
    article = storable_article(replace(PLAIN, **changes))
    assert getattr(article, name) == "ab"


@pytest.mark.parametrize("name", NAMES)
def test_no_name_keeps_what_cannot_be_stored(name: str) -> None:
    changes: dict[str, Any] = {name: ("c", "a\x00b")}
    article = storable_article(replace(PLAIN, **changes))
    assert getattr(article, name) == ("c", "ab")


def test_no_enclosure_keeps_what_cannot_be_stored() -> None:
    article = storable_article(replace(PLAIN, enclosures=(Enclosure(url="https://a.example/\x00"),)))
    assert article.enclosures[0].url == "https://a.example/"


def test_all_kinds_of_fields_are_tried() -> None:
    assert {"guid", "image", "copy_of"} <= set(TEXTS)
    assert {"authors", "breadcrumb", "labels", "tags", "sections"} == set(NAMES)
