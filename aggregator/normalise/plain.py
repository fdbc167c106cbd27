"""Plain text in one line: titles, names, sentences. Nothing in it is markup, hides, or turns the line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from aggregator.text.html import fold_space, plain_title, xml_safe

#: What shows nothing: bidi and C1 controls, zero-width spaces, soft hyphen, byte order mark, tag characters.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\x7f-\x9f"
    "\U000e0000-\U000e007f]"
)
#: A joiner is part of the spelling after Arabic and Indic letters and within emoji; elsewhere it only hides.
_JOINER = re.compile(
    "(?<![\u0600-\u0dff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
)
#: Readers exist that take a plain title for HTML: what would run there goes, a tag only spoken of stays.
_ARMED = re.compile(
    r"<\s*(script|style|iframe|object|svg|math|template)\b[^<>]*>.*?<\s*/\s*\1\s*>"
    r"|<[a-z!?/][^<>]*?(?:[\s/\"']on\w+\s*=|(?:java|vb)script\s*:|\bdata\s*:|\b(?:src|srcset|srcdoc|href|data|action"
    r"|formaction|content|style)\s*=)[^<>]*(?:>|$)",
    re.IGNORECASE | re.DOTALL,
)
_SENTENCE_END = re.compile(r"[。！？!?…]+[”’」』）)\"']*|(?<!\b[A-Z])[.]+[”’)\"']*(?=\s|$)")
_BREAK = re.compile(r"[\s，,、；;：:]")
_TRAILING = "。.，,、；;：: "


def line(text: str, limit: int, *, is_html: bool = True) -> str:
    """One line of at most ``limit`` characters: markup, controls and what is not seen taken out."""
    if len(text) <= limit and text.isprintable() and "<" not in text and "&" not in text:
        return fold_space(text)  # as most names and titles, which the rest would leave alone
    # A name of a megabyte is an attack or an accident: the tail is not worth the patterns' time.
    plain = plain_title(text[: limit * 20], is_html)
    return cut(disarm(plain), limit)


def disarm(text: str) -> str:
    """Plain text in which nothing is left that a reader who takes it for HTML would run."""
    # What is printable to Python has none of the characters that are taken out here.
    seen = text if text.isprintable() else _JOINER.sub("", _UNSEEN.sub("", xml_safe(text)))
    while "<" in seen and (bare := _ARMED.sub("", seen)) != seen:  # taking one out may join another
        seen = bare
    return fold_space(seen)


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters, cut between words and marked with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    breaks = [match.start() for match in _BREAK.finditer(head, limit // 2)]
    return head[: breaks[-1] if breaks else limit - 1].rstrip(_TRAILING) + "…"


def cut_at_sentence(text: str, limit: int) -> str:
    """The whole sentences that fit in ``limit`` characters; words, where those fill less than half of it."""
    if len(text) <= limit:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text[: limit + 1]) if match.end() <= limit]
    return text[: ends[-1]].rstrip() if ends and ends[-1] >= limit // 2 else cut(text, limit)


def first_sentence(text: str, limit: int) -> str:
    """The first sentence of a text without its full stop, in at most ``limit`` characters."""
    first = fold_space(text.lstrip().partition("\n")[0])
    end = _SENTENCE_END.search(first)
    return cut(first[: end.end()].rstrip("。.") if end else first, limit)


def unique(names: Iterable[str], key: Callable[[str], str] = str.casefold) -> tuple[str, ...]:
    """Each name once, in the spelling and at the place where it first stands; empty ones left out."""
    kept: dict[str, str] = {}
    for name in names:
        if name:
            kept.setdefault(key(name), name)
    return tuple(kept.values())
