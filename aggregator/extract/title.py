"""The title: what a heading shows and ``<title>`` confirms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.extract.lexicon import lexicon
from aggregator.extract.metadata import Declared
from aggregator.extract.outline import Block, Outline

#: Between title, section and site in ``<title>``, the surest first.
_SEPARATORS = re.compile(r"\s*(?:_+|\||｜|—{1,2}|--+|\s[-–·»:•]\s|[-–](?=[^-–]{2,12}$))\s*")
#: What a template puts before a title: 原创 | …
_PREFIX = re.compile(r"^(?:原创|转载|独家|图文|视频|组图|专题|头条)\s*[:：|丨】\s]\s*")
_NO_TITLE = re.compile(r"[>＞»|｜]|位置|\d{4}\s*[-/.年]\s*\d|[:：].*[:：]|https?:")
_WEIGHT = {"h1": 3.0, "h2": 1.6, "h3": 1.2}
_TITLE_WORDS = lexicon(
    """
    title heading headline arttitle articletitle posttitle entrytitle newstitle maintitle biaoti bt tit
    """
)
_ABOVE = 10  # blocks between a title and its body
_TELLING = 12  # characters from which a part of ``<title>`` is more than a section's name
_LONGEST = 200
_SEARCHED = 400  # blocks of the page in which a heading is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The title and the block that shows it; ``at`` is None where no block does."""

    text: str = ""
    at: int | None = None
    sure: bool = True  #: declared or confirmed; else the body may know better


@dataclass(frozen=True, slots=True)
class _Shown:
    """A line of the page that may be its title."""

    text: str
    at: int
    weight: float


def find_title(declared: Declared, outline: Outline) -> Title:
    shown = list(_headings(outline))
    return (
        _confirmed(shown, declared)
        or _from_meta(shown, declared)
        or _prefix(outline, declared)
        or _cut(declared.head_title, outline)
        or _largest(shown)
        or Title(sure=False)
    )


def title_above(title: Title, outline: Outline, body_at: int) -> Title:
    """For a title in doubt: the heading right above the body."""
    near = range(max(body_at - _ABOVE, 0), min(body_at + 2, len(outline.blocks)))
    shown = [
        line
        for line in _headings(outline)
        if line.at in near and outline.blocks[line.at].linked < 0.5 * len(line.text)
    ]
    best = max(shown, key=lambda line: (line.weight, line.at), default=None)
    if best:
        return Title(text=best.text, at=best.at)
    return title if title.text else _bare_line(outline, body_at)


def _bare_line(outline: Outline, body_at: int) -> Title:
    """On a page without any heading: the longest line above the first paragraph that is no sentence and no bar."""
    first = next(
        (at for at, block in enumerate(outline.blocks[body_at:], body_at) if block.stops and block.mass > 25),
        0,
    )
    lines = [
        at
        for at in range(max(first - _ABOVE, 0), first)
        if 6 <= len(outline.blocks[at].text) <= 80
        and not _NO_TITLE.search(outline.blocks[at].text)
        and not outline.blocks[at].stops
    ]
    at = max(lines, key=lambda at: len(outline.blocks[at].text), default=None)
    return Title(text=outline.blocks[at].text, at=at) if at is not None else Title(sure=False)


