"""Texts that feedparser leaves as they are, told from those that it would mend."""

from __future__ import annotations

import re

#: All but the control characters that stand for others in Windows' alphabet.
_NOT_WINDOWS = re.compile("[\x00-\x7f\xa0-\U0010ffff]*")
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")


class UnusualError(Exception):
    """Something that feedparser knows better."""


def usual(text: str) -> str:
    """Not what feedparser takes for UTF-8 that was read as Latin-1, or for Windows' alphabet."""
    if text.isascii():
        return text
    if not _NOT_WINDOWS.fullmatch(text):
        raise UnusualError
    try:
        text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text
    raise UnusualError


def whole_address(text: str) -> str:
    if ":///" in text:  # slashes too many, which feedparser takes out
        raise UnusualError
    return text


def linked(text: str) -> str:
    """The text of a <link>, which must hold one."""
    if not text:
        raise UnusualError
    return _REFERENCE.sub(r"&\g<1>", whole_address(text))
