"""Media types as they are written."""

from __future__ import annotations

import pytest

from aggregator.text.mediatypes import plain_media_type


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("audio/mpeg", "audio/mpeg"),
        (" Audio/MPEG ; q=1", "audio/mpeg"),
        ("image/svg+xml", "image/svg+xml"),
        (f"application/{'x' * 127}", f"application/{'x' * 127}"),
        (f"application/{'x' * 128}", None),
        ("аudio/mpeg", None),
        ("audio", None),
        ("<b>", None),
        ("audio/mpeg\n", "audio/mpeg"),
        ('audio/mpeg" onload="x', None),
        ("+a/b", None),
        ("", None),
        (None, None),
    ],
)
def test_a_media_type_is_lower_case_and_without_parameters(said: str | None, plain: str | None) -> None:
    assert plain_media_type(said) == plain
