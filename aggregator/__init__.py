"""feed-aggregator: polls feeds and pages, prints each story once, republishes per-section feeds."""

from __future__ import annotations

from functools import cache


@cache
def program_version() -> str:
    """Of the program that is installed; looked up when somebody asks, which takes as long as a poll."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("feed-aggregator")
    except PackageNotFoundError:  # a source tree on sys.path that was never installed
        return "0+unknown"


def __getattr__(name: str) -> str:
    """``__version__``, likewise."""
    if name == "__version__":
        return program_version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
