import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.checklist.newsroom import Newsroom
from tests.support.web import Web


@pytest.fixture
async def newsroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Newsroom]:
    """Not started yet. No power fails here: files need not reach the platter, which takes most of the time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    async with Web() as web:
        room = Newsroom(web=web, folder=tmp_path)
        try:
            yield room
        finally:
            await room.stop()
