"""Simplified and Traditional: what is converted, what is not, and where it is published."""

from __future__ import annotations

import io
from typing import Any

import feedparser
import pytest
from lxml import html as html_parser

from aggregator.config.model import Script, Section
from aggregator.publish import Also, FragmentCache, Scripts, SectionEdition, render_section, section_files
from aggregator.publish.scripts import convert_html, in_script
from storage.model import Article
from tests.publish.samples import BASE, article, paper, printed

SIMPLIFIED = "两岸渡轮恢复夜航，皇后码头的灯重新亮了，乘客们说后来再没有这样的夜晚，软件也发来信息。"
TRADITIONAL = "兩岸渡輪恢復夜航，皇后碼頭的燈重新亮了，乘客們說後來再沒有這樣的夜晚，軟件也發來信息。"
TAIWAN = "兩岸渡輪恢復夜航，皇后碼頭的燈重新亮了，乘客們說後來再沒有這樣的夜晚，軟體也發來資訊。"


def told(text: str, **fields: Any) -> Article:
    values = {"title": text, "summary": text, "text": text, "html": f"<p>{text}</p>", "language": "zh-CN"}
    return article(**values | fields)


def converted(one: Article, script: Script) -> Article:
    return in_script(printed(one), script).article


@pytest.mark.parametrize(
    ("text", "script", "expected"),
    [
        (SIMPLIFIED, "hant", TRADITIONAL),
        (SIMPLIFIED, "hant-tw", TAIWAN),
        (TRADITIONAL, "hans", SIMPLIFIED),
        (SIMPLIFIED, "hans", SIMPLIFIED),
        (TRADITIONAL, "hant", TRADITIONAL),
    ],
)
def test_words_are_converted_by_the_phrase(text: str, script: Script, expected: str) -> None:
    one = converted(told(text), script)
    assert (one.title, one.summary, one.text, one.html) == (
        expected,
        expected,
        expected,
        f"<p>{expected}</p>",
    )


def test_the_script_of_the_text_counts_not_the_language_that_a_source_declares() -> None:
    assert converted(told(TRADITIONAL, language="zh-CN"), "hans").title == SIMPLIFIED
    assert converted(told(SIMPLIFIED, language=None), "hant").title == TRADITIONAL


@pytest.mark.parametrize(
    "one",
    [
        told("国会と経済の会議が開かれ、学生も参加した。", language="ja"),
        told("Simplified 发 in an English text", language="en"),
        told("Nothing to convert", language=None),
    ],
)
def test_what_is_not_chinese_stays_as_it_is(one: Article) -> None:
    assert converted(one, "hant") == one


def test_the_identity_stays_and_the_language_tells_the_script() -> None:
    before = told(SIMPLIFIED)
    after = converted(before, "hant-hk")
    assert (after.uid, after.url, after.language) == (before.uid, before.url, "zh-HK")


def test_addresses_and_markup_are_left_alone() -> None:
    html = '<a href="https://a.example/国际/发" title="国际">国际</a><img src="https://a.example/图.jpg" alt="图 &lt;国&gt;">'
    assert convert_html(html, lambda text: text.replace("国际", "國際").replace("图", "圖").replace("国", "國")) == (
        '<a href="https://a.example/国际/发" title="國際">國際</a>'
        '<img src="https://a.example/图.jpg" alt="圖 &lt;國&gt;">'
    )  # fmt: skip


def test_what_stands_beside_the_article_is_converted_too() -> None:
    one = printed(
        told(SIMPLIFIED, authors=("张国强",), tags=("经济",)),
        source_name="环球时报",
        also=(Also(source_name="联合报", url="https://a.example/国", title="发现"),),
        sections=(("world", "国际"),),
    )
    made = in_script(one, "hant")
    assert (made.article.authors, made.article.tags) == (("張國強",), ("經濟",))
    assert (made.source_name, made.sections) == ("環球時報", (("world", "國際"),))
    assert made.also == (Also(source_name="聯合報", url="https://a.example/国", title="發現"),)


def test_half_a_character_does_no_harm() -> None:
    assert "國" in converted(told("国\ud800会这个"), "hant").title


# -- where it is published


def both(*script: Script) -> SectionEdition:
    section = Section(id="world", title="国际", script=script)
    edition = SectionEdition(
        section=section, title="国际", language="zh-CN", articles=(printed(told(SIMPLIFIED)),), archives=3
    )
    return Scripts().editions(edition)


