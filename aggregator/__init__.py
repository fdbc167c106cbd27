"""feed-aggregator: polls feeds and pages, prints each story once, republishes per-section feeds."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("feed-aggregator")
except PackageNotFoundError:  # a source tree on sys.path that was never installed
    __version__ = "0+unknown"
