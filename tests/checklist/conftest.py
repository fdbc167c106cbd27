import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import open_store
from tests.checklist.newsroom import Newsroom
from tests.support.web import Web


@pytest.fixture(scope="session")
def empty_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new database: to make one takes as long as all else that a newsroom does at its start."""
    file = tmp_path_factory.mktemp("base") / "aggregator.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture
async def newsroom(
    tmp_path: Path, empty_base: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Newsroom]:
    """Not started yet. No power fails here: files need not reach the platter, which takes most of the time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    (tmp_path / "var").mkdir()
    shutil.copy(empty_base, tmp_path / "var")
    async with Web() as web:
        room = Newsroom(web=web, folder=tmp_path)
        try:
            yield room
        finally:
            await room.stop()
