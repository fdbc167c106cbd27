"""The stories that the newsstand's outlets print, read from the package's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import yaml

from aggregator.config.durations import parse_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story, before an outlet dresses it."""

    id: str
    section: str
    title: str
    published: datetime
    pages: tuple[tuple[str, ...], ...]  #: paragraphs, page by page; most stories have one page
    author: str = ""
    picture: str = ""  #: name of a picture of pictures.py
    tags: tuple[str, ...] = ()
    lead: str = ""  #: a sub-heading above the first paragraph
    gb18030: bool = False  #: served in GB18030 under a label that says otherwise

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(paragraph for page in self.pages for paragraph in page)


def _read(name: str) -> Any:
    return yaml.safe_load((files("aggregator.demo") / "data" / name).read_text(encoding="utf-8"))


def read_stories(name: str, now: datetime, known: Mapping[str, Story] | None = None) -> list[Story]:
    """The stories of one data file, dated back from ``now`` by their age; ``copy_of`` takes paragraphs from ``known``."""
    return [_story(raw, now, known or {}) for raw in _read(name)]


def _story(raw: Mapping[str, Any], now: datetime, known: Mapping[str, Story]) -> Story:
    original = known.get(raw.get("copy_of", ""))
    pages = (
        original.pages if original else tuple(tuple(p) for p in raw.get("pages", [raw.get("paragraphs", [])]))
    )
    return Story(
        id=raw["id"],
        section=raw["section"],
        title=raw["title"],
        published=(now - parse_duration(raw["age"])).replace(microsecond=0),
        pages=pages,
        author=raw.get("author", ""),
        picture=raw.get("picture", original.picture if original else ""),
        tags=tuple(raw.get("tags", ())),
        lead=raw.get("lead", ""),
        gb18030=bool(raw.get("gb18030", False)),
    )


def read_wire() -> list[str]:
    """The one-line items that appear while the demo runs, in order."""
    return [str(line) for line in _read("wire.yaml")]
