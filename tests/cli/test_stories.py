"""Stories set right by hand: split, join, and what explain tells, over three sources that carry one story."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import feedparser
import pytest

from storage import open_store
from tests.cli.conftest import Run
from tests.dedup.texts import originals
from tests.support.documents import WORDS, item, rss
from tests.support.web import Web, ok

WHOLE = f"<p>{WORDS}</p><p>{WORDS[::-1]}</p><p>闸门由四十二台电机驱动，三分钟之内就能合拢。</p>"
SOURCES = ("morning", "evening", "portal")


def entry_of(source: str, text: str = WHOLE, *, number: int = 1, **fields: Any) -> str:
    values: dict[str, Any] = {
        "title": f"潮汐闸启用（{source}）", "text": text, "link": f"http://{source}.example/{number}.html",
        "guid": f"{source}-{number}", "date": f"Mon, 02 Mar 2026 0{SOURCES.index(source)}:00:00 GMT",
    }  # fmt: skip
    return item(number, **values | fields)


@pytest.fixture
def newsstand(tmp_path: Path, web: Web) -> Path:
    """Three sources that carry one story, and one article of their own each."""
    (tmp_path / "feeds.yaml").write_text(
        f"""\
site: {{title: 晨报, language: zh-CN}}
defaults: {{allow_private: 127.0.0.0/8}}
sources:
  - {{id: morning, name: 晨报, url: "{web.url("/morning")}", section: 国际}}
  - {{id: evening, name: 晚报, url: "{web.url("/evening")}", section: 财经}}
  - {{id: portal, name: 门户, url: "{web.url("/portal")}", section: 国际}}
sections:
  - {{id: world, title: 国际}}
  - {{id: business, title: 财经}}
""",
        encoding="utf-8",
    )
    for source in SOURCES:
        own = entry_of(source, f"<p>{source}自己的报道。{WORDS[3:30]}</p>", number=2, title=f"{source}独家")
        late = () if source == "morning" else (ok(b"", status="500 Not Yet"),)
        web.answer(f"/{source}", *late, ok(rss(entry_of(source), own)))
    return tmp_path


@pytest.fixture
def printed(newsstand: Path, run: Run) -> Path:
    """The morning's article came first."""
    assert run("run", "--once").exit_code == 1
    assert run("run", "--once", "--all").exit_code == 0
    return newsstand


def uid_of(run: Run, source: str) -> str:
    return str(fact(run, source)["uid"])


def fact(run: Run, source: str) -> dict[str, Any]:
    """The article of this source that the three have in common."""
    found = json.loads(run("articles", "--json", "--source", source).stdout)
    return next(dict(one) for one in found if "潮汐闸" in one["title"])


def feed(folder: Path, section: str) -> dict[str, Any]:
    """Of a published section the entries of the story by their address."""
    entries = feedparser.parse((folder / f"var/public/{section}.atom").read_bytes()).entries
    return {entry.link: entry for entry in entries if "潮汐闸" in entry.title}


def related(entry: Any) -> set[str]:
    return {link.href for link in entry.links if link.rel == "related"}


M, E, P = (f"http://{source}.example/1.html" for source in SOURCES)


def test_three_copies_are_one_entry_in_both_sections(printed: Path, run: Run) -> None:
    for section in ("world", "business"):
        ((link, entry),) = feed(printed, section).items()
        assert (link, related(entry)) == (M, {E, P})
    assert fact(run, "evening")["copy_of"] == uid_of(run, "morning")
    assert fact(run, "portal")["story"] == fact(run, "morning")["story"]


def test_a_copy_that_is_split_off_is_printed_at_once_by_itself(printed: Path, run: Run) -> None:
    result = run("split", uid_of(run, "evening"))
    assert result.exit_code == 0
    assert "is printed by itself from now on" in result.output
    assert set(feed(printed, "business")) == {E}
    assert {link: related(entry) for link, entry in feed(printed, "world").items()} == {M: {P}}
    split_off = fact(run, "evening")
    assert (split_off["copy_of"], split_off["story"]) == (None, split_off["uid"])
    assert (printed / f"var/public/a/{split_off['uid']}.html").exists()


