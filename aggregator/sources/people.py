"""Names of people out of what stands where a feed names its authors: whole, and without mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate

from aggregator.text.html import fold_space, text_of

#: Characters of an author's name that are looked at.
LONGEST_NAME = 500
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
#: Without a dot it may be a name as well ("M@tt"), except where brackets tell the one from the other.
_LOCAL_MAIL = re.compile(r"[(<]\s*[\w.+%-]+@[\w-]+\s*[)>]|^[\w.+%-]+@[\w-]+\s*(?=\(.*\)$)")
_EMPTY = re.compile(r"\(\s*\)|<\s*>|\[\s*\]")
_AROUND = ",; "
_OPENING, _CLOSING = "([<", ")]>"
_EDGES = frozenset(_AROUND + _OPENING + _CLOSING)


def people(names: Iterable[str]) -> tuple[str, ...]:
    """Each once. A mail address is no name: it is taken out, and alone it is nobody."""
    cleaned = map(_name, names)
    return tuple(dict.fromkeys(name for name in cleaned if name))


def _name(words: str) -> str:
    name = fold_space(text_of(words[:LONGEST_NAME]))
    if "@" in name:
        name = _LOCAL_MAIL.sub("", _MAIL.sub("", name))
    return _unwrapped(fold_space(_EMPTY.sub("", name))) if _has_edges(name) else name


def _has_edges(name: str) -> bool:
    return bool(name) and (name[0] in _EDGES or name[-1] in _EDGES)


def _unwrapped(name: str) -> str:
    """Without brackets around all of it, or that lack their other half: those of "Jane Roe (AFP)" belong to it."""
    while _has_edges(name := name.strip(_AROUND)):
        depths = list(accumulate((char in _OPENING) - (char in _CLOSING) for char in name))
        if name[0] in _CLOSING or (name[0] in _OPENING and all(depths[:-1])):
            name = name[1:]  # what closes it at the end, if anything does, has lost its other half
        elif name[-1] in _OPENING or depths[-1] < 0:
            name = name[:-1]
        else:
            break
    return name
