"""Stories of our own in several hands: an original, a rewrite of it, another outlet's report, a second commentary."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "rewrites"
HANDS = ("original", "rewrite", "other", "second")


@dataclass(slots=True)
class Told:
    """One text."""

    title: str
    paragraphs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Story:
    id: str
    lang: str
    style: str
    hands: dict[str, Told] = field(default_factory=dict)


def stories() -> list[Story]:
    return [story for lang in ("zh", "en") for story in _read(lang)]


def _read(lang: str) -> list[Story]:
    found: list[Story] = []
    for line in (FOLDER / f"{lang}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            name, _, style = line[3:].partition(" ")
            found.append(Story(name, lang, style))
        elif line.startswith("== "):
            hand, _, title = line[3:].partition(" ")
            found[-1].hands[hand] = told = Told(title)
        elif line and found:
            told.paragraphs.append(line)
    return found
