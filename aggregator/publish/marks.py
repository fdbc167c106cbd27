"""Where the words of a question stand in a text: marked, and the piece around the first of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from aggregator.publish.entry import cut
from storage.search import fold

_LOOKED_THROUGH = 10_000  #: characters of a text; a word further down leaves the summary to speak
_BEFORE, _LENGTH = 40, 180


def marked(text: str, words: Sequence[str]) -> Markup:
    """The text, safe, each word of the folded ``words`` in <mark>."""
    parts: list[Markup] = []
    done = 0
    for start, end in _spans(text, words):
        parts += [escape(text[done:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        done = end
    return Markup("").join([*parts, escape(text[done:])])


def snippet(text: str, words: Sequence[str]) -> str:
    """The piece of the text around the first word; "" where none stands in it."""
    first = next(_spans(text[:_LOOKED_THROUGH], words), None)
    if first is None:
        return ""
    start = max(first[0] - _BEFORE, 0)
    if start:
        space = text.find(" ", start, first[0])
        start = space + 1 if space >= 0 else start
    return ("…" if start else "") + cut(text[start:], _LENGTH)


def _spans(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(start, end) of every place where a word stands, in order and apart; what overlaps is one."""
    whole = fold(text)
    if not any(word in whole for word in words):
        return
    folded, origins = _folded(text, whole)
    found = sorted((at, at + len(word)) for word in set(words) if word for at in _places(folded, word))
    while found:
        start, end = found.pop(0)
        while found and found[0][0] <= end:
            end = max(end, found.pop(0)[1])
        yield origins[start], origins[end - 1] + 1


def _places(folded: str, word: str) -> Iterator[int]:
    at = folded.find(word)
    while at >= 0:
        yield at
        at = folded.find(word, at + len(word))


def _folded(text: str, whole: str) -> tuple[str, Sequence[int]]:
    """The text as it is searched, and for each character of it the place it comes from."""
    if len(whole) == len(text):
        return whole, range(len(text))
    pieces = [_fold_one(character) for character in text]
    return "".join(pieces), [at for at, piece in enumerate(pieces) for _ in piece]


_fold_one = lru_cache(maxsize=8192)(fold)
