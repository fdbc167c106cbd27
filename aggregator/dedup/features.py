"""What a text is compared by: its runs of characters or words, its terms, its numbers, and the few hashes that find it.

Everything is taken from the folded text (NFKC, small letters, simplified characters), so that two copies in
different widths and scripts have the same features. Hashes are CRC-32: the same in every process and for ever.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from itertools import chain, repeat, zip_longest
from math import log
from zlib import crc32

from aggregator.text.fold import simplified, words_only
from storage.search import nfkc

#: Hashes by which a text is found: of its whole, of its beginning (a summary is one), of its numbers.
FROM_BODY, FROM_LEAD, FROM_NUMBERS = 24, 10, 6
#: Runs, in characters where a script has no spaces, else in words.
CHARACTERS, WORDS = 4, 3
#: The beginning, in characters or words.
LEAD_CHARACTERS, LEAD_WORDS = 150, 45
#: Characters before a number that may say what it counts.
AROUND = 14
#: Longer texts are compared by so much of them.
MOST = 12_000
#: Of shorter texts one pattern takes less time than the quick ways to look for marks.
SHORT = 200
#: Shorter bodies tell nothing.
LEAST = 40
#: So many characters of a script without spaces make the text one of such a script.
UNSPACED_SHARE = 0.2

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_NOT_WORD = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W_]+")
#: Han with its extensions, kana, Thai, Lao, Burmese, Khmer: none of them puts spaces between words.
_UNSPACED = re.compile(
    "[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff]+"
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Features:
    """One text, ready to be compared. What is not asked for is not worked out: most texts are only looked at."""

    text: str  #: ``plain``, no longer than ``MOST``

    @cached_property
    def _folded(self) -> str:
        return squeezed(self.text)

    @cached_property
    def _words(self) -> list[str]:
        return _WORD.findall(self.text)

    @property
    def length(self) -> int:
        """Folded characters."""
        return len(self._folded)

    @cached_property
    def unspaced(self) -> bool:
        """Read by characters; else by words."""
        folded = self._folded
        if folded.isascii():
            return False
        return len(folded) - len(_UNSPACED.sub("", folded)) > UNSPACED_SHARE * len(folded)

    @property
    def sequence(self) -> Sequence[int]:
        """Runs in their order."""
        if not self.unspaced:
            return _runs_of_words(self._words)
        in_turns = zip_longest(*_runs_of_characters(self._folded))
        return [run for runs in in_turns for run in runs if run is not None]

    @cached_property
    def runs(self) -> frozenset[int]:
        if self.unspaced:
            return frozenset(chain.from_iterable(_runs_of_characters(self._folded)))
        return frozenset(self.sequence)

    @cached_property
    def terms(self) -> Mapping[int, float]:
        """Pairs of characters, or words: 1 + the logarithm of how often."""
        found = Counter(_pairs(self._folded) if self.unspaced else map(hash_of, self._words))
        return {term: 1 + log(times) if times > 1 else 1.0 for term, times in found.items()}

    @cached_property
    def slots(self) -> Mapping[str, frozenset[str]]:
        """What stands around a number, and the numbers that stand there."""
        return _slots(self.text, before=3 if self.unspaced else 8)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(number for found in self.slots.values() for number in found)

    @cached_property
    def hashes(self) -> tuple[int, ...]:
        """What it is found by."""
        if self.unspaced:
            runs, lead = _hashed_characters(self._folded), LEAD_CHARACTERS - CHARACTERS + 1
        else:
            runs, lead = _runs_of_words(self._words), LEAD_WORDS - WORDS + 1
        return _found_by(runs, runs[:lead], self.numbers)


def plain(text: str, *, fold: bool = True) -> str:
    """NFKC, small letters, nothing invisible; folded: simplified characters; spaces and punctuation stay."""
    small = _INVISIBLE.sub("", nfkc(text)).lower()
    return simplified(small) if fold else small


def squeezed(text: str) -> str:
    """Letters and digits of a ``plain`` text."""
    return _NOT_WORD.sub("", text) if len(text) < SHORT else words_only(text)


def features_of(text: str) -> Features:
    """``text`` is ``plain``."""
    return Features(text[:MOST])


def numbers_of(text: str) -> frozenset[str]:
    """``text`` is ``plain``."""
    return frozenset(found.replace(",", "") for found in _NUMBER.findall(text))


def hash_of(text: str) -> int:
    """32 bits."""
    return crc32(text.encode("utf-8", "surrogatepass"))


def _runs_of_characters(folded: str) -> list[memoryview]:
    """Each run as the number that its characters are in UTF-16, which is no work at all: every fourth, four times."""
    data = folded.encode("utf-16-le", "surrogatepass")
    width = 2 * CHARACTERS
    data = data.ljust(width, b"\0") if data else data
    return [
        memoryview(data[at : at + (len(data) - at) // width * width]).cast("Q") for at in range(0, width, 2)
    ]


def _hashed_characters(folded: str) -> list[int]:
    """The same runs, in 32 bits."""
    data = folded.encode("utf-32-le", "surrogatepass")
    width = 4 * CHARACTERS
    last = max(len(data) - width, 0) + 1
    return list(map(crc32, [data[at : at + width] for at in range(0, last, 4)])) if data else []


def _runs_of_words(words: Sequence[str]) -> list[int]:
    if not words:
        return []
    runs = zip(*(words[at:] for at in range(WORDS)), strict=False) if len(words) > WORDS else (words,)
    return list(map(crc32, map(str.encode, map(" ".join, runs), repeat("utf-8"), repeat("surrogatepass"))))


def term_of(word: str, unspaced: bool) -> int:
    """A pair of characters, or a word, as a term: 32 bits."""
    return next(iter(_pairs(word))) if unspaced else hash_of(word)


def _pairs(folded: str) -> Iterable[int]:
    """Pairs of characters as the numbers that they are in UTF-16: every other, twice."""
    data = folded.encode("utf-16-le", "surrogatepass")
    pairs = [array("I", data[at : at + (len(data) - at) // 4 * 4]) for at in (0, 2)]
    if sys.byteorder == "big":
        for some in pairs:
            some.byteswap()
    return chain.from_iterable(pairs)


def _slots(text: str, before: int) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for match in _NUMBER.finditer(text):
        place = squeezed(_NUMBER.sub("0", text[max(match.start() - AROUND, 0) : match.start()]))[-before:]
        after = text[match.end() : match.end() + 1].strip(".,:;!?()[]")
        found.setdefault(f"{place}#{after}", set()).add(match.group().replace(",", ""))
    return {slot: frozenset(numbers) for slot, numbers in found.items()}


def _found_by(runs: Iterable[int], lead: Iterable[int], numbers: Iterable[str]) -> tuple[int, ...]:
    telling = (hash_of(f"#{number}") for number in numbers if _is_telling(number))
    chosen = {
        *_lowest(runs, FROM_BODY),
        *_lowest(lead, FROM_LEAD),
        *nsmallest(FROM_NUMBERS, telling),
    }
    return tuple(sorted(chosen))


def _lowest(hashes: Iterable[int], count: int) -> list[int]:
    # A CRC is linear, and the lowest of like texts would be alike; the odd factor (Knuth, 6.4) breaks that.
    return nsmallest(count, {hash_ * 2_654_435_761 & 0xFFFFFFFF for hash_ in hashes})


def _is_telling(number: str) -> bool:
    """Three significant digits, or two with a point between them; and no year."""
    digits = re.sub(r"\D", "", number).strip("0")
    return len(digits) >= (2 if "." in number else 3) and not re.fullmatch(r"(19|20)\d\d", number)
