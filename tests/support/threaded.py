"""The scripted web in a thread of its own, for commands that bring their own event loop or process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.web import Web


@contextmanager
def threaded_web(host: str = "127.0.0.1") -> Iterator[Web]:
    """``0.0.0.0`` listens at every loopback address: as many hosts as a test wants."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def call(coroutine: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, loop).result(10)

    web = Web(host=host)
    call(web.__aenter__())
    try:
        yield web
    finally:
        call(web.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
