"""``images: proxy`` and ``archive``: where readers get the pictures of articles from."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from aggregator.daemon import poll_round
from aggregator.daemon.desk import Desk
from aggregator.pipeline.picturearchive import PictureArchive
from aggregator.pipeline.picturecache import PictureCache
from aggregator.pipeline.pictureproxy import Elsewhere
from aggregator.pipeline.pictures import Picture
from aggregator.text.pictures import picture_type
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 20
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"
YAML = """
site: {{timezone: Asia/Shanghai, base_url: "https://paper.example"}}
sources:
  - {{id: wire, url: "{{web}}/feed", images: {images}, section: 国际}}
sections:
  - {{id: world, title: 国际}}
output: {{picture_archive: {bound}}}
"""


def yaml(images: str, bound: int = 10_000) -> str:
    return YAML.format(images=images, bound=bound)


def feed(room: Room, *addresses: str) -> None:
    pictures = "".join(f'<p>words</p><img src="{address}">' for address in addresses)
    room.web.answer("/feed", ok(rss(item(1, text=f"<p>The first of some paragraphs.</p>{pictures}"))))


async def printed(room: Room, desk: Desk) -> list[str]:
    """As the daemon does it: print, fetch, and print again where something came."""
    await poll_round(desk, early=True)
    desk.press.publish()
    if await desk.fetch_pictures():
        desk.press.publish(everything=True)
    (entry,) = json.loads(room.published("world.json"))["items"]
    return re.findall(r'<img[^>]* src="([^"]+)"', entry["content_html"])


# -- archive


async def test_a_picture_is_fetched_once_kept_and_printed_under_our_address(room: Room) -> None:
    room.web.answer("/p.png", ok(PNG, content_type="text/html"))  # what a server says of it does not count
    feed(room, room.web.url("/p.png"))
    async with room.desk(yaml("archive")) as desk:
        (address,) = await printed(room, desk)
    assert re.fullmatch(r"https://paper\.example/i/[0-9a-f]{32}\.png", address)
    assert room.published(address.removeprefix("https://paper.example/")) == PNG
    async with room.desk(yaml("archive")) as desk:  # after a restart
        assert await printed(room, desk) == [address]
    assert room.web.paths().count("/p.png") == 1


@pytest.mark.parametrize(
    "answer",
    [ok(SVG, content_type="image/svg+xml"), ok(b"<html>", content_type="image/png"), ok(PNG + b"x" * 3000)],
)
async def test_what_is_no_picture_or_too_large_keeps_its_address(room: Room, answer: bytes) -> None:
    room.web.answer("/p.png", answer)
    feed(room, room.web.url("/p.png"), room.web.url("/none.png"), "http://10.9.8.7/private.png")
    async with room.desk(yaml("{hotlink: archive, max_size: 2000}")) as desk:
        found = await printed(room, desk)
    assert found == [room.web.url("/p.png"), room.web.url("/none.png"), "http://10.9.8.7/private.png"]
    assert not list((room.folder / "var/public").glob("i/*"))


async def test_one_that_does_not_come_is_tried_again_later_and_then_given_up(room: Room) -> None:
    feed(room, room.web.url("/p.png"))
    async with room.desk(yaml("archive")) as desk:
        await printed(room, desk)
        for minutes in (1, 11, 200, 5000):
            room.clock.forward(minutes=minutes)
            desk.press.publish(everything=True)
            await desk.fetch_pictures()
    assert room.web.paths().count("/p.png") == 3


async def test_all_kept_pictures_together_are_bounded(room: Room) -> None:
    for name in ("a", "b", "c"):
        room.web.answer(f"/{name}.png", ok(PNG + name.encode()))
    feed(room, *(room.web.url(f"/{name}.png") for name in ("a", "b", "c")))
    async with room.desk(yaml("archive", bound=0)) as desk:
        assert all(address.startswith(room.web.url("/")) for address in await printed(room, desk))
    assert "/a.png" not in room.web.paths()


async def test_pictures_on_their_way_together_do_not_overrun_the_bound(room: Room) -> None:
    names = [f"/{n}.png" for n in range(8)]
    for name in names:
        room.web.answer(name, ok(PNG + name.encode()))
    feed(room, *map(room.web.url, names))
    bound = 3 * len(PNG + b"/0.png") + 5
    async with room.desk(yaml("archive", bound=bound)) as desk:
        found = await printed(room, desk)
        kept = list((room.folder / "var/public/i").iterdir())
        assert sum(address.startswith("https://paper.example/i/") for address in found) == len(kept) == 3
        desk.press.publish(everything=True)
        await desk.fetch_pictures()
    assert sum(file.stat().st_size for file in kept) <= bound
    # What has no room is not asked for again at once.
    assert len([path for path in room.web.paths() if path in names]) == 8


async def test_what_is_kept_is_asked_for_as_robots_txt_wants_it(room: Room) -> None:
    room.web.answer("/robots.txt", ok(b"User-agent: *\nDisallow: /private/"))
    for name in ("/p.png", "/private/p.png"):
        room.web.answer(name, ok(PNG))
    feed(room, room.web.url("/p.png"), room.web.url("/private/p.png"))
    async with room.desk(yaml("archive")) as desk:
        ours, theirs = await printed(room, desk)
    assert ours.startswith("https://paper.example/i/")
    assert theirs == room.web.url("/private/p.png")
    assert "/private/p.png" not in room.web.paths()


async def test_who_knows_better_has_robots_txt_ignored(room: Room) -> None:
    room.web.answer("/robots.txt", ok(b"User-agent: *\nDisallow: /"))
    room.web.answer("/p.png", ok(PNG))
    feed(room, room.web.url("/p.png"))
    async with room.desk(yaml("archive, robots: ignore")) as desk:
        (address,) = await printed(room, desk)
    assert address.startswith("https://paper.example/i/")


async def test_a_reader_who_asks_for_a_picture_is_no_robot(room: Room) -> None:
    room.web.answer("/robots.txt", ok(b"User-agent: *\nDisallow: /"))
    room.web.answer("/p.png", ok(PNG))
    feed(room, room.web.url("/p.png"))
    async with room.desk(yaml("proxy")) as desk:
        (address,) = await printed(room, desk)
        assert isinstance(await asked_of(desk, address), Picture)
    assert "/robots.txt" not in room.web.paths()


async def test_a_picture_goes_when_nothing_published_names_it(room: Room) -> None:
    room.web.answer("/p.png", ok(PNG))
    feed(room, room.web.url("/p.png"))
    async with room.desk(yaml("archive")) as desk:
        assert desk.archive is not None
        (address,) = await printed(room, desk)
        file = room.folder / "var/public" / address.removeprefix("https://paper.example/")
        assert desk.archive.prune() == 0
        (file.parent / f"{'0' * 32}.png").write_bytes(PNG)
        guest = PictureArchive(room.folder / "var/public", room.clock, bound=lambda: 0, is_guest=True)
        assert guest.prune() == 0
        assert desk.archive.prune() == 1
        assert file.exists()
        desk.press.take(desk.plan.of(room.load(yaml("keep")).config, "p", room.folder))
        desk.press.publish()
    assert not file.exists()


# -- proxy


async def asked_of(desk: Desk, address: str) -> Picture | Elsewhere | None:
    assert desk.picture_proxy is not None
    _, signature, source, coded = address.removeprefix("https://paper.example/").split("/")
    return await desk.picture_proxy.picture(signature, source, coded)


async def test_what_was_printed_is_fetched_once_and_kept(room: Room) -> None:
    room.web.answer("/p.png", ok(PNG))
    feed(room, room.web.url("/p.png"))
    async with room.desk(yaml("proxy")) as desk:
        (address,) = await printed(room, desk)
        assert "/p.png" not in room.web.paths()  # before a reader asks
        found = await asyncio.gather(*(asked_of(desk, address) for _ in range(5)))
        assert {one.body for one in found if isinstance(one, Picture)} == {PNG}
    async with room.desk(yaml("proxy")) as desk:  # after a restart: same key, same address, kept picture
        assert await printed(room, desk) == [address]
        assert isinstance(await asked_of(desk, address), Picture)
    assert room.web.paths().count("/p.png") == 1


async def test_what_was_not_printed_is_not_asked_for(room: Room) -> None:
    room.web.answer("/p.png", ok(PNG))
    feed(room, room.web.url("/p.png"))
    async with room.desk(yaml("proxy")) as desk:
        (address,) = await printed(room, desk)
        assert await asked_of(desk, address[:-1] + ("A" if address[-1] != "A" else "B")) is None
        assert await asked_of(desk, address.replace("/wire/", "/mail/")) is None
    assert "/p.png" not in room.web.paths()


async def test_a_private_address_is_refused_although_it_was_printed(room: Room) -> None:
    feed(room, "http://10.9.8.7/secret.png")
    async with room.desk(yaml("proxy")) as desk:
        (address,) = await printed(room, desk)
        assert address.startswith("https://paper.example/image/")
        assert await asked_of(desk, address) is None


async def test_what_is_no_picture_is_left_to_its_own_address_and_not_asked_for_again_at_once(
    room: Room,
) -> None:
    room.web.answer("/p.svg", ok(SVG, content_type="image/svg+xml"))
    feed(room, room.web.url("/p.svg"))
    async with room.desk(yaml("proxy")) as desk:
        (address,) = await printed(room, desk)
        for _ in range(3):
            assert await asked_of(desk, address) == Elsewhere(address=room.web.url("/p.svg"))
        assert room.web.paths().count("/p.svg") == 1
        room.clock.forward(minutes=11)
        await asked_of(desk, address)
    assert room.web.paths().count("/p.svg") == 2


async def test_without_the_key_addresses_are_the_sources(room: Room) -> None:
    feed(room, room.web.url("/p.png"))
    async with room.desk(yaml("keep")) as desk:
        assert await printed(room, desk) == [room.web.url("/p.png")]
    assert room.store.setting("picture_key") is None


def test_of_kept_pictures_those_asked_for_last_stay(room: Room) -> None:
    kind = picture_type(PNG)
    assert kind is not None
    picture = Picture(body=PNG, type=kind)
    cache = PictureCache(room.folder / "cache", 2 * len(PNG) + 10)
    for name in ("a", "b"):
        cache.put("s", name, picture)
    assert cache.get("s", "a") == picture
    cache.put("s", "c", picture)
    assert [cache.get("s", name) is not None for name in ("a", "b", "c")] == [True, False, True]
    again = PictureCache(room.folder / "cache", len(PNG))
    assert sum(again.get("s", name) is not None for name in ("a", "b", "c")) == 1
    assert again.get("other", "c") is None
