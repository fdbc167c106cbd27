"""The language of a page: what it declares, where its letters do not deny it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from aggregator.extract.lexicon import lexicon
from aggregator.text.script import han_script

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile("[\u3041-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_TAG = re.compile(r"^([a-z]{2,3})(?:[-_]([A-Za-z]{2,4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?\b", re.IGNORECASE)

#: Scripts of their own that settle a language or leave few.
_SCRIPTS = (
    (re.compile("[\u0400-\u04ff]"), ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn")),
    (re.compile("[\u0370-\u03ff]"), ("el",)),
    (re.compile("[\u0600-\u06ff]"), ("ar", "fa", "ur", "ug", "ps", "ku")),
    (re.compile("[\u0590-\u05ff]"), ("he", "yi")),
    (re.compile("[\u0900-\u097f]"), ("hi", "mr", "ne")),
    (re.compile("[\u0e00-\u0e7f]"), ("th",)),
    (re.compile("[\u0f00-\u0fff]"), ("bo",)),
)
_SCRIPTED = frozenset(code for _, codes in _SCRIPTS for code in codes) | {"zh", "ja", "ko"}

#: Frequent characters that the other form writes differently.

_ENGLISH = lexicon(
    """
    the of and to in is that for with on was as are by this from at be have it not
    """
)
_TRADITIONAL_REGIONS = frozenset(("tw", "hk", "mo"))

#: The zone that a page of the language most likely means; languages of many zones are left out.
_ZONES = {"zh": "Asia/Shanghai", "ja": "Asia/Tokyo", "ko": "Asia/Seoul"}


def find_language(claims: Iterable[str], sample: str) -> str | None:
    """``claims``: declared languages, the surest first; ``sample``: a stretch of the body or of the page."""
    sample = sample[:6000]
    claimed = [tag for tag in map(_tag, claims) if tag]
    seen = _by_script(sample, claimed)
    if seen:
        return seen
    for tag in claimed:
        if tag.split("-")[0] not in _SCRIPTED or not _LATIN.search(sample):
            return tag
    return "en" if _is_english(sample) else None


def zone_of(language: str | None) -> ZoneInfo:
    return ZoneInfo(_ZONES.get((language or "").split("-")[0], "UTC"))


def _tag(claim: str) -> str | None:
    match = _TAG.match(claim.strip())
    if not match:
        return None
    language, second, third = (part or "" for part in match.groups())
    region = (third or (second if len(second) == 2 else "")).upper()
    if language.lower() in ("zh", "cmn") and (
        second.lower() == "hant" or region.lower() in _TRADITIONAL_REGIONS
    ):
        return f"zh-{region or 'TW'}"
    return language.lower() + (f"-{region}" if region else "")


def _by_script(sample: str, claimed: list[str]) -> str | None:
    han, kana, hangul, latin = (len(pattern.findall(sample)) for pattern in (_HAN, _KANA, _HANGUL, _LATIN))
    letters = han + kana + hangul + latin
    if hangul > 0.2 * letters and hangul > 10:
        return "ko"
    if kana > 0.08 * (han + kana) and kana > 10 and han + kana > 0.25 * letters:
        return "ja"
    if han > 0.12 * letters and han >= 8:
        return _chinese(sample, claimed)
    for pattern, codes in _SCRIPTS:
        if len(pattern.findall(sample)) > max(0.3 * len(sample.replace(" ", "")), 5):
            return next((tag for tag in claimed if tag.split("-")[0] in codes), codes[0])
    return None


def _chinese(sample: str, claimed: list[str]) -> str:
    script = han_script(sample)
    if script == "Hant":
        return next((tag for tag in claimed if tag in ("zh-TW", "zh-HK", "zh-MO")), "zh-TW")
    if script is None:
        return next((tag for tag in claimed if tag.startswith("zh-")), "zh-CN")
    return next((tag for tag in claimed if tag in ("zh-CN", "zh-SG")), "zh-CN")


def _is_english(sample: str) -> bool:
    words = re.findall(r"[a-z]+", sample.lower())
    return len(words) >= 5 and sum(word in _ENGLISH for word in words) > 0.12 * len(words)
