"""The page of a story: its copies, and what each of them says otherwise."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import html as html_parser

from aggregator.config.model import Output
from aggregator.publish.edition import Also, Copy, PrintedArticle, Related, Story
from aggregator.publish.entry import MOST_NAMED
from aggregator.publish.fragments import FragmentCache
from aggregator.publish.paths import render_paper, story_page
from aggregator.publish.story import MOST_COMPARED
from storage.model import Article
from tests.publish.samples import BASE, NOON, article, edition, paper, printed, uid_of
from tests.publish.test_pages import PAYLOADS
from tests.support.scripts import strange_scripts

TEXT = "潮汐闸昨日启用。\n渔民说，作业日多了五十六天。\n港务局将在月底公布细则。"
UID = uid_of("潮汐闸启用")


def of_source(source: str, text: str = TEXT, **fields: Any) -> Article:
    values: dict[str, Any] = {
        "uid": uid_of(source), "source": source, "title": "潮汐闸启用", "text": text, "html": "", "language": "zh-CN",
        "url": f"https://{source}.example/1.html",
    }  # fmt: skip
    return article(**values | fields)


def copy(source: str, text: str = TEXT, *, name: str = "", **fields: Any) -> Copy:
    told = {key: fields.pop(key) for key in ("similarity", "clause", "shown", "origin") if key in fields}
    return Copy(article=of_source(source, text, **fields), source_name=name or source, **told)


def told(*copies: Copy, text: str = TEXT, **fields: Any) -> PrintedArticle:
    """A story that is printed in the words of the first copy."""
    story = {key: fields.pop(key) for key in ("reasons", "related") if key in fields}
    first = copy("甲报", text, uid=UID, shown=True)
    also = tuple(Also(source_name=one.source_name, url=one.article.url) for one in copies)
    return printed(first.article, also=also, story=Story(copies=(first, *copies), **story), **fields)


def page(one: PrintedArticle, *, language: str = "zh-CN", **fields: Any) -> Any:
    whole = paper(edition(one, language=language), **fields)
    whole = paper(
        edition(one, language=language),
        site=whole.site.model_copy(update={"language": language}),
        **fields,
    )
    files = render_paper(whole, FragmentCache())
    assert files.faults == ()
    return html_parser.document_fromstring(files.files[story_page(one.article.uid)].decode())


def text(node: Any) -> str:
    return " ".join(node.text_content().split())


def sections(tree: Any) -> list[Any]:
    return list(tree.findall(".//section[@class='copy']"))


def test_every_copy_is_there_with_source_time_link_similarity_and_clause() -> None:
    tree = page(
        told(
            copy(
                "乙报",
                similarity=1.0,
                clause="same text",
                url="https://b.example/1.html",
                published=NOON - timedelta(hours=1),
            ),
            copy("丙报", TEXT + "多一句话。", similarity=0.934, clause="contains 0.93 of the shorter text"),
            reasons=("is named as the origin",),
        )
    )
    assert "共 3 篇" in text(tree.find(".//p[@class='description']"))
    shown = tree.find(".//section[@class='copy shown']")
    assert "本报采用：被称为来源" in text(shown)
    one, other = sections(tree)
    assert one.find(".//h2/a").get("href") == "https://b.example/1.html"
    assert one.find(".//time").get("datetime") == (NOON - timedelta(hours=1)).isoformat()
    assert "相似度 100 %" in text(one)
    assert text(one.find(".//span[@class='clause']")) == "文字相同"
    assert text(other.find(".//span[@class='clause']")) == "包含较短一篇的 0.93"
    assert "文字完全相同" in text(one)
    assert "相似度 93 %" in text(other)


def test_what_differs_is_marked_word_by_word() -> None:
    tree = page(
        told(copy("乙报", TEXT.replace("五十六", "四十六").replace("\n港务局将在月底公布细则。", "")))
    )
    (one,) = sections(tree)
    body = one.find(".//div[@class='body']")
    assert [node.text for node in body.iter("ins")] == ["四"]
    assert [node.text for node in body.iter("del")] == ["五", "港务局将在月底公布细则。"]


def test_a_copy_in_the_other_script_is_the_same() -> None:
    traditional = "潮汐閘昨日啟用。\n漁民說，作業日多了五十六天。\n港務局將在月底公佈細則。".replace(
        "佈", "布"
    )
    (one,) = sections(page(told(copy("乙报", traditional))))
    assert "文字完全相同" in text(one)
    assert one.find(".//details") is None


def test_a_long_part_that_a_copy_lacks_is_folded_away() -> None:
    long = "\n".join(f"第{n}段说的是第{n}件事，与别的{n}段不同。" for n in "一二三四五六七")
    (one,) = sections(page(told(copy("乙报", long.splitlines()[0]), text=long)))
    lacking = one.find(".//details[@class='lacking']")
    assert text(lacking.find("summary")) == "此处没有的 6 段"
    assert len(lacking.findall("p")) == 6
    assert lacking.get("open") is None


def test_another_title_is_marked_too() -> None:
    (one,) = sections(page(told(copy("乙报", title="潮汐闸今日启用"))))
    assert [node.text for node in one.find(".//p[@class='headline']").iter("ins")] == ["今日"]


def test_a_copy_without_a_text_says_so() -> None:
    (one,) = sections(page(told(copy("乙报", ""))))
    assert "没有正文" in text(one)


def test_of_many_copies_the_first_are_compared_and_all_are_named() -> None:
    many = [copy(f"报{n}", TEXT + f"第{n}家另有说明。") for n in range(30)]
    found = sections(page(told(*many)))
    assert len(found) == 30
    assert sum(one.find(".//details") is not None for one in found) == MOST_COMPARED
    assert sum(one.find(".//details[@open]") is not None for one in found) == 3


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("same address", "同一网址"),
        (
            "reworded: terms 0.61 alike, 0.40 contained, numbers 3/4",
            "改写：用词相似 0.61，包含 0.40，数字 3/4",
        ),
        (
            "one story by another copy: contains 0.90 of the shorter text",
            "经另一篇认定为同一报道，包含较短一篇的 0.90",
        ),
        ("a rule of tomorrow", "a rule of tomorrow"),
    ],
)
def test_the_rule_is_told_in_the_language_of_the_paper(clause: str, words: str) -> None:
    (one,) = sections(page(told(copy("乙报", clause=clause))))
    assert text(one.find(".//span[@class='clause']")) == words
    (one,) = sections(page(told(copy("乙报", clause=clause)), language="en"))
    assert text(one.find(".//span[@class='clause']")) == clause


def test_copies_at_the_very_page_of_the_entry_are_told_on_the_page_of_the_story_alone() -> None:
    one = replace(told(copy("乙报")), also=())
    page_ = (
        render_paper(paper(edition(one, language="zh-CN")), FragmentCache()).files[f"a/{UID}.html"].decode()
    )
    assert f'href="../story/{UID}.html"' in page_


def test_related_stories_stand_below_and_lead_to_their_pages() -> None:
    other = Related(uid=uid_of("x"), title="渔港的另一条新闻", source_name="丁报", similarity=0.41)
    tree = page(told(copy("乙报"), related=(other,)))
    below = tree.find(".//section[@class='related']")
    assert text(below.find("h2")) == "相关报道"
    assert below.find(".//a").get("href") == f"../a/{uid_of('x')}.html"
    assert "丁报 41 %" in text(below)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Only here"), ("zh-TW", "僅見於此"), ("zh-CN", "仅见于此")]
)
def test_the_page_speaks_the_language_of_the_paper(language: str, words: str) -> None:
    tree = page(told(copy("乙报", TEXT + "多一句。")), language=language)
    assert text(tree.find(".//p[@class='legend']/ins")) == words


def test_it_is_linked_to_from_the_article_page_and_from_every_feed() -> None:
    one = told(copy("乙报"))
    files = render_paper(paper(edition(one, language="zh-CN")), FragmentCache()).files
    address = f"{BASE}/story/{UID}.html"
    assert f'href="../story/{UID}.html"' in files[f"a/{UID}.html"].decode()
    for name in ("world.atom", "world.rss", "world.json"):
        assert address in files[name].decode(), name


def test_an_article_without_copies_has_no_such_page_and_no_link_to_one() -> None:
    one = printed(of_source("甲报"))
    files = render_paper(paper(edition(one)), FragmentCache()).files
    assert not any(name.startswith("story/") for name in files)
    assert not any(b"/story/" in body for body in files.values())


@pytest.mark.parametrize("output", [Output(content="summary"), Output(formats=("atom", "json"))])
def test_a_paper_without_article_pages_has_none_of_stories(output: Output) -> None:
    files = render_paper(paper(edition(told(copy("乙报"))), output=output), FragmentCache()).files
    assert not any("story/" in name for name in files)
    assert b"/story/" not in files["world.atom"]


def test_an_entry_names_a_dozen_copies_and_says_how_many_there_are() -> None:
    one = told(*(copy(f"报{n}") for n in range(MOST_NAMED + 5)))
    files = render_paper(paper(edition(one, language="zh-CN")), FragmentCache()).files
    found = re.search(r"另见：.*?/p&gt;", files["world.rss"].decode())
    assert found is not None
    assert found[0].count("href") == MOST_NAMED + 1
    assert "另有 5 处" in found[0]


def test_the_page_is_rendered_again_when_a_copy_changes_and_only_then() -> None:
    cache = FragmentCache()

    def rendered(one: PrintedArticle) -> tuple[bytes, int]:
        before = cache.misses
        body = render_paper(paper(edition(one)), cache).files[story_page(UID)]
        return body, cache.misses - before

    first, _ = rendered(told(copy("乙报")))
    assert rendered(told(copy("乙报"))) == (first, 0)
    assert rendered(told(copy("乙报", TEXT + "改。")))[0] != first
    assert rendered(told(copy("乙报", clause="another")))[0] != first


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_a_copy_carries_acts(payload: str) -> None:
    hostile = copy(
        "乙报", f"{TEXT}\n{payload}", title=payload, name=payload, clause=payload, url=f"javascript:{payload}"
    )
    tree = page(
        told(hostile, related=(Related(uid=UID, title=payload, source_name=payload, similarity=0.5),))
    )
    assert not strange_scripts(tree)
    assert not list(tree.iter("iframe", "img", "svg", "style"))
    assert not [name for node in tree.iter() for name in node.attrib if name.startswith("on")]
    assert not [node for node in tree.iter("a") if "javascript" in node.get("href", "")]
