"""Many sources on one host: it is asked in its own time, over few connections, and the others do not wait for it."""

from __future__ import annotations

import asyncio

from tests.daemon.running import eventually, running
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import Asked, Web, ok


def sources(web: Web, number: int, name: str, more: str = "") -> str:
    """So many sources of one site, each with an article of its own."""
    lines = []
    for n in range(number):
        url = web.answer(f"/{name}{n:02}", ok(rss(item(f"{name}{n}"))))
        lines.append(f'  - {{id: {name}{n:02}, url: "{url}"{more}}}\n')
    return "".join(lines)


def config(listed: str, defaults: str = "") -> str:
    return f"defaults: {{allow_private: 127.0.0.0/8{defaults}}}\nsources:\n{listed}"


async def test_a_crowded_host_holds_up_no_other_in_the_daemon(room: Room) -> None:
    async with Web() as other:
        crowd = sources(room.web, 60, "a", ", per_host: {spacing: 1h}")
        yaml = config(crowd + sources(other, 20, "b"), ", concurrency: 5")
        async with running(room, yaml) as made:
            await eventually(lambda: len(other.requests) == 20)
            await eventually(lambda: made.polled().total() == 21)
            under_way = made.daemon.under_way
        assert len(room.web.requests) == 1
        # Those claimed at first wait; that they do is seen at the next tick, and no more of them are claimed.
        places, room_at_one_site = 5 + 2, 8
        assert under_way <= places + room_at_one_site


async def test_a_crowded_host_holds_up_no_other_in_a_round(room: Room) -> None:
    async with Web() as other:
        crowd = sources(room.web, 20, "a", ", per_host: {spacing: 50ms}")
        await room.poll(config(crowd + sources(other, 20, "b"), ", concurrency: 10"))
        starts = [asked.at for asked in room.web.requests]
        assert len(starts) == 20
        assert max(asked.at for asked in other.requests) < starts[9]
        assert starts[-1] - starts[0] >= 19 * 0.05 - 0.01


async def test_many_sources_of_one_host_share_two_connections(room: Room) -> None:
    at_once: list[int] = []
    present = 0

    def slowly(body: bytes) -> object:
        async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
            nonlocal present
            present += 1
            at_once.append(present)
            await asyncio.sleep(0.005)
            present -= 1
            writer.write(ok(body))

        return script

    listed = sources(room.web, 50, "a")
    for n in range(50):
        room.web.answer(f"/a{n:02}", slowly(rss(item(n))))  # type: ignore[arg-type]  # a Script
    results = await room.poll(config(listed))
    assert all(result.ok for result in results.values())
    assert (len(room.web.requests), max(at_once), room.web.connections) == (50, 2, 2)


async def test_many_hosts_are_asked_at_once(room: Room) -> None:
    async with Web(host="0.0.0.0") as everywhere:
        everywhere.answer("/feed", ok(rss(item(1))))
        listed = "".join(
            f'  - {{id: h{n:02}, url: "{everywhere.url("/feed", f"127.0.2.{n}")}", per_host: {{spacing: 1s}}}}\n'
            for n in range(1, 51)
        )
        async with running(room, config(listed)):
            await eventually(lambda: len(everywhere.requests) == 50)
    starts = [asked.at for asked in everywhere.requests]
    assert max(starts) - min(starts) < 2


async def test_a_publisher_is_told_who_asks_and_nothing_else(room: Room) -> None:
    room.web.answer("/feed?a=b", ok(rss(item(1)), set_cookie="c=d"))
    yaml = config('  - {id: morning-paper, url: "{web}/feed?a=b"}\n')
    yaml = "site: {base_url: https://paper.example}\n" + yaml
    for _ in range(2):
        await room.poll(yaml)
    assert room.web.paths() == ["/feed?a=b"] * 2
    for asked in room.web.requests:
        agent = asked["user-agent"] or b""
        assert agent.startswith(b"feed-aggregator/")
        assert agent.endswith(b" (+https://paper.example; feed-id:morning-paper)")
        assert (asked["cookie"], asked["referer"], asked["accept-encoding"]) == (None, None, b"gzip")
