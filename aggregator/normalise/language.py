"""The language of an article: as declared, unless the script refutes it; else as script and words tell."""

from __future__ import annotations

import re
from string import ascii_letters

from aggregator.text.fold import TYPOGRAPHIC
from aggregator.text.script import han_script

#: So much of a text is looked at.
SAMPLE = 400

_TAG = re.compile(r"^([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{4}))?(?:[-_]([a-zA-Z]{2}|\d{3}))?(?:[-_].*)?$")
#: Runs of letters, which are found sooner than each letter of them.
_SCRIPTS = {
    "kana": re.compile("[\u3041-\u3096\u30a1-\u30fa]+"),
    "han": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+"),
    "hangul": re.compile("[\uac00-\ud7a3]+"),
    "latin": re.compile("[A-Za-z\u00c0-\u024f]+"),
    "cyrillic": re.compile("[\u0400-\u04ff]+"),
    "arabic": re.compile("[\u0620-\u064a\u0671-\u06d3]+"),
    "greek": re.compile("[\u0370-\u03ff]+"),
    "hebrew": re.compile("[\u05d0-\u05ea]+"),
    "thai": re.compile("[\u0e01-\u0e4e]+"),
    "devanagari": re.compile("[\u0904-\u0939]+"),
}
#: Scripts that one language is written in far more often than others.
_ONE_LANGUAGE = {"hangul": "ko", "greek": "el", "hebrew": "he", "thai": "th", "devanagari": "hi"}
_WRITTEN_IN = {
    "zh": {"han"},
    "ja": {"han", "kana"},
    "ko": {"hangul", "han"},
    "ru": {"cyrillic"},
    "uk": {"cyrillic"},
    "bg": {"cyrillic"},
    "ar": {"arabic"},
    "fa": {"arabic"},
    "ur": {"arabic"},
    **{language: {script} for script, language in _ONE_LANGUAGE.items()},
    **{tag: {"latin"} for tag in "en fr de es pt it nl sv da nb no fi pl cs sk hu ro tr vi id ms ca".split()},
}
#: Small words of the languages in Latin script that are told apart.
_SMALL_WORDS = {
    "en": "the and of to in is that for with was are this from have",
    "fr": "le la les des et est dans pour une que qui sur pas avec",
    "de": "der die und das ist nicht den von mit ein eine für auf dem",
    "es": "el la los las que de y en por con una para del como",
    "pt": "o os as que de e em não uma para com do da mais",
    "it": "il lo gli che di e per una non con del della sono più",
    "nl": "de het een en van dat niet op voor met zijn wordt ook aan",
}
_LANGUAGES_OF: dict[str, list[str]] = {
    word: [language for language, words in _SMALL_WORDS.items() if word in words.split()]
    for words in _SMALL_WORDS.values()
    for word in words.split()
}
_WORD = re.compile(r"[^\W\d_]+")
_ASCII_WORD = re.compile("[a-z]+")
_ASCII_LETTERS = ascii_letters.encode()


def language_of(declared: str | None, configured: str | None, text: str) -> str | None:
    """BCP 47, or None. A declared language that cannot be written in the text's script is not believed."""
    tag = tidy_tag(declared)
    if tag and not _refuted(tag, text):
        return tag
    return tidy_tag(configured) or guess(text) or tag


def tidy_tag(tag: str | None) -> str | None:
    """``zh_cn`` as zh-CN (RFC 5646 §2.1.1); None for what is no language tag."""
    match = _TAG.match((tag or "").strip())
    if not match or match[1].lower() in ("und", "mul", "zxx"):
        return None
    parts = (match[1].lower(), (match[2] or "").title(), (match[3] or "").upper())
    return "-".join(part for part in parts if part)


def guess(text: str) -> str | None:
    """The language by script, and by frequent characters or words where a script is shared; None in doubt."""
    sample = text[:SAMPLE]
    counts = _counts(sample)
    script = _most(counts)
    if script in ("han", "kana"):
        return _han(sample, kana=counts["kana"], han=counts.get("han", 0))
    if script == "cyrillic":
        return "uk" if re.search("[іїєґ]", sample, re.IGNORECASE) else "ru"
    if script == "arabic":
        return "fa" if re.search("[پچژگ]", sample) else "ar"
    if script == "latin":
        return _latin(sample)
    return _ONE_LANGUAGE.get(script or "")


def main_script(sample: str) -> str | None:
    """The script of most letters; an ideograph counts double, as it says about as much as two letters."""
    return _most(_counts(sample))


def _counts(sample: str) -> dict[str, int]:
    """Letters by script, as far as it matters which are most."""
    plain = sample.encode("ascii", "ignore")
    letters = len(plain) - len(plain.translate(None, _ASCII_LETTERS))
    if letters > 2 * (len(sample) - len(plain)):  # whatever the other characters are
        return {"latin": letters}
    counts: dict[str, int] = {}
    for name, pattern in _SCRIPTS.items():
        counts[name] = len("".join(pattern.findall(sample)))
        if counts[name] * _weight(name) > len(sample):  # nothing can outnumber it
            break
    return counts


def _most(counts: dict[str, int]) -> str | None:
    script = max(counts, key=lambda name: counts[name] * _weight(name))
    return script if counts[script] else None


def _weight(script: str) -> int:
    return 2 if script == "han" else 1


def _refuted(tag: str, text: str) -> bool:
    scripts = _WRITTEN_IN.get(tag.partition("-")[0])
    # A headline is too short to contradict anybody: names in it may be written in any script.
    return scripts is not None and len(text) >= 60 and main_script(text[:SAMPLE]) not in (scripts | {None})


def _han(sample: str, *, kana: int, han: int) -> str:
    if kana * 10 > han:  # a Chinese text may quote a Japanese word
        return "ja"
    return "zh-TW" if han_script(sample) == "Hant" else "zh-CN"


def _latin(sample: str) -> str | None:
    lower = sample.lower()
    for mark in TYPOGRAPHIC:
        lower = lower.replace(mark, " ")
    words = (_ASCII_WORD if lower.isascii() else _WORD).findall(lower)
    votes = dict.fromkeys(_SMALL_WORDS, 0)
    for languages in filter(None, map(_LANGUAGES_OF.get, words)):
        for language in languages:
            votes[language] += 1
    runner_up, most = sorted(votes.values())[-2:]
    return max(votes, key=votes.__getitem__) if most >= 3 and most > runner_up else None
