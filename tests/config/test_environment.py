"""Variables in values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.document import compose
from aggregator.config.environment import substitute
from aggregator.config.tree import Map, plain
from tests.config.helpers import fault, load


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${NAME}", "world"),
        ("hello ${NAME}!", "hello world!"),
        ("${NAME}${NAME}", "worldworld"),
        ("${NAME:-x}", "world"),
        ("${NONE:-x}", "x"),
        ("${NONE:-}", ""),
        ("${EMPTY}", ""),
        ("${EMPTY:-x}", "x"),
        ("${NONE:-a:b/c}", "a:b/c"),
        ("$${NAME}", "${NAME}"),
        ("$NAME", "$NAME"),
        ("^a$", "^a$"),
    ],
)
def test_a_reference_stands_for_its_variable(written: str, value: str) -> None:
    loaded = load(f"site: {{title: '{written}'}}", {"NAME": "world", "EMPTY": ""})
    assert loaded.config.site.title == value


def test_a_variable_that_is_not_set_is_a_fault_at_its_place_with_the_remedy() -> None:
    found = fault("site:\n  title: ${AGG_TITEL}\n", {"AGG_TITLE": "x"})
    assert found.startswith(
        "feeds.yaml:2:10: the environment variable AGG_TITEL is not set (did you mean 'AGG_TITLE'?)"
    )
    assert "${AGG_TITEL:-default}" in found


@pytest.mark.parametrize("written", ["${}", "${1X}", "${a b}", "${X", "${X:+y}"])
def test_what_only_looks_like_a_reference_is_a_fault(written: str) -> None:
    assert "names no variable" in fault(f"site: {{title: 'a {written}'}}", {"X": "x"})


def test_keys_are_left_alone() -> None:
    assert "unknown key '${X}'" in fault("${X}: 5\n", {"X": "site"})


def test_what_a_variable_holds_is_converted_like_what_is_written() -> None:
    loaded = load(
        "defaults: {interval: '${EVERY}', verify: '${SURE}', max_size: '${SIZE}'}",
        {
            "EVERY": "1h",
            "SURE": "no",
            "SIZE": "2048",
        },
    )
    defaults = loaded.config.defaults
    assert (defaults.interval.base.total_seconds(), defaults.verify, defaults.max_size) == (3600, False, 2048)


@given(st.text())
def test_no_variable_changes_the_structure(value: str) -> None:
    tree, _ = compose("a: [x, '${V}', {b: '-${V}-'}]\n", "f.yaml")
    assert isinstance(tree, Map)
    filled, faults = substitute(tree, {"V": value})
    assert faults == []
    assert plain(filled) == {"a": ["x", value, {"b": f"-{value}-"}]}
