"""Media types as documents and servers write them."""

from __future__ import annotations

import re

# RFC 6838 §4.2: two restricted names of at most 127 characters.
_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(f"{_NAME}/{_NAME}")


def plain_media_type(said: str | None) -> str | None:
    """Lower case and without parameters; None where it is none."""
    name = (said or "").partition(";")[0].strip()
    return name.lower() if _MEDIA_TYPE.fullmatch(name) else None


#: How feeds are given out, by the ending of their files.
FEED_TYPES = {
    ".rss": "application/rss+xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
}
