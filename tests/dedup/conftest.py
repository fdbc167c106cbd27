"""What is decided by words is tested by words alone, whether or not the extra is installed here."""

from __future__ import annotations

import pytest

from aggregator.dedup.semantic import encoder


@pytest.fixture(autouse=True)
def without_the_extra(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.module.__name__.endswith("test_rewrites_told"):
        monkeypatch.setattr(encoder, "installed", lambda: None)
