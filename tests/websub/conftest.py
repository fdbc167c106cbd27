from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.checklist.newsroom import Newsroom
from tests.support.hub import Hub
from tests.support.web import Web


@pytest.fixture
async def newsroom(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with Web() as web:
        made = Newsroom(web=web, folder=tmp_path, serve=True)
        yield made
        await made.stop()


@pytest.fixture
def hub(newsroom: Newsroom) -> Hub:
    return Hub(web=newsroom.web)
