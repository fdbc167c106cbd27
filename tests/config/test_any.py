"""Whatever stands in the file: it loads, or its faults are named. Nothing else comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import ConfigError, parse_config
from aggregator.config.model import Config
from aggregator.config.wording import keys_of, models_in

VALUES = st.sampled_from(
    ["", "x", "no", "15m", "0", "-1", "1e999", "nan", "国际", "*", "https://a.example/x", "https://[x", "feed:", "(", "a[",
     "a@href", "//a[", "${X}", "${X:-y}", "${", "s0", "s1", "10.0.0.0/8", "sqlite:///x", "{0}", "\x00", "index", "99999999999999d", "~nobody/x"]
) | st.none()  # fmt: skip


def _keys(model: type[Any] = Config) -> set[str]:
    found: set[str] = set()
    seen, queue = {model}, [model]
    while queue:
        for key, field in keys_of(queue.pop()).items():
            found.add(key)
            fresh = set(models_in(field)) - seen
            seen |= fresh
            queue += fresh
    return found


KEYS = st.sampled_from(sorted(_keys()))
ANYTHING = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)
SOURCES = st.lists(st.dictionaries(KEYS, ANYTHING, max_size=5) | VALUES, max_size=3)
FILES = st.fixed_dictionaries(
    {},
    optional={
        "sources": SOURCES,
        "sections": SOURCES,
        "defaults": st.dictionaries(KEYS, ANYTHING, max_size=4),
    },
)


@given(st.dictionaries(KEYS, ANYTHING, max_size=4), FILES)
def test_any_file_of_known_keys_loads_or_its_faults_are_named(
    rest: dict[str, Any], parts: dict[str, Any]
) -> None:
    text = yaml.safe_dump({**rest, **parts}, allow_unicode=True)
    try:
        parse_config(text, path=Path("no-such-folder/feeds.yaml"))
    except ConfigError as error:
        faults = error.faults
    else:
        return
    assert faults
    assert all(fault.line or "empty" in fault.message for fault in faults)
