"""Whether an entry of a feed says all that its page says, or only summarises it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from storage.model import Article

#: What blog software writes below any text, whole or not.
_SIGNED = re.compile(r"the post .{1,300} appeared first on .{1,200}", re.IGNORECASE)
#: What is written below a text that was cut, to the end of its last line.
_MORE = re.compile(
    r"(?:\b(?:(?:continue|keep) reading|read (?:more|on|the (?:full|whole|rest|entire))|full (?:story|article))\b"
    r"|(?:阅读|閱讀|查看|点击|展开|继续阅读|繼續閱讀)[阅读查看]{0,2}(?:全文|更多|原文|详情|詳情|详细))[^.。!?！？]{0,100}\.?\s*$",
    re.IGNORECASE,
)
#: Of a last line, so many characters are looked at for that.
_END = 160
_CUT = re.compile(r"(?:…|\.\.\.|。。。|⋯)\s*[\])）】”\"]?\s*$")
#: A text of this width and more, in one block, is no summary; a CJK character is as wide as 2.5 others.
WIDE = 700.0
#: What is cut is a summary whatever its paragraphs, up to this width.
WIDEST = 3000.0
#: A line that is so wide and ends in the middle of a sentence goes on in the next: the text is broken into lines.
_WRAPPED = 45.0
_ENDS = re.compile(r"[.!?:;…。！？：；\"'”’」』)）\]】]\s*$")
#: What is to be heard or seen; the last is how video sites name their players.
_SPOKEN = ("audio/", "video/", "application/x-shockwave-flash")
#: In a document of so many entries of which so many say all, the short ones are short.
_ENTRIES, _WHOLE = 5, 0.6


def thin_entries(mode: Literal["auto", "always", "never"], entries: Sequence[Article]) -> list[Article]:
    """The entries of a document whose pages are to be read, under ``full_text``."""
    linked = [entry for entry in entries if entry.url]
    if mode != "auto":
        return linked if mode == "always" else []
    linked = [entry for entry in linked if not _is_spoken(entry)]
    cut = {id(entry) for entry in linked if _breaks_off(entry)}
    short = {id(entry) for entry in linked if _is_short(entry)} - cut
    if len(linked) >= _ENTRIES and len(linked) - len(cut) - len(short) >= _WHOLE * len(linked):
        short = set()
    return [entry for entry in linked if id(entry) in cut | short]


def _is_spoken(entry: Article) -> bool:
    """What is to be heard or seen is no summary of anything."""
    return any((file.type or "").startswith(_SPOKEN) for file in entry.enclosures)


def _lines(entry: Article) -> list[str]:
    """The text without what is signed below it."""
    return [line for line in entry.text.splitlines() if line.strip() and not _SIGNED.fullmatch(line[:600])]


def _width(lines: Sequence[str]) -> float:
    return sum(2.5 if "\u2e80" <= char <= "\uffef" else 1.0 for line in lines for char in line[:4000])


def _breaks_off(entry: Article) -> bool:
    lines = _lines(entry)
    end = lines[-1].rstrip()[-_END:] if lines else ""
    return _width(lines) < WIDEST and bool(_CUT.search(end) or _MORE.search(end))


def _is_short(entry: Article) -> bool:
    """Of one block, and not wide. An entry without a word is all summary."""
    lines = _lines(entry)
    blocks = sum(at == len(lines) - 1 or not _goes_on(line) for at, line in enumerate(lines))
    return blocks <= 1 and _width(lines) < WIDE


def _goes_on(line: str) -> bool:
    return _width([line]) >= _WRAPPED and not _ENDS.search(line)
