"""What the suites of this package share."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

import pytest

from aggregator.config import ConfigError, Loaded, parse_config


def load(text: str, env: Mapping[str, str] | None = None) -> Loaded:
    return parse_config(dedent(text), env=env or {})


def faults(text: str, env: Mapping[str, str] | None = None) -> list[str]:
    """The faults of a configuration as a terminal shows them; the test fails when it has none."""
    with pytest.raises(ConfigError) as caught:
        load(text, env)
    return [str(fault) for fault in caught.value.faults]


def fault(text: str, env: Mapping[str, str] | None = None) -> str:
    """The one fault of a configuration."""
    found = faults(text, env)
    assert len(found) == 1, found
    return found[0]
