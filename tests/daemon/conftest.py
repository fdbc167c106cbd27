from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.room import Room
from tests.support.web import Web


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with Web() as web:
        yield Room(web=web, folder=tmp_path)
