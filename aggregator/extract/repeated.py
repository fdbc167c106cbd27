"""Paragraphs that a source puts into its articles again and again: learnt by counting, and left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from aggregator.text.fold import fold
from aggregator.text.html import text_of

#: In so many articles a paragraph is no longer of any of them; and in this share of those counted.
OFTEN, SHARE = 3, 0.04
#: Beyond so many articles the counts are halved: what a source no longer writes is forgotten.
ARTICLES = 200
#: Characters of a paragraph that is counted: a shorter one may be a word of a dialogue, a longer one is a story.
SHORTEST, LONGEST = 8, 300
#: Of one article, so many paragraphs are counted.
_PARAGRAPHS = 80
#: An article of which more than this would go is one that came under several addresses.
_MOST = 0.5
_SIZE = 6  #: bytes of a paragraph's hash
_ROW = _SIZE + 1

_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>\s*", re.DOTALL)
_PICTURE = re.compile(r"<(?:img|video|audio)\b")


@dataclass(slots=True)
class _Counts:
    articles: int = 0
    seen: dict[bytes, int] = field(default_factory=dict)

    @classmethod
    def of(cls, note: bytes | None) -> _Counts:
        if not note or len(note) % _ROW != 2:
            return cls()
        rows = (note[at : at + _ROW] for at in range(2, len(note), _ROW))
        return cls(int.from_bytes(note[:2], "big"), {row[:_SIZE]: row[_SIZE] for row in rows})

    def note(self) -> bytes:
        rows = (paragraph + bytes([count]) for paragraph, count in self.seen.items())
        return self.articles.to_bytes(2, "big") + b"".join(rows)

    def count(self, paragraphs: set[bytes]) -> None:
        self.articles += 1
        for paragraph in sorted(paragraphs):
            self.seen[paragraph] = min(255, self.seen.get(paragraph, 0) + 1)
        if self.articles >= ARTICLES:
            self.articles //= 2
            self.seen = {paragraph: count // 2 for paragraph, count in self.seen.items() if count > 1}

    def is_furniture(self, paragraph: bytes) -> bool:
        return self.seen.get(paragraph, 0) >= max(OFTEN, SHARE * self.articles)


def without_repeated(bodies: Sequence[str], note: bytes | None) -> tuple[list[str], bytes]:
    """The bodies (HTML of new articles of one source) without what the source repeats, and what is known from now on.

    ``note`` is what was known before.
    """
    counts = _Counts.of(note)
    for body in bodies:
        counts.count({paragraph for _, _, paragraph in _paragraphs(body)})
    return [_cleared(body, counts) for body in bodies], counts.note()


def _cleared(body: str, counts: _Counts) -> str:
    repeated = [match for match, _, paragraph in _paragraphs(body) if counts.is_furniture(paragraph)]
    gone = sum(len(match[0]) for match in repeated)
    if not repeated or gone > _MOST * len(body):
        return body
    kept, at = [], 0
    for match in repeated:
        kept.append(body[at : match.start()])
        at = match.end()
    return "".join((*kept, body[at:]))


def _paragraphs(body: str) -> Iterator[tuple[re.Match[str], str, bytes]]:
    for count, match in enumerate(_PARAGRAPH.finditer(body)):
        if count >= _PARAGRAPHS:
            return
        if len(match[1]) > 10 * LONGEST or _PICTURE.search(match[1]):
            continue
        text = fold(text_of(match[1]))
        if SHORTEST <= len(text) <= LONGEST:
            yield match, text, blake2b(text.encode(), digest_size=_SIZE).digest()
