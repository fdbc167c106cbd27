"""Small pages, one fact each."""

from __future__ import annotations

import pytest

from tests.extract.golden import cases, expected, extracted, fields


@pytest.mark.parametrize("name", cases())
def test_a_page_gives_what_stands_beside_it(name: str) -> None:
    case, found = expected(name), fields(extracted(name))
    assert {key: found[key] for key in case["expect"]} == case["expect"], case["why"]


@pytest.mark.parametrize("name", cases())
def test_nothing_was_survived_silently(name: str) -> None:
    assert extracted(name).notes == ()