@pytest.mark.parametrize("as_named", ["address", "entry id", "page"])
def test_an_article_may_be_named_by_whatever_one_has_of_it(printed: Path, run: Run, as_named: str) -> None:
    named = {
        "address": E,
        "entry id": f"tag:localhost,2026:{uid_of(run, 'evening')}",
        "page": f"http://127.0.0.1:8000/a/{uid_of(run, 'evening')}.html",
    }
    assert run("split", named[as_named]).exit_code == 0
    assert set(feed(printed, "business")) == {E}


def test_splitting_twice_says_so_and_changes_nothing(printed: Path, run: Run) -> None:
    uid = uid_of(run, "evening")
    first = json.loads(run("split", uid, "--json").stdout)
    again = json.loads(run("split", uid, "--json").stdout)
    assert (first["changed"], first["printed"], again["changed"]) == (True, True, False)
    assert first["article"]["uid"] == uid
    assert first["story"]["uid"] == uid_of(run, "morning")
    result = run("split", uid)
    assert (result.exit_code, "nothing to do" in result.output) == (0, True)


def test_it_is_remembered_when_the_article_changes_and_when_it_comes_again_under_other_names(
    printed: Path, run: Run, web: Web
) -> None:
    """The evening's article is edited; then the source gives its text a new guid and a new address."""
    run("split", uid_of(run, "evening"))
    edited = WHOLE + "<p>更正：电机共四十三台。</p>"
    web.answer("/evening", ok(rss(entry_of("evening", edited))))
    assert run("run", "--once", "--all").exit_code == 0
    assert set(feed(printed, "business")) == {E}
    web.answer("/evening", ok(rss(entry_of("evening", edited), entry_of("evening", number=9))))
    assert run("run", "--once", "--all").exit_code == 0
    assert related(feed(printed, "world")[M]) == {P}
    again = json.loads(run("explain", "http://evening.example/9.html", "--json").stdout)
    assert again["printed"] != uid_of(run, "morning")


def test_what_another_source_brings_still_joins_the_story(printed: Path, run: Run, web: Web) -> None:
    run("split", uid_of(run, "evening"))
    web.answer("/portal", ok(rss(entry_of("portal"), entry_of("portal", number=8))))
    assert run("run", "--once", "--all").exit_code == 0
    assert related(feed(printed, "world")[M]) == {P, "http://portal.example/8.html"}


def test_of_the_printed_article_the_others_are_taken_away_under_a_new_entry(printed: Path, run: Run) -> None:
    before = feed(printed, "world")[M].id
    result = run("split", uid_of(run, "morning"))
    assert "the story goes on without it" in result.output
    found = feed(printed, "world")
    assert found[M].id == before
    assert (related(found[M]), related(found[E])) == (set(), {P})
    assert set(feed(printed, "business")) == {E}
    assert run("run", "--once", "--all").exit_code == 0
    assert set(feed(printed, "world")) == {M, E}


def test_the_entry_keeps_its_id_when_the_copy_whose_words_it_has_goes(
    newsstand: Path, run: Run, web: Web
) -> None:
    """The evening has the whole text, and the morning's summary was there first."""
    page = "http://morning.example/1.html"
    web.answer("/morning", ok(rss(entry_of("morning", f"<p>{WORDS}</p>"))))
    web.answer("/evening", ok(b"", status="500 Not Yet"), ok(rss(entry_of("evening", link=page))))
    web.answer("/portal", ok(rss()))
    run("run", "--once")
    run("run", "--once", "--all")
    (before,) = feed(newsstand, "world").values()
    assert "四十二台" in before.content[0].value
    assert run("split", uid_of(run, "evening")).exit_code == 0
    (after,) = feed(newsstand, "world").values()
    assert "四十二台" not in after.content[0].value
    assert (after.id, after.published) == (before.id, before.published)
    assert after.updated > before.updated
    (own,) = feed(newsstand, "business").values()
    assert own.id != before.id


def test_join_undoes_it(printed: Path, run: Run) -> None:
    before = feed(printed, "world")[M].id
    run("split", E)
    result = run("join", E, M)
    assert result.exit_code == 0, result.output
    assert "is a copy of" in result.output
    ((link, entry),) = feed(printed, "business").items()
    assert (link, entry.id, related(entry)) == (M, before, {E, P})
    assert "nothing to do" in run("join", E, M).output


