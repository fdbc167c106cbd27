"""Ids made from addresses and names: readable, of ``[a-z0-9-]`` only, and the same at every start."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Container
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from aggregator.text.fold import simplified

_LONGEST = 64
_ENDINGS = re.compile(r"\.(xml|html?|php|aspx?|jsp)$|(?<=/)index$|(?<=/)index\.[a-z]+$", re.IGNORECASE)


def slug_of_url(url: str, taken: Container[str] = ()) -> str:
    """An id out of host and path, without ``www.`` and file endings.

    The scheme does not count: a source keeps its id when it moves to https. A hash of the address is added
    where the id is in ``taken``, and where something is lost: letters outside ASCII, or a query, which may hold
    a secret and must not show in an id.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return _hashed("source", url, taken)
    words = _host(parts.netloc) + _ENDINGS.sub("", unquote(parts.path))
    lost = bool(parts.query) or any(not letter.isascii() for letter in words)
    slug = _ascii(words)
    if slug and len(slug) <= _LONGEST and not lost and slug not in taken:
        return slug
    return _hashed(slug or "source", url.partition("://")[2] or url, taken)


def _host(netloc: str) -> str:
    host = netloc.rpartition("@")[2].casefold().removeprefix("www.")
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _hashed(slug: str, identity: str, taken: Container[str]) -> str:
    digest = hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()
    for length in range(6, len(digest)):
        candidate = f"{slug[: _LONGEST - 1 - length].strip('-')}-{digest[:length]}"
        if candidate not in taken:
            return candidate
    raise ValueError(f"no id is left for {identity}")


def slug_of_name(name: str, taken: Container[str] = ()) -> str:
    """An id out of a name for people; ``s-`` and a hash where the name is not written in Latin letters."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    slug = _ascii(bare) if not any(letter.isalnum() and not letter.isascii() for letter in bare) else ""
    if slug and len(slug) <= _LONGEST and slug not in taken:
        return slug
    return _hashed("s", label_key(name), taken)


@lru_cache(maxsize=1024)
def label_key(label: str) -> str:
    """What spellings of one section label have in common: width, letter case, outer space and script folded.

    國際 and 国际 are one section.
    """
    return simplified(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold()).strip())


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
