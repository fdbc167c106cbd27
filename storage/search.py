"""How articles are searched: every word occurs in title, summary or text, whatever the case and the width."""

from __future__ import annotations

import unicodedata

from storage.model import Article

#: The compatibility characters of everyday Chinese text, with what NFKC makes of them. A text without others
#: is normalised after these replacements, and normalize() sees so at once: 2 instead of 70 µs for a page.
_EVERYDAY = tuple(
    (wide, unicodedata.normalize("NFKC", wide))
    for wide in ("，", "：", "；", "！", "？", "（", "）", "％", "…", "\u3000")
)


def nfkc(text: str) -> str:
    """``unicodedata.normalize("NFKC", text)``, quicker for everyday Chinese."""
    if text.isascii():
        return text
    for wide, plain in _EVERYDAY:
        text = text.replace(wide, plain)
    return unicodedata.normalize("NFKC", text)


def fold(text: str) -> str:
    """Full-width forms become half-width (NFKC) and case is dropped, so that Ａ１ finds a1."""
    return nfkc(text).casefold()


def words(search: str | None) -> list[str]:
    """The folded words of a query; without any, everything matches. Each is looked for as a substring."""
    return fold(search or "").split()


def head(article: Article) -> str:
    """What stays searchable once the body is emptied."""
    return fold(f"{article.title}\n{article.summary}")


def body(article: Article) -> str:
    return fold(article.text)


def matches(article: Article, wanted: list[str]) -> bool:
    """A word has no white space in it, so none can straddle the fields."""
    if not wanted:
        return True
    haystack = f"{head(article)}\n{body(article)}"
    return all(word in haystack for word in wanted)
