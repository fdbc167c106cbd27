"""What can go wrong in serving; apart from what does it, for whoever only names it."""

from __future__ import annotations


class ServeError(Exception):
    """The server cannot listen; the message says where, why and what to do."""