def test_what_was_joined_by_hand_may_be_merged_again(printed: Path, run: Run, web: Web) -> None:
    run("split", E)
    run("join", E, M)
    web.answer("/evening", ok(rss(entry_of("evening"), entry_of("evening", number=9))))
    run("run", "--once", "--all")
    assert related(feed(printed, "world")[M]) == {E, P, "http://evening.example/9.html"}


def test_two_articles_that_nothing_merges_are_joined_by_hand_with_their_copies(
    printed: Path, run: Run
) -> None:
    own = "http://portal.example/2.html"
    assert run("join", M, own).exit_code == 0
    facts = {source: fact(run, source) for source in SOURCES}
    joined = json.loads(run("explain", own, "--json").stdout)["article"]["uid"]
    assert {one["copy_of"] for one in facts.values()} == {joined}
    assert run("run", "--once", "--all").exit_code == 0
    assert {one["copy_of"] for one in (fact(run, source) for source in SOURCES)} == {joined}


# -- the page of the story


def pages(folder: Path, kind: str) -> set[str]:
    return {page.stem for page in (folder / "var/public" / kind).glob("*.html")}


def test_a_story_has_a_page_for_as_long_as_it_has_copies(printed: Path, run: Run) -> None:
    morning = uid_of(run, "morning")
    assert pages(printed, "story") == {morning}
    page = (printed / f"var/public/story/{morning}.html").read_text(encoding="utf-8")
    assert all(name in page for name in ("晨报", "晚报", "门户", "文字相同", E, P))
    assert f"../story/{morning}.html" in (printed / f"var/public/a/{morning}.html").read_text(
        encoding="utf-8"
    )
    run("split", E)
    assert "晚报" not in (printed / f"var/public/story/{morning}.html").read_text(encoding="utf-8")
    run("split", P)
    assert pages(printed, "story") == set()
    assert "../story/" not in (printed / f"var/public/a/{morning}.html").read_text(encoding="utf-8")


def test_a_story_is_hidden_with_its_copies(printed: Path, run: Run) -> None:
    with (printed / "feeds.yaml").open("a", encoding="utf-8") as file:
        file.write("dedup: {show_also: no}\n")
    assert run("publish").exit_code == 0
    assert pages(printed, "story") == set()


def test_the_page_of_an_article_that_became_a_copy_shows_the_story(printed: Path, run: Run) -> None:
    uid = uid_of(run, "evening")
    run("split", E)
    run("join", E, M)
    there, first = (
        (printed / f"var/public/a/{one}.html").read_bytes() for one in (uid, uid_of(run, "morning"))
    )
    assert there == first
    run("run", "--once", "--all")
    assert uid in pages(printed, "a")


def test_pages_of_stories_go_with_their_articles(printed: Path, run: Run) -> None:
    stray = printed / f"var/public/story/{'0' * 26}.html"
    stray.write_text("old", encoding="utf-8")
    other = printed / "var/public/story/mine.html"
    other.write_text("not ours", encoding="utf-8")
    assert run("publish").exit_code == 0
    assert (stray.exists(), other.exists()) == (False, True)
    assert pages(printed, "story") == {uid_of(run, "morning"), "mine"}


# -- explain


def test_explain_shows_each_copy_with_its_clause_and_why_one_is_printed(printed: Path, run: Run) -> None:
    told = run("explain", E)
    assert told.exit_code == 0
    assert f"3 articles, printed as {uid_of(run, 'morning')}" in told.stdout
    (shown,) = (line for line in told.stdout.splitlines() if line.startswith("  shown"))
    assert uid_of(run, "morning") in shown
    assert "its words are printed: is the earliest" in shown
    copies = [line for line in told.stdout.splitlines() if line.startswith("  copy")]
    assert [("晚报" in line, "门户" in line, "1.00 same text" in line) for line in copies] == [
        (True, False, True),
        (False, True, True),
    ]


def test_explain_tells_the_same_to_programs(printed: Path, run: Run) -> None:
    told = json.loads(run("explain", P, "--json").stdout)
    morning = uid_of(run, "morning")
    assert (told["printed"], told["shown"], told["why_shown"]) == (morning, morning, "is the earliest")
    assert [
        (one["source"], one["published"], one["verdict"], one["similarity"], one["clause"], one["shown"])
        for one in told["copies"]
    ] == [
        ("evening", "2026-03-02T01:00:00Z", "exact", 1.0, "same text", False),
        ("portal", "2026-03-02T02:00:00Z", "exact", 1.0, "same text", False),
    ]


