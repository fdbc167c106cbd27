"""What can be wrong with a document as a whole. The reason is a sentence for people."""

from __future__ import annotations


class NotAFeed(Exception):
    """The bytes are no feed in any known format."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotOpml(Exception):
    """The bytes are no OPML document."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotASitemap(Exception):
    """The bytes are no sitemap."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
