from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.checklist.newsroom import Newsroom
from tests.support.web import Web


@pytest.fixture
async def newsroom(tmp_path: Path) -> AsyncIterator[Newsroom]:
    """Not started yet."""
    async with Web() as web:
        room = Newsroom(web=web, folder=tmp_path)
        try:
            yield room
        finally:
            await room.stop()
