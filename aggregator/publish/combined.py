"""The feed of all sections: its name, and whether a paper has it."""

from __future__ import annotations

from collections.abc import Iterable

from aggregator.config.model import Output

COMBINED = "all"


def has_combined_feed(output: Output, section_ids: Iterable[str]) -> bool:
    """A section of that name takes its place."""
    return output.combined and COMBINED not in section_ids
