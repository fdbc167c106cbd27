"""Plain text among readers that guess: some take a title for HTML where it looks so, and validators warn of it.

RSS says nowhere what its texts are. A text that a guesser would spoil is said as HTML there, so that nobody loses
anything: who does not guess sees ``&lt;`` in it. Atom lets a text declare itself. A name that looks like HTML was
escaped once too often at its source, and is made a name again.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

_GUESSED = re.compile(r"</\w+>|&#?\w+;")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
#: Texts and attributes that hold no HTML, as they are serialised. Where HTML itself has such an attribute, it is found
#: as well, which makes no difference. Two patterns, as each is looked for by its first sign.
_PLAIN_TEXT = re.compile(
    rb"(<(title|subtitle|description|summary|category|source|name|rights|copyright|managingEditor)\b[^>]*>)"
    rb"([^<]+)(?=</\2>)"
)
_PLAIN_ATTRIBUTE = re.compile(rb'( (?:title|label)=")()([^"<]+)(?=")')


def said_as_html(text: str) -> str:
    """For a text of RSS: escaped as HTML where readers would take it for HTML as it stands."""
    return escape(text, quote=False) if _GUESSED.search(text) else text


def bare(text: str) -> str:
    """A name without what looks like HTML; never empty."""
    if not _GUESSED.search(text):
        return text
    meant = unescape(text)
    left = _TAG.sub("", meant) if _TAG.sub("", meant).strip() else re.sub("[<>&/]", " ", meant)
    return " ".join(left.split()) or "?"


def by_number(raw: bytes) -> bytes:
    """The same document with "&" and "<" of plain texts as numbers.

    The RSS Profile advises so, which was tried on readers; to XML it is the same.
    """
    return _PLAIN_ATTRIBUTE.sub(_numbered, _PLAIN_TEXT.sub(_numbered, raw)) if b"&" in raw else raw


def _numbered(found: re.Match[bytes]) -> bytes:
    return found[1] + found[3].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")


def declare(element: Any, *names: str) -> None:
    """Declare those of its texts HTML (RFC 4287 §3.1) that readers would take for it, though they are plain."""
    for text in element.iter(*names):
        if text.get("type", "text") == "text" and _GUESSED.search(text.text or ""):
            text.text = escape(text.text, quote=False)
            text.set("type", "html")