def bare(text: str) -> str:
    """For comparison: letters and digits alone, widths and case folded."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def _headings(outline: Outline) -> Iterable[_Shown]:
    for at, block in enumerate(outline.blocks[: 4 * _SEARCHED]):
        if not 2 <= len(block.text) <= _LONGEST:
            continue
        weight = _heading_weight(block, outline)
        if weight:
            yield _Shown(block.text, at, weight)


def _heading_weight(block: Block, outline: Outline) -> float:
    node = outline.nodes[block.owner]
    if block.heading:
        tags = (outline.nodes[index].tag for index in outline.ancestors(block.owner))
        return next((_WEIGHT.get(tag, 0.8) for tag in tags if tag[0] == "h" and tag[1:].isdigit()), 0.8)
    return 1.0 if not _TITLE_WORDS.isdisjoint(node.names) and block.stops < 3 else 0.0


def _confirmed(shown: Sequence[_Shown], declared: Declared) -> Title | None:
    """The heading that ``<title>`` or a meta title contains: the longest such, so that no logo or section is taken."""
    logos = _logos(declared)
    references = [bare(text) for text in (declared.head_title, *declared.titles) if bare(text)]
    best: tuple[float, str, int] | None = None
    for line in shown:
        text = _without_prefix(line.text, references)
        score = 0.0 if bare(text) in logos else _confirmation(bare(text), references) * line.weight**0.3
        if score > 0 and (best is None or score > best[0]):
            best = (score, text, line.at)
    return Title(text=best[1], at=best[2]) if best else None


def _without_prefix(text: str, references: Sequence[str]) -> str:
    """原创 and the like go, where no declared title has them."""
    return text if any(bare(text) in reference for reference in references) else _PREFIX.sub("", text)


def _logos(declared: Declared) -> frozenset[str]:
    """Names of the site, which a heading may show: the declared ones, and the last of several parts of ``<title>``."""
    parts = [part for part in _SEPARATORS.split(declared.head_title) if bare(part)]
    last = [parts[-1]] if len(parts) > 1 and 2 * len(parts[-1]) < len(declared.head_title) else []
    return frozenset(bare(name) for name in (*declared.sites, *last))


def _confirmation(text: str, references: Sequence[str]) -> float:
    """0 … 1: how much of a declared title the line is; a part after its beginning counts half."""
    if len(text) < 2:
        return 0.0
    scores = [
        len(text) / len(reference) * (1.0 if reference.startswith(text) else 0.5)
        for reference in references
        if text in reference
    ]
    best = max(scores, default=0.0)
    return best if best >= 0.28 or (best and len(text) >= 12) else 0.0


def _from_meta(shown: Sequence[_Shown], declared: Declared) -> Title | None:
    """The declared title; or the page's h1, where it shares most of its words with it."""
    if not declared.titles:
        return None
    for line in shown:
        if line.weight >= 3 and any(
            _kin(line.text, text) for text in (*declared.titles, declared.head_title)
        ):
            return Title(text=line.text, at=line.at)
    whole = bare(declared.head_title)
    fitting = [
        text for text in declared.titles if not whole or bare(text) in whole or not declared.head_title
    ]
    text = fitting[0] if fitting else declared.titles[0]
    site = set(map(bare, declared.sites))
    parts = [part for part in _SEPARATORS.split(text) if part and bare(part) not in site]
    return (
        Title(text=max(parts, key=len))
        if parts and len(max(parts, key=len)) > len(text) / 2
        else Title(text=text)
    )


def _kin(left: str, right: str) -> bool:
    a, b = _bits(left), _bits(right)
    return len(a & b) >= 0.6 * max(min(len(a), len(b)), 2)


def _bits(text: str) -> set[str]:
    text = unicodedata.normalize("NFKC", text).casefold()
    if re.search("[\u3040-\u9fff]", text):
        text = bare(text)
        return {text[at : at + 2] for at in range(len(text) - 1)}
    return set(re.findall(r"\w{3,}", text))


def _prefix(outline: Outline, declared: Declared) -> Title | None:
    """A line of the page that ``<title>`` begins with."""
    whole = bare(declared.head_title)
    best: Title | None = None
    for at, block in enumerate(outline.blocks[:_SEARCHED]):
        if 6 <= len(block.text) <= min(len(declared.head_title) + 10, _LONGEST):
            text = bare(block.text)
            if (
                len(text) >= 6
                and whole.startswith(text)
                and (best is None or len(block.text) > len(best.text))
            ):
                best = Title(text=block.text, at=at)
    return best


def _cut(head_title: str, outline: Outline) -> Title | None:
    parts = [part for part in _SEPARATORS.split(head_title) if part.strip()]
    if not parts:
        return None
    first, longest = parts[0], max(parts, key=len)
    text = (first if len(first) >= 8 or len(first) >= len(longest) / 2 else longest).strip()
    at = next((at for at, block in enumerate(outline.blocks[:_SEARCHED]) if block.text == text), None)
    return Title(text=text, at=at, sure=at is not None or len(parts) > 1 or len(text) >= _TELLING)


def _largest(shown: Sequence[_Shown]) -> Title | None:
    best = max(shown, key=lambda line: (line.weight, -line.at), default=None)
    return Title(text=best.text, at=best.at, sure=False) if best else None
