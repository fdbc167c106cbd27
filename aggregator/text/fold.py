"""Text reduced to what two copies of it share: for comparison only, never shown."""

from __future__ import annotations

import re
from hashlib import blake2b

from aggregator.text.t2s import SIMPLIFIED, TRADITIONAL
from storage.search import nfkc

#: Shorter texts identify nothing: "图片新闻" is the body of many articles.
MIN_HASHED = 40
#: Characters of a text by which two are compared.
MOST_COMPARED = 4000

#: Where one traditional character stands for several simplified ones, both are made one: 準備著手 and 准备着手.
_SEVERAL = str.maketrans("著瞭祇衹藉妳牠覆麽", "着了只只借你它复么")
_TO_SIMPLIFIED = {**str.maketrans(TRADITIONAL, SIMPLIFIED), **_SEVERAL}
#: Finds whether there is anything to convert; by all rare characters at once, for one by one takes long.
_CONVERTED = re.compile(
    f"[{''.join(chr(code) for code in _TO_SIMPLIFIED if code < 0x10000)}\U00010000-\U0010ffff]"
)
# Zero-width characters need no rule of their own: none of them is a word character.
_NOT_WORD = re.compile(r"[\W_]+")
#: What of this stands in every text. Taken out first it leaves most texts with nothing for the slow pattern.
_ASCII_NOT_WORD = bytes(code for code in range(128) if not chr(code).isalnum())
TYPOGRAPHIC = "“”‘’–—"
_MARKS = " \n,.。、:\"《》!?()-;;'%/「」【】·"


def fold(text: str) -> str:
    """Letters and digits alone.

    Widths, letter case, and traditional and simplified characters made one (NFKC first).
    """
    return simplified(words_only(nfkc(text).lower()))


def words_only(text: str) -> str:
    """Letters and digits alone."""
    for mark in TYPOGRAPHIC:
        text = text.replace(mark, "")
    if text.isascii():
        return text.encode("ascii").translate(None, _ASCII_NOT_WORD).decode("ascii")
    for mark in _MARKS:
        text = text.replace(mark, "")
    return text if text.isalnum() else _NOT_WORD.sub("", text)


def simplified(text: str) -> str:
    """Each traditional character as the simplified one that it is compared by; no conversion for people to read."""
    return text if text.isascii() or not _CONVERTED.search(text) else text.translate(_TO_SIMPLIFIED)


def hash_text(text: str) -> str:
    """BLAKE2b-128 of the folded text as 32 hexadecimal digits; "" below ``MIN_HASHED`` folded characters."""
    folded = fold(text)
    if len(folded) < MIN_HASHED:
        return ""
    return blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def in_its_script(text_hash: str, text: str) -> str:
    """A hash of ``hash_text`` made finer: another one where the same words stand in the other Chinese script."""
    if not text_hash:
        return ""
    written = _NOT_WORD.sub("", nfkc(text).lower()).encode("utf-8", "surrogatepass")
    return f"{text_hash}:{blake2b(written, digest_size=8).hexdigest()}"


def common_share(one: str, other: str) -> float:
    """How much of the shorter text stands in the other: the share of its runs of four folded characters."""
    runs = [_runs(fold(text[:MOST_COMPARED])) for text in (one, other)]
    shorter = min(map(len, runs))
    return len(runs[0] & runs[1]) / shorter if shorter else 0.0


def _runs(folded: str) -> set[str]:
    return {folded[at : at + 4] for at in range(max(len(folded) - 3, 1))} - {""}
