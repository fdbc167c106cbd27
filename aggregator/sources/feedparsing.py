"""feedparser, which only this module imports, and only for a document that holds something out of the ordinary.

It is given well-formed UTF-8 and no address, and neither sanitises nor resolves anything.
"""

from __future__ import annotations

import io
import re

from aggregator.sources.entries import Parsed
from aggregator.sources.errors import NotAFeed

#: In an entry, where it has no business, it makes feedparser look for what is not there.
_SEARCH_FORM = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?textinput)\b[^>]*(?:(?<=/)>|>.*?</\1\s*>)", re.I | re.S)


def by_feedparser(encoded: bytes) -> Parsed:
    """feedparser's reading. Raises NotAFeed where it breaks down."""
    try:
        return _fed(encoded)
    except Exception as error:
        # A handler of an extension that met what it did not expect; feedparser documents no exceptions.
        plainer = _SEARCH_FORM.sub(b"", encoded)
        if plainer != encoded:
            return by_feedparser(plainer)
        raise NotAFeed(f"damaged beyond reading: {type(error).__name__}: {error}") from error


def _fed(encoded: bytes) -> Parsed:
    import feedparser

    # It would look through all folders of modules for a parser that nobody has, at every document.
    feedparser.api.PREFERRED_XML_PARSERS.clear()
    # A stream, never a string: a string may be an address or a path to feedparser, and it would open it.
    found: Parsed = feedparser.parse(
        io.BytesIO(encoded),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return found
