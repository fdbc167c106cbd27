"""Long texts for html5ever, which writes one out in the square of the signs in it that have to be escaped."""

from __future__ import annotations

import re

_LONG = 4_096  #: characters
_MANY = 1_000  #: of these signs
#: It begins with such a sign, and so does the next: no character reference is torn.
_PORTION = re.compile("(?:[&\u00a0][^&\u00a0]*+){1,256}")
_BETWEEN_TAGS = re.compile(rf">[^<>]{{{_LONG},}}|\A[^<>]{{{_LONG},}}")
#: Ends a text, and shows nothing.
_BREAK = "<!---->"


def in_portions(text: str) -> str:
    """The text between two tags, with comments in it, so that no piece has many such signs."""
    if len(text) < _LONG or text.count("&") + text.count("\u00a0") < _MANY:
        return text
    return _PORTION.sub(rf"\g<0>{_BREAK}", text)


def texts_in_portions(regular: str) -> str:
    """The same for each text of a sanitised fragment."""
    if len(regular) < _LONG or regular.count("&") < _MANY:
        return regular
    return _BETWEEN_TAGS.sub(lambda text: in_portions(text[0]), regular)
