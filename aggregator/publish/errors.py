"""What can go wrong in publishing; apart from what does it, for whoever only names it."""

from __future__ import annotations


class PublishError(Exception):
    """A file cannot be published; the message says which, why and what to do. The old one is intact."""


class BrokenOff(PublishError):
    """Nobody waits for this printing any more; what was not written yet is printed another time."""
