"""The forms that dates come in, as patterns. ``dates`` says what a match means.

Groups: y, m, d, name (of a month), a and b (day and month in unknown order), week, weekday, yearday; h, mi, s, ampm,
period; zone, sign, oh, om. All are matched after NFKC, with white space folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from aggregator.text import datewords as words


def _any(names: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


_WEEKDAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?|(?:星期|周|週|礼拜)[一二三四五六日天]|[月火水木金土日]曜日?"
    r"|\([月火水木金土日월화수목금토일一二三四五六]\))"
)
_MONTH = rf"(?P<name>{_any(words.MONTHS)})\b\.?"
_CLEAR_MONTH = rf"(?P<name>{_any(set(words.MONTHS) - words.UNCLEAR_MONTHS)})\b\.?"
_ANY_YEAR = r"(?P<y>[0-9]{4}|[0-9]{2})(?![0-9:])"
#: Forms of a date with a day, a month and a year. The first that begins furthest left counts.
FULL_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![0-9])(?P<y>[0-9]{4}) ?(?P<sep>[-/._]) ?(?P<m>[0-9]{1,2}) ?(?P=sep) ?(?P<d>[0-9]{1,2})(?![0-9])",
        r"(?<![0-9])(?P<y>[0-9]{4}) (?P<m>[0-9]{2}) ?/ ?(?P<d>[0-9]{2})(?![0-9])",
        r"(?<![0-9])(?P<y>[0-9]{4}) ?[年년] ?(?P<m>[0-9]{1,2}) ?[月월] ?(?P<d>[0-9]{1,2}) ?(?:[日号號일]|(?![0-9]))",
        rf"(?<![0-9])(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|er|\.|º)?[ \-/]{{0,2}}(?:of |de )?"
        rf"{_MONTH}[ \-/,']{{0,2}}(?:del? )?{_ANY_YEAR}",
        rf"\b{_MONTH} ?(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,? ?(?P<y>[0-9]{{4}})(?![0-9:])",
        r"(?<![0-9])(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?=[0-9]{4}(?:[0-9]{2})?(?![0-9])|(?![0-9]))",
        r"(?<![0-9.])(?P<d>[0-9]{1,2})\. ?(?P<m>[0-9]{1,2})\. ?(?P<y>[0-9]{4})(?![0-9])",
        r"(?<![0-9/-])(?P<a>[0-9]{1,2})(?P<sep>[/-])(?P<b>[0-9]{1,2})(?P=sep)(?P<y>[0-9]{4})(?![0-9/-])",
        r"(?<![0-9])(?P<y>[0-9]{4})-?w(?P<week>[0-9]{2})-?(?P<weekday>[1-7])(?![0-9])",
        r"(?<![0-9-])(?P<y>[0-9]{4})-(?P<yearday>[0-9]{3})(?![0-9-])",
    )
)
#: Forms without a year, read as the latest such day; only where the time is known.
YEARLESS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![0-9年년]) ?(?P<m>[0-9]{1,2}) ?[月월] ?(?P<d>[0-9]{1,2}) ?[日号號일]",
        rf"\b{_CLEAR_MONTH} ?(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9]|,? ?[0-9]{{4}})",
        rf"(?<![0-9])(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|\.)? ?(?:of |de )?{_CLEAR_MONTH}"
        r"(?![,'\-/ ]*[0-9]{2}(?:[0-9]{2})?(?![0-9:]))",
        r"(?<![0-9/.-])(?P<chinese>)(?P<m>[0-9]{1,2})(?P<sep>[/-])(?P<d>[0-9]{1,2})(?= +[0-9]{1,2}:[0-9]{2})",
    )
)
#: `Thu Oct 24 09:00:00 CST 2024`, as C and Java print it: the time stands inside the date.
ASCTIME = re.compile(
    rf"\b{_MONTH} +(?P<d>[0-9]{{1,2}}),? +(?P<h>[0-9]{{1,2}}):(?P<mi>[0-9]{{2}})(?::(?P<s>[0-9]{{2}}))? *"
    r"(?P<zone>[a-z]{2,5}|(?P<sign>[+-])(?P<oh>[0-9]{2}):?(?P<om>[0-9]{2}))? *(?P<y>[0-9]{4})(?![0-9])",
    re.IGNORECASE,
)
AGO = re.compile(
    rf"(?<![0-9.])(?P<count>[0-9]{{1,4}}|{_any(words.COUNTS)}) ?(?P<unit>{_any(words.UNITS)})s? ?"
    r"(?:之?前|以前|ago\b)",
    re.IGNORECASE,
)
DAY = re.compile(rf"(?P<day>{_any(words.DAYS)})(?!是)", re.IGNORECASE)
NOW = re.compile(rf"(?P<now>{_any(words.JUST_NOW)})", re.IGNORECASE)

BETWEEN = re.compile(
    rf"(?:[\s,;|·]|(?<=\s)[-–—/](?=\s)|at\b|um\b|à(?= )|às\b|в(?= )|kl\.?|г\.|{_WEEKDAY}|北京时间){{0,8}}",
    re.IGNORECASE,
)
TIME = re.compile(
    rf"(?P<t>t?)(?P<period>{_any(words.PERIODS)})? ?(?P<h>[0-9]{{1,2}})"
    r"(?: ?[:时時点點시] ?(?P<mi>[0-9]{1,2})(?: ?[:分분] ?(?P<s>[0-9]{1,2})(?:[.,][0-9]{1,9})?)? ?[分분秒초]?"
    r"|h(?P<mi_h>[0-9]{2})|\.(?P<mi_dot>[0-9]{2})(?= ?uhr)|[时点點](?P<half>半)|[时時点點](?:整|许)?|(?= ?[ap]\.?m\b))"
    r"(?: ?(?P<ampm>[ap])\.? ?m\b\.?)?(?: ?uhr)?(?![0-9])",
    re.IGNORECASE,
)
#: Hours without colons: after a T, or glued to a date without separators.
BASIC_TIME = re.compile(
    r"t?(?P<h>[0-9]{2})(?:(?P<mi>[0-9]{2})(?P<s>[0-9]{2})?)?(?:[.,][0-9]{1,9})?(?![0-9:])", re.IGNORECASE
)
TIME_BEFORE = re.compile(
    r"(?<![0-9:])(?P<h>[0-9]{1,2}):(?P<mi>[0-9]{2})(?::(?P<s>[0-9]{2}))?(?: ?(?P<ampm>[ap])\.?m\b\.?)?"
    rf"(?: ?(?P<zone>[A-Z]{{2,5}}))?[\s,|·–—-]*(?:on )?(?:{_WEEKDAY})?[\s,|]*$",
    re.IGNORECASE,
)
ZONE = re.compile(
    r" ?\(? ?(?:(?P<china>北京时间)|(?P<zone>[A-Z]{2,5}|[Zz])(?![A-Za-z]))? ?"
    r"(?:(?P<sign>[+-])(?P<oh>[0-9]{1,2}?)(?::?(?P<om>[0-9]{2}))?(?![0-9:]))?"
)
WRITTEN_OUT = re.compile(
    r"(?P<y>[〇零○一二三四五六七八九]{4})年(?P<m>[一二三四五六七八九十]{1,2})月(?P<d>[一二三四五六七八九十廿卅]{1,3})[日号]"
)
EPOCH = re.compile(r"[0-9]{10}(?:\.[0-9]+)?|[0-9]{13}")
ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[Tt][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?:[Zz]|[+-][0-9]{2}:?(?:[0-9]{2})?)?"
    r"| [0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?"
)
RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9}, ?)?([0-9]{1,2}) ([A-Za-z]{3,9}) ([0-9]{4}) ([0-9]{2}:[0-9]{2}(?::[0-9]{2})?) ?"
    r"([+-][0-9]{4}|GMT|UTC|Z)"
)
NAMED_MONTH = re.compile(rf"(?:\b|(?<=[0-9])){_MONTH}", re.IGNORECASE)
TO_LAST_DIGIT = re.compile(r"^.*[0-9]")
DIGIT = re.compile(r"[0-9]")
#: Matched against what stands before a date: the label ends where the date begins.
LABEL = re.compile(
    rf"(?:{_any(words.LABELS)})(?:时间|日期|于|on|at|am|le)?[\s:|/<>()\[\]–-]*$", re.IGNORECASE
)
STRANGER = re.compile(_any(words.STRANGERS), re.IGNORECASE)
