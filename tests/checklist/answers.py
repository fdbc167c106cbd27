"""Answers that need more than a line, for the scripted web."""

from __future__ import annotations

import asyncio

from tests.support.web import NOT_MODIFIED, Asked, Script, ok


def tagged(body: bytes, tag: str = '"1"') -> Script:
    """304 to whoever has it already."""

    async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(NOT_MODIFIED if asked["if-none-match"] == tag.encode() else ok(body, etag=tag))

    return script


def slowly(answer: bytes, seconds: float) -> Script:
    """The first half of the answer, a pause, the second half."""

    async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer[: len(answer) // 2])
        await writer.drain()
        await asyncio.sleep(seconds)
        writer.write(answer[len(answer) // 2 :])

    return script


def late(answer: bytes, seconds: float) -> Script:
    """A pause, then the answer."""

    async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(answer)

    return script


async def mute(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Takes the request and never says a word, as long as the other side has patience."""
    while not asked.gone():  # noqa: ASYNC110 - the reader tells nobody
        await asyncio.sleep(0.02)
    writer.close()
