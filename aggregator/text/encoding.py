"""Bytes of any document to text.

Labels lie too often to be trusted: of pages that call themselves gb2312, some are UTF-8, and servers put one charset on
all they serve. So a label is a hint: the document is decoded by what it proves to be, and a hint decides where several
decodings make sense.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.text.charsets import CODECS, COMMON_HAN, SCRIPTS, UNLABELLED

#: UTF-8 with no more than this share of damaged characters is UTF-8: other encodings hit its patterns by
#: chance only, and then in one character of eight.
TOLERATED_DAMAGE = 0.1
#: Bytes of non-ASCII text by which candidates are judged.
SAMPLE_SIZE = 8_192
#: A decoding into East Asian text that fits so well is taken without trying the rest: no wrong one comes
#: near.
CONVINCING = 0.6
#: Where a declaration is looked for; browsers give up after 1,024 bytes, real pages put it as far as 3,000.
HEAD_SIZE = 8_192

#: Damaged characters that are repaired one by one; each costs a copy of what follows it.
MOST_REPAIRS = 50

_PAIRED = ("chinese", "japanese", "korean")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = frozenset(codec for _, codec in _BOMS if codec != "utf-8")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_XML_DECLARED = re.compile(rb"<\?xml\b[^<>]{0,200}?\bencoding\s*=\s*[\"']\s*([\w.:-]+)", re.IGNORECASE)
_META_DECLARED = re.compile(rb"<meta\b[^<>]{0,400}?\bcharset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
# None of these bytes is ever the second half of a character in the encodings that are guessed.
_STRETCH = re.compile(rb"[^<>\r\n]+")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
# CJK punctuation and full-width forms stand in all East Asian encodings and tell nothing.
_NEUTRAL = re.compile("[\u00a0-\u00bf\u2000-\u206f\u3000-\u3020\uff01-\uff65]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A document as text, without byte order mark."""

    text: str
    encoding: str  #: the Python codec that was used
    damaged: int  #: characters that could not be decoded and became U+FFFD


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """Stretches of a document that are not ASCII, and how much of them stands in single or paired bytes."""

    body: bytes
    isolated: (
        float  #: share of the high bytes in runs of one or two: near 1 in Latin text, near 0 in other scripts
    )


