"""How articles are searched: every word occurs in title, summary or text, whatever the case and the width."""

from __future__ import annotations

import unicodedata

from storage.model import Article


def fold(text: str) -> str:
    """Full-width forms become half-width (NFKC) and case is dropped, so that Ａ１ finds a1."""
    return unicodedata.normalize("NFKC", text).casefold()


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