def read(body: bytes) -> Any:
    return feedparser.parse(io.BytesIO(body))


def test_a_section_in_two_scripts_has_files_for_each() -> None:
    edition = both("hans", "hant")
    made = render_section(paper(edition), edition, FragmentCache()).files
    feeds = {f"world{variant}.{form}" for variant in ("", ".hant") for form in ("rss", "atom", "json")}
    pages = {"world/index.html", "world/hant/index.html", f"a/{edition.articles[0].article.uid}.html"}
    assert set(made) == feeds | pages
    assert section_files(edition.section, ("rss", "atom", "json", "html")) == feeds | pages - {
        name for name in pages if name.startswith("a/")
    }
    main, other = read(made["world.atom"]), read(made["world.hant.atom"])
    assert (main.feed.title, other.feed.title) == ("国际", "國際")
    assert (main.entries[0].title, other.entries[0].title) == (SIMPLIFIED, TRADITIONAL)
    assert main.entries[0].id == other.entries[0].id
    assert main.feed.id != other.feed.id
    links = {link.rel: link.href for link in other.feed.links}
    assert (links["self"], links["alternate"]) == (f"{BASE}/world.hant.atom", f"{BASE}/world/hant/")
    assert "prev-archive" not in links
    assert b'lang="zh-Hant"' in made["world.hant.atom"]
    assert 'href="../../world.hant.atom"' in made["world/hant/index.html"].decode()
    assert 'href="../../assets/style.css' in made["world/hant/index.html"].decode()


def test_one_script_takes_the_sections_own_names_and_the_article_page_stays_the_original() -> None:
    edition = both("hant")
    made = render_section(paper(edition), edition, FragmentCache()).files
    assert read(made["world.rss"]).entries[0].title == TRADITIONAL
    assert TRADITIONAL in made["world/index.html"].decode()
    assert SIMPLIFIED in made[f"a/{edition.articles[0].article.uid}.html"].decode()
    assert "world.hant.atom" not in made


def test_without_a_script_nothing_is_touched() -> None:
    assert both().articles[0].article.title == SIMPLIFIED
    assert both().originals is None


def test_what_was_converted_is_not_converted_again() -> None:
    scripts, edition = Scripts(), both()
    once = scripts.edition(edition, "hant").articles[0]
    assert scripts.edition(edition, "hant").articles[0] is once


# -- the switch on the pages


def page_of(files: dict[str, bytes], name: str) -> Any:
    return html_parser.document_fromstring(files[name].decode())


def rendered(*script: Script) -> dict[str, bytes]:
    section = Section(id="culture", title="文化", script=script)
    one = printed(told(SIMPLIFIED), sections=(("culture", "文化"),))
    made = Scripts().editions(
        SectionEdition(section=section, title="文化", language="zh-CN", articles=(one,))
    )
    return dict(render_section(paper(made), made, FragmentCache()).files)


def test_a_page_in_two_scripts_leads_from_one_to_the_other() -> None:
    files = rendered("hans", "hant-tw")
    for name, root, chosen in (
        ("culture/index.html", "../", "zh-Hans"),
        ("culture/hant-tw/index.html", "../../", "zh-TW"),
    ):
        page = page_of(files, name)
        links = page.findall(".//ul[@class='scripts']//a")
        assert [(link.text, link.get("lang"), link.get("href")) for link in links] == [
            ("简体", "zh-Hans", f"{root}culture/"),
            ("臺灣正體", "zh-TW", f"{root}culture/hant-tw/"),
        ]
        assert (
            [link.get("lang") for link in links if link.get("aria-current")] == [chosen] == [page.get("lang")]
        )
        assert [one.get("hreflang") for one in page.iterfind(".//link[@hreflang]")] == ["zh-Hans", "zh-TW"]
        assert (
            page.find(".//link[@rel='canonical']").get("href") == f"{BASE}/{name.removesuffix('index.html')}"
        )


def test_a_page_in_one_script_has_no_switch() -> None:
    for script in ((), ("hant",)):
        page = page_of(rendered(*script), "culture/index.html")
        assert page.find(".//ul[@class='scripts']") is None
        assert page.find(".//link[@hreflang]") is None