def decode(
    body: bytes, *, content_type: str | None = None, declared: str | None = None, override: str | None = None
) -> Decoded:
    """Byte order mark, ``override`` where it fits, UTF-8 if it is UTF-8, else the best of the candidates. Never raises.

    ``content_type`` is the header's value; ``declared`` the label in the document, which is looked for when None.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return _marked(body[len(mark) :], codec)
    wanted = codec_of(override)
    if wanted and _fits(body, wanted):
        return _decoded(body, wanted)
    if wide := _wide_codec(body):
        return _decoded(body, wide)
    if b"\x1b$" in body[:HEAD_SIZE] and body.isascii():
        return _decoded(body, "iso2022_jp")
    try:
        return Decoded(text=body.decode("utf-8").lstrip("\ufeff"), encoding="utf-8", damaged=0)
    except UnicodeDecodeError:
        return _decoded(body, _best_codec(body, _hints(body, content_type, declared)))


def codec_of(label: str | None) -> str | None:
    """The Python codec that a label names under the Encoding Standard.

    None for unknown ones, utf-7 among them.
    """
    return CODECS.get(label.strip().strip("\"'").lower()) if label else None


def declared_encoding(body: bytes) -> str | None:
    """The label that the XML declaration or a ``<meta>`` gives."""
    head = body[:HEAD_SIZE]
    found = _XML_DECLARED.search(head[:1024]) or _META_DECLARED.search(head)
    return found[1].decode("ascii", "replace") if found else None


def _marked(body: bytes, codec: str) -> Decoded:
    # A mark pasted before text of another encoding proves nothing.
    if codec == "utf-8" and not _fits(body, codec):
        return decode(body)
    return _decoded(body, codec)


def _decoded(body: bytes, codec: str) -> Decoded:
    text = _text(body, codec, MOST_REPAIRS).lstrip("\ufeff")
    return Decoded(text=text, encoding=codec, damaged=text.count("\ufffd"))


def _text(body: bytes, codec: str, repairs: int) -> str:
    return (
        _realigned(body, codec, repairs) if SCRIPTS.get(codec) in _PAIRED else body.decode(codec, "replace")
    )


def _realigned(body: bytes, codec: str, repairs: int) -> str:
    """Decoded with each damaged character replaced, and the pairs after it not taken for the halves of others.

    A codec goes on at the very next byte. Where the damaged one was the first half of a character, all the text up
    to the next ASCII character would be read shifted by one byte.
    """
    pieces: list[str] = []
    rest = body
    for _ in range(repairs):
        try:
            pieces.append(rest.decode(codec))
        except UnicodeDecodeError as error:
            pieces.append(rest[: error.start].decode(codec, "replace") + "\ufffd")
            rest = _after_damage(rest, error.start, codec)
        else:
            return "".join(pieces)
    return "".join(pieces) + rest.decode(codec, "replace")


def _after_damage(rest: bytes, damaged: int, codec: str) -> bytes:
    shifts = (1, 2) if rest[damaged + 1 : damaged + 2] >= b"\x80" else (1,)
    return rest[damaged + max(shifts, key=lambda shift: _sense(rest[damaged + shift :][:40], codec)) :]


def _sense(piece: bytes, codec: str) -> float:
    text = piece.decode(codec, "replace")
    return sum(_likelihood(character, SCRIPTS[codec]) for character in text) - 2 * text.count("\ufffd")


def _hints(body: bytes, content_type: str | None, declared: str | None) -> Counter[str]:
    """How many of header and document name each codec. UTF-16 has been ruled out by then."""
    header = _CHARSET.search(content_type or "")
    labels = (header and header[1], declared if declared is not None else declared_encoding(body))
    named = (codec_of(label) for label in labels if label)
    return Counter(codec for codec in named if codec and not codec.startswith(("utf-16", "utf-32")))


def _wide_codec(body: bytes) -> str | None:
    """UTF-16 without a mark: markup is ASCII, so every second byte of much of it is zero."""
    head = body[:2048]
    if head.count(0) * 8 < len(head):
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 8 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 8 * odd else None


def _fits(body: bytes, codec: str) -> bool:
    text = (body if codec in _WIDE else _sample(body).body).decode(codec, "replace")
    foreign = sum(1 for character in text if character > "\x7f")
    return text.count("\ufffd") <= TOLERATED_DAMAGE * foreign


def _best_codec(body: bytes, hints: Counter[str]) -> str:
    sample = _sample(body)
    best, highest = "utf-8", 1 - 2 * _damage(_foreign(sample.body.decode("utf-8", "replace")))
    if highest >= 1 - 2 * TOLERATED_DAMAGE:
        return best
    for codec in dict.fromkeys((*hints, *UNLABELLED)):
        fitness = _fitness(sample, codec, hints[codec])
        if fitness >= CONVINCING and SCRIPTS.get(codec) in _PAIRED:
            return codec
        if fitness > highest:
            best, highest = codec, fitness
    return best


def _sample(body: bytes) -> _Sample:
    stretches = b"\n".join(_foreign_stretches(body))
    runs = _HIGH_RUN.findall(stretches)
    short = sum(len(run) for run in runs if len(run) <= 2)
    return _Sample(body=stretches, isolated=short / max(1, sum(map(len, runs))))


def _foreign_stretches(body: bytes) -> Iterator[bytes]:
    left = SAMPLE_SIZE
    for stretch in _STRETCH.finditer(body):
        piece = stretch[0]
        if not piece.isascii():
            yield piece[:left]
            left -= len(piece)
        if left <= 0:
            return


def _foreign(text: str) -> Counter[str]:
    """Characters that tell something about the encoding, counted."""
    counts = Counter(text)
    return Counter({c: n for c, n in counts.items() if c > "\x7f" and not _NEUTRAL.match(c)})


def _damage(counts: Counter[str]) -> float:
    bad = sum(n for c, n in counts.items() if c == "\ufffd" or unicodedata.category(c) in ("Co", "Cc"))
    return bad / max(1, counts.total())


def _fitness(sample: _Sample, codec: str, hinted: int) -> float:
    """1 where the decoding is made of what text in that encoding is made of.

    Damage and unlikely characters cost.
    """
    counts = _foreign(_text(sample.body, codec, repairs=3))
    total = max(1, counts.total())
    script = SCRIPTS.get(codec, "latin")
    share = sum(n * _likelihood(c, script) for c, n in counts.items()) / total
    if script == "latin":
        share *= sample.isolated
    elif script == "cyrillic":
        share *= 1 - sample.isolated
    # A short document proves little by itself: there a hint weighs more.
    return share - 3 * _damage(counts) + hinted * (0.08 + 1 / (total + 5))


def _likelihood(character: str, script: str) -> float:
    """How far a character speaks for a script.

    1 for its everyday letters, below 0 where it speaks against it.
    """
    if script == "chinese":
        return float(character in COMMON_HAN)
    if script == "japanese":
        return 1.0 if "\u3041" <= character <= "\u30fc" else 0.6 * (character in COMMON_HAN)
    if script == "korean":
        # Everyday syllables are those of KS X 1001, two bytes; mis-decoded text is full of hanja and of the
        # others.
        return 1.0 if len(character.encode("euc_kr", "ignore")) == 2 and character >= "\uac00" else -1.0
    if script == "cyrillic":
        # Mis-decoded text is capitals and small letters in any order.
        return 0.0 if not "\u0400" <= character <= "\u04ff" else 1.0 if character.islower() else -0.5
    if script == "latin":
        return float(character < "\u0250" and character.isalpha())
    return 0.85 * (not character.isupper() and (character.isalpha() or unicodedata.combining(character) > 0))
