"""What the press prints again, what it takes away, and what it calls the sources."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.pipeline import retain
from aggregator.publish import Publisher
from storage.model import Article
from tests.support.documents import item, rss
from tests.support.room import Room
from tests.support.web import ok

HEAD = "defaults: {allow_private: 127.0.0.0/8, first_fetch: {max_age: null}}\n"


def paper(*sources: str, section: str = "{id: world, title: 国际}", more: str = "") -> str:
    lines = [HEAD, more, "sources:"]
    lines += [f'  - {{id: {name}, url: "{{web}}/{name}", section: 国际}}' for name in sources]
    return "\n".join([*lines, "sections:", f"  - {section}", ""])


def pages(room: Room) -> set[str]:
    return {path.stem for path in (room.folder / "var" / "public" / "a").glob("*.html")}


def page(room: Room, uid: str) -> str:
    return room.published(f"a/{uid}.html").decode()


def article(room: Room, title: str) -> Article:
    return next(one for one in room.articles() if one.title == title)


LATER = "Mon, 02 Mar 2026 07:30:00 GMT"
ONE = paper("a", section="{id: world, title: 国际, limit: 1}")


async def left_behind(room: Room, *answers: bytes) -> Article:
    """An article that was printed, and that a newer one has pushed out of its section."""
    room.web.answer("/a", ok(rss(item(1))), ok(rss(item(2, date=LATER), item(1))), *map(ok, answers))
    await room.poll(ONE)
    await room.poll(ONE)
    assert "新闻1" not in room.published("world.atom").decode()
    return article(room, "新闻1")


# -- article pages


async def test_a_page_stays_when_its_article_leaves_the_section_s_edition(room: Room) -> None:
    left = await left_behind(room)
    assert pages(room) == {one.uid for one in room.articles()}
    assert "新闻1" in page(room, left.uid)


async def test_an_article_that_changes_after_it_left_gets_its_page_written_again(room: Room) -> None:
    corrected = rss(item(2, date=LATER), item(1, "更正后的标题"))
    left = await left_behind(room, corrected)
    await room.poll(ONE)
    assert "更正后的标题" in page(room, left.uid)
    assert room.report is not None
    assert f"a/{left.uid}.html" in room.report.written


async def test_an_update_that_could_not_be_written_reaches_its_page_with_the_next_printing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected = rss(item(2, date=LATER), item(1, "更正后的标题"))
    left = await left_behind(room, corrected)
    with monkeypatch.context() as patch:
        patch.setattr(Publisher, "write", lambda *_: (_ for _ in ()).throw(KeyError("a fault")))
        with pytest.raises(KeyError):
            await room.poll(ONE)
    await room.poll(ONE)
    assert "更正后的标题" in page(room, left.uid)


async def test_an_updated_article_without_a_page_gets_none(room: Room) -> None:
    old = "Sun, 01 Mar 2026 07:00:00 GMT"
    room.web.answer(
        "/a", ok(rss(item(2), item(1, date=old))), ok(rss(item(2), item(1, "更正后的标题", date=old)))
    )
    await room.poll(ONE)
    await room.poll(ONE)
    assert room.titles() == ["新闻2", "更正后的标题"]
    assert pages(room) == {article(room, "新闻2").uid}


async def test_a_printing_asks_the_disk_for_no_pages_but_those_of_updated_articles(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.web.answer("/a", ok(rss(item(1))), ok(rss(item(1), item(2))))
    async with room.desk(ONE) as desk:
        await room.poll(ONE)
        desk.press.publish()
        await room.poll(ONE)
        with monkeypatch.context() as patch:
            patch.setattr(Publisher, "names", lambda _: pytest.fail("all names"))
            patch.setattr(Publisher, "prune", lambda *_: pytest.fail("a pruning"))
            assert desk.press.publish().sections == ("world",)


async def test_the_page_of_an_expired_article_is_taken_away_with_it(room: Room) -> None:
    left = await left_behind(room)
    yaml = "retention: {articles: 10d, bodies: 5d}\n" + ONE
    room.clock.forward(days=30)
    async with room.desk(yaml) as desk:
        desk.press.publish()
        assert left.uid in pages(room)
        assert retain(room.store, desk.plan, desk.press, room.clock()) == 1
    assert pages(room) == {article(room, "新闻2").uid}
    assert not list(room.folder.rglob(f"{left.uid}*"))


async def test_pages_that_cannot_be_taken_away_do_not_undo_retention(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await left_behind(room)
    yaml = "retention: {articles: 10d, bodies: 5d}\n" + ONE
    room.clock.forward(days=30)
    async with room.desk(yaml) as desk:
        desk.press.publish()
        public = room.folder / "var" / "public"
        public.rename(room.folder / "away")
        public.write_text("in the way")
        assert retain(room.store, desk.plan, desk.press, room.clock()) == 1


async def test_the_page_of_an_article_that_is_in_no_section_any_more_is_taken_away(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1), item(2))))
    yaml = paper("a")
    await room.poll(yaml)
    async with room.desk(yaml) as desk:
        desk.press.publish()
        room.store.reroute({article(room, "新闻1").uid: ()})
        desk.press.publish()
        assert len(pages(room)) == 2
        retain(room.store, desk.plan, desk.press, room.clock())
    assert pages(room) == {article(room, "新闻2").uid}


@pytest.mark.parametrize("output", ["{formats: [atom, opml]}", "{content: summary}"])
async def test_a_paper_without_article_pages_takes_the_old_ones_away(room: Room, output: str) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    await room.poll(paper("a"))
    assert pages(room)
    await room.poll(paper("a", more=f"output: {output}"))
    assert not pages(room)


async def test_nothing_is_pruned_before_every_section_was_printed(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    await room.poll(paper("a"))
    stray = f"a/{'x' * 26}.html"
    Publisher(room.folder / "var" / "public").write({stray: b"of an article that is no more"})
    async with room.desk(paper("a")) as desk:
        assert desk.press.prune() == ()
        assert desk.press.publish().removed == (stray,)


# -- sources


async def test_a_removed_source_keeps_its_name_and_address_in_the_editions(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1), title="江边晨报")))
    room.web.answer("/b", ok(rss(item(2), title="山中晚报")))
    await room.poll(paper("a", "b"))
    before = room.published("world.json")
    assert "江边晨报".encode() in before
    await room.poll(paper("b"))
    assert [one.id for one in room.store.sources()] == ["b"]
    assert room.published("world.json") == before


async def test_the_new_title_of_a_source_is_printed_without_any_new_article(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1), title="江边晨报")), ok(rss(item(1), title="江边日报")))
    yaml = paper("a")
    await room.poll(yaml)
    async with room.desk(yaml) as desk:
        desk.press.publish()
        await room.poll(yaml)
        before = room.published("world.json")
        report = desk.press.publish()
        assert report.sections == ("world",)
        assert desk.press.publish().sections == ()
    assert "江边日报".encode() in room.published("world.json")
    assert "江边晨报".encode() not in before


async def test_what_is_new_of_a_source_that_a_section_does_not_show_leaves_it_alone(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    room.web.answer("/b", ok(rss(title="山中晚报")), ok(rss(title="山中日报")))
    yaml = paper("a", "b")
    await room.poll(yaml)
    async with room.desk(yaml) as desk:
        desk.press.publish()
        await room.poll(yaml)
        assert room.source("b").title == "山中日报"
        assert desk.press.publish().sections == ()


# -- durations


async def test_the_longest_max_age_is_printed_like_any_other(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    section = "{id: world, title: 国际, max_age: 36500d, delay: 0}"
    await room.poll(paper("a", section=section, more="retention: {articles: 36500d, bodies: 36500d}"))
    assert "新闻1".encode() in room.published("world.atom")
    async with room.desk(paper("a", section=section)) as desk:
        desk.press.publish()
        room.clock.forward(days=400)
        assert desk.press.publish().error is None


# -- the operator's own look


def error_of(room: Room) -> str | None:
    assert room.report is not None
    return room.report.error


async def test_a_template_that_breaks_at_work_leaves_the_old_files_and_says_where(room: Room) -> None:
    folder = room.folder / "looks"
    folder.mkdir()
    template = folder / "item.html"
    template.write_text("<article>« {{ item.title }} »</article>", encoding="utf-8")
    own = paper("a", more="output: {templates: looks}")
    room.web.answer("/a", ok(rss(item(1))), ok(rss(item(2, date=LATER), item(1))))
    await room.poll(own)
    assert "« 新闻1 »" in room.published("world/index.html").decode()

    template.write_text("<article>\n{{ item.titel }}</article>", encoding="utf-8")
    await room.poll(own)
    error = error_of(room)
    assert error is not None
    assert f"{template}:2: " in error
    assert "has no attribute 'titel'" in error
    assert "« 新闻1 »" in room.published("world/index.html").decode()
    assert "新闻2" not in room.published("world.atom").decode(), "feeds and pages stay together"

    template.write_text("<article>» {{ item.title }} «</article>", encoding="utf-8")
    await room.poll(own)
    assert error_of(room) is None
    assert "» 新闻2 «" in room.published("world/index.html").decode()


# -- long articles


async def test_what_is_stored_longer_than_an_article_may_be_is_bounded_when_it_is_printed(room: Room) -> None:
    room.web.answer("/a", ok(rss(item(1))))
    await room.poll(paper("a"))
    (stored,) = room.articles()
    with room.store.by_hand() as hand:
        hand.save([replace(stored, html="<p>长文。</p>" * 60_000)])
    await room.poll(paper("a"))
    for name in (f"a/{stored.uid}.html", "world.atom", "world.rss", "world.json"):
        assert 300_000 < room.published(name).decode().count("长") * len("<p>长文。</p>") <= 500_000
