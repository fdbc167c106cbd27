"""The command ``aggregator``."""

from aggregator.cli.main import main

__all__ = ["main"]
