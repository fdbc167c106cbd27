"""When two titles are one, and whether that says anything."""

from __future__ import annotations

import re

from aggregator.dedup.features import numbers_of, plain, squeezed

#: Shorter titles are rubrics: 国内联播快讯, "Morning news".
LEAST_HAN, LEAST_LATIN = 8, 20
#: A site's name at the end is no longer, in characters.
LONGEST_SITE_HAN, LONGEST_SITE_LATIN = 16, 26

_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
#: What stands between a title and the site's name. A hyphen alone joins words, unless a Han character is before it.
_BREAK = re.compile(r"\s*[|_]\s*|\s+[-–—·]\s+|(?<=[\u3400-\u9fff”】）)?!])\s*[-–—]+\s*")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


def bare_title(title: str) -> str:
    """Letters and digits of the title, without the names of site and channel at its end."""
    text = plain(title)
    while (cut := _last_break(text)) is not None and _is_site(text[cut.end() :]):
        if not is_telling(squeezed(text[: cut.start()])):
            break
        text = text[: cut.start()]
    return squeezed(text)


def is_telling(bare: str) -> bool:
    """Long enough that two articles would hardly have it by chance."""
    return len(bare) >= (LEAST_HAN if _HAN.search(bare) else LEAST_LATIN)


def is_serial(one: str, other: str) -> bool:
    """Two titles, as given, that differ in their numbers only: issues of one series."""
    texts = plain(one), plain(other)
    if numbers_of(texts[0]) == numbers_of(texts[1]):
        return False
    masked = [squeezed(_DIGITS.sub("0", text)) for text in texts]
    return masked[0] == masked[1]


def _last_break(text: str) -> re.Match[str] | None:
    return max(_BREAK.finditer(text), key=re.Match.start, default=None)


def _is_site(tail: str) -> bool:
    return 0 < len(tail) <= (LONGEST_SITE_HAN if _HAN.search(tail) else LONGEST_SITE_LATIN)