def test_explain_tells_what_was_done_by_hand(printed: Path, run: Run) -> None:
    run("split", E)
    assert "split of" in run("explain", E).stdout
    run("join", E, M)
    told = json.loads(run("explain", M, "--json").stdout)
    assert [one["clause"] for one in told["copies"]] == ["joined by hand", "same text"]
    assert "joined by hand" in run("explain", M).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("split", "nobody"), "no article 'nobody'"),
        (("join", "nobody", M), "no article 'nobody'"),
        (("join", M, "http://nowhere.example/"), "no article 'http://nowhere.example/'"),
        (("join", M, M), "are one article"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_remedy(
    printed: Path, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert said in result.stderr


def test_before_the_first_poll_there_is_nothing_to_split(newsstand: Path, run: Run) -> None:
    result = run("split", "nobody")
    assert (result.exit_code, "no article 'nobody'" in result.stderr) == (1, True)


def test_where_two_articles_share_an_address_their_uids_are_listed(
    newsstand: Path, run: Run, web: Web
) -> None:
    """Three copies at one address: which of the two that are not printed is meant?"""
    for source in SOURCES:
        web.answer(f"/{source}", ok(rss(entry_of(source, link=M))))
    run("run", "--once")
    result = run("split", M)
    assert result.exit_code == 1
    assert "name one by its uid" in result.stderr
    assert uid_of(run, "evening") in result.stderr


def test_beside_a_running_writer_the_change_is_made_and_left_to_it_to_print(printed: Path, run: Run) -> None:
    daemon = open_store(f"sqlite:///{printed / 'var/aggregator.db'}")
    try:
        result = run("split", E)
        assert result.exit_code == 0, result.output
        assert re.search("running aggregator prints it", result.stderr)
        assert set(feed(printed, "business")) == {M}
        (kept,) = daemon.find(E)
        assert (kept.copy_of, daemon.edits()) == (None, 1)
    finally:
        daemon.close()
    run("publish")
    assert set(feed(printed, "business")) == {E}


NEAR = f"{WHOLE}<p>责任编辑：李四。本报将继续关注渔港的新变化，欢迎读者来信。</p>"
ABOUT_THE_SAME = (
    "<p>老石桥要修了。镇政府宣布，横跨柳河的石桥将于下月动工。本报走访了两岸：种菜的、送货的都盼着早日通车，桥头的杂货铺主人"
    "陈阿婆说没有桥的日子生意难做。施工期间，两岸居民可以乘坐免费渡船往来，船工老赵表示人手还不够。去年夏天的洪水之后，第三个桥墩下的"
    "河床被冲深，桥面出现裂缝，不少家长担心孩子上学的路。</p>"
)


def test_explain_tells_of_a_near_copy_and_of_what_is_about_the_same(
    newsstand: Path, run: Run, web: Web
) -> None:
    bridge = f"<p>{originals('zh')[0].text}</p>"
    first = rss(entry_of("morning"), entry_of("morning", bridge, number=3, title="柳河老桥下月动工"))
    second = rss(entry_of("evening", NEAR), entry_of("evening", ABOUT_THE_SAME, number=3, title="石桥将修"))
    web.answer("/morning", ok(first))
    web.answer("/evening", ok(b"", status="500 Not Yet"), ok(second))
    assert run("run", "--once").exit_code == 1
    assert run("run", "--once", "--all").exit_code == 0
    near = json.loads(run("explain", "--json", "http://evening.example/1.html").stdout)
    (decision,) = near["decisions"]
    assert decision["verdict"] == "near"
    assert "contains" in decision["clause"]
    one, other = (f"http://{source}.example/3.html" for source in ("morning", "evening"))
    for this, that in ((one, other), (other, one)):
        (related,) = json.loads(run("explain", "--json", this).stdout)["related"]
        assert related["url"] == that
        assert related["similarity"] > 0.3
    assert re.search(r"related .* alike, not merged\n +石桥将修", run("explain", one).stdout)
