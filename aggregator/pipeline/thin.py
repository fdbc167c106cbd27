"""Whether an entry of a feed says all that its page says, or only summarises it."""

from __future__ import annotations

import re
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
_SPOKEN = ("audio/", "video/")


def is_thin(mode: Literal["auto", "always", "never"], entry: Article) -> bool:
    """Whether the page behind the entry is to be read, under ``full_text``."""
    if mode == "never" or not entry.url:
        return False
    return mode == "always" or _summarises(entry)


def _summarises(entry: Article) -> bool:
    """It is short and of one block, or breaks off. What is to be heard or seen is no summary of anything."""
    if any((file.type or "").startswith(_SPOKEN) for file in entry.enclosures):
        return False
    lines = [line for line in entry.text.splitlines() if line.strip() and not _SIGNED.fullmatch(line[:600])]
    width = sum(2.5 if "\u2e80" <= char <= "\uffef" else 1.0 for line in lines for char in line[:4000])
    end = lines[-1].rstrip()[-_END:] if lines else ""
    if width < WIDEST and (_CUT.search(end) or _MORE.search(end)):
        return True
    return len(lines) <= 1 and width < WIDE
