"""Breadcrumbs, bylines, dates, titles and languages: tables of lines as pages write them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator.extract import Extracted, extract_article
from aggregator.extract.language import find_language
from aggregator.extract.names import is_chinese_person, is_name, is_outlet

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=ZONE)
BODY = (
    "<div class='content'><p>市水务局宣布，城东的旧水塔将在明年春天改建成一座小型图书馆，工程预计九个月。</p>"
    "<p>水塔建于上世纪六十年代，早已不再供水，设计师说，圆形的塔身会保留下来。</p></div>"
)


def _page(
    above: str = "", below: str = "", *, title: str = "旧水塔将变成图书馆", head: str = "", body: str = BODY
) -> Extracted:
    html = (
        f"<html><head><meta charset='utf-8'><title>{title}</title>{head}</head>"
        f"<body>{above}<h1>旧水塔将变成图书馆</h1>{below}{body}</body></html>"
    )
    return extract_article(html.encode(), "https://news.example.cn/a/tower.html", zone=ZONE, now=NOW)


@pytest.mark.parametrize(
    ("bar", "names", "section"),
    [
        (
            "<div>当前位置：<a>首页</a> &gt; <a>国内</a> &gt; <a>社会</a> &gt; 正文</div>",
            ("国内", "社会"),
            "社会",
        ),
        (
            "<div>您的位置： 江畔网 &gt;&gt; 财经 &gt;&gt; 旧水塔将变成图书馆</div>",
            ("江畔网", "财经"),
            "财经",
        ),
        ("<div>您现在的位置：江畔网首页 → 体育</div>", ("江畔网", "体育"), "体育"),
        ("<div class='location'>位置：首页 &gt; 新闻动态</div>", ("新闻动态",), "新闻动态"),
        ("<p class='path'><a>产经</a> <span>&gt;</span> <span>正文</span></p>", ("产经",), "产经"),
        ("<div><a>首页</a> / <a>科技</a> / <span>正文</span></div>", ("科技",), "科技"),
        ("<ul class='breadcrumb'><li>Home</li><li>World</li><li>Asia</li></ul>", ("World", "Asia"), "Asia"),
        (
            "<div><a href='/'>江畔网</a> --&gt; <a href='/b/'>商业</a> --&gt; <a href='/b/e/'>能源</a></div>",
            ("江畔网", "商业", "能源"),
            "能源",
        ),
        ("<div>今天气温 &gt; 二十度</div>", (), None),
        ("<div class='path'>只有一个名字</div>", (), None),
    ],
)
def test_a_breadcrumb_is_read(bar: str, names: tuple[str, ...], section: str | None) -> None:
    found = _page(above=bar)
    assert (found.breadcrumb, found.section) == (names, section)


@pytest.mark.parametrize(
    ("line", "authors", "origin"),
    [
        ("2024-10-24 09:30 来源：江畔晚报 作者：林小舟 责任编辑：王大明", ("林小舟",), "江畔晚报"),
        ("来源：江畔晚报 | 作者：林小舟、周晓航", ("林小舟", "周晓航"), "江畔晚报"),
        ("发表于2024-10-24 21:30 | 1164次阅读 | 来源江畔网 | 作者林小舟", ("林小舟",), "江畔网"),
        ("2024-10-24 10:56:28 江畔时报网", (), "江畔时报网"),
        ("江畔晚报 2024-10-24 10:37:31", (), "江畔晚报"),
        ("责任编辑：王大明 2024-10-24", (), None),
        ("来源：本站 作者：佚名 2024-10-24", (), None),
        ("2024-10-24 作者：未知 点击：100", (), None),
        ("文/林小舟 2024-10-24 09:30", ("林小舟",), None),
        ("By Jane Doe and John Roe", ("Jane Doe", "John Roe"), None),
        ("来源：江畔晚报 作者：林小舟（江畔社） 2024-10-24", ("林小舟（江畔社）",), "江畔晚报"),
        ("作者：林小舟（2024-10-24）", ("林小舟",), None),
        ("Author: Jane Doe (AFP)", ("Jane Doe (AFP)",), None),
    ],
)
def test_author_origin_and_editor_are_told_apart(
    line: str, authors: tuple[str, ...], origin: str | None
) -> None:
    found = _page(below=f"<div class='info'>{line}</div>")
    assert (found.authors, found.origin) == (authors, origin)


@pytest.mark.parametrize(
    ("ending", "authors"),
    [
        ("（林小舟 周晓航）", ("林小舟", "周晓航")),
        ("（本报记者 林小舟）", ("林小舟",)),
        ("□ 本报记者 林小舟", ("林小舟",)),
        ("（完）", ()),
        ("（图文无关）", ()),
        ("编辑：林小舟", ()),
        ("记者：你对这个计划怎么看？", ()),
    ],
)
def test_a_signature_below_the_text_is_read(ending: str, authors: tuple[str, ...]) -> None:
    body = BODY.replace("</div>", f"<p>{ending}</p></div>")
    assert _page(body=body).authors == authors


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("2024-10-24国际", "2024-10-24T00:00:00+08:00"),
        ("发布时间：2024年10月24日 09:05", "2024-10-24T09:05:00+08:00"),
        ("2024/10/24 9:05:07 来源：江畔晚报", "2024-10-24T09:05:07+08:00"),
        ("发布时间：24-10-2409:05", "2024-10-24T09:05:00+08:00"),
        ("<time datetime='2024-10-24T01:05:00Z'>昨日</time>", "2024-10-24T09:05:00+08:00"),
        ("今天是2024年10月24日 星期四", None),
        ("版权所有 2024-10-24", None),
        ("第2024号公告", None),
    ],
)
def test_the_date_below_the_title_is_read(line: str, date: str | None) -> None:
    published = _page(below=f"<div>{line}</div>").published
    assert (published.isoformat() if published else None) == date


def test_a_declared_date_goes_before_a_visible_one_which_completes_its_time() -> None:
    found = _page(below="<div>2024-10-24 09:05</div>", head="<meta name='pubdate' content='2024-10-24'>")
    assert found.published == datetime(2024, 10, 24, 9, 5, tzinfo=ZONE)


def test_a_date_of_a_comment_is_not_the_date_of_the_article() -> None:
    assert _page(body=BODY + "<div class='comments'><p>网友 2024-10-25 08:00</p></div>").published is None


@pytest.mark.parametrize(
    ("title", "h1", "expected"),
    [
        ("旧水塔将变成图书馆_社会_江畔网", "旧水塔将变成图书馆", "旧水塔将变成图书馆"),
        ("旧水塔将变成图书馆-江畔网", "江畔网", "旧水塔将变成图书馆"),
        ("旧水塔将变成图书馆", "原创 | 旧水塔将变成图书馆", "旧水塔将变成图书馆"),
        ("江畔网--旧水塔将变成图书馆", "旧水塔将变成图书馆", "旧水塔将变成图书馆"),
        ("社会", "旧水塔将变成图书馆", "旧水塔将变成图书馆"),
        ("", "旧水塔将变成图书馆", "旧水塔将变成图书馆"),
        (
            "Old tower to become a library | Riverside Post",
            "Old tower to become a library",
            "Old tower to become a library",
        ),
        ("Old tower to become a library - Riverside Post", "Riverside Post", "Old tower to become a library"),
    ],
)
def test_the_title_is_the_heading_that_the_head_confirms(title: str, h1: str, expected: str) -> None:
    html = f"<html><head><meta charset='utf-8'><title>{title}</title></head><body><h1>{h1}</h1>{BODY}</body></html>"
    assert extract_article(html.encode(), "https://news.example.cn/a/tower.html").title == expected


def test_without_any_heading_the_title_is_the_line_above_the_text() -> None:
    lines = "<div>当前位置: 江畔网 &gt; 国际</div><div>旧水塔将变成图书馆</div><div>2024-10-24国际</div>"
    found = extract_article(
        f"<meta charset='utf-8'><body>{lines}{BODY}".encode(), "https://news.example.cn/1.html", zone=ZONE
    )
    assert (found.title, found.section, found.site) == ("旧水塔将变成图书馆", "国际", "江畔网")
    assert found.text.startswith("市水务局宣布")


@pytest.mark.parametrize(
    ("claims", "sample", "language"),
    [
        (["zh-CN"], "这座水塔将会变成图书馆，我们都很高兴。", "zh-CN"),
        (["en"], "这座水塔将会变成图书馆，我们都很高兴。", "zh-CN"),
        (["zh-CN"], "這座水塔將會變成圖書館，我們都很高興。", "zh-TW"),
        (["zh-HK"], "這座水塔將會變成圖書館，我們都很高興。", "zh-HK"),
        (["zh"], "この水塔は図書館になります。とても楽しみです。", "ja"),
        ([], "이 물탑은 도서관이 될 것입니다. 우리는 기쁩니다.", "ko"),
        (["en_GB"], "The tower is to be a library and we are glad of it.", "en-GB"),
        (["zh-CN"], "The tower is to be a library and we are glad of it.", "en"),
        (["de-DE"], "Der Turm wird eine Bibliothek, und wir freuen uns.", "de-DE"),
        ([], "Башня станет библиотекой, и мы очень рады этому.", "ru"),
        ([], "", None),
    ],
)
def test_the_language_is_what_is_declared_unless_the_letters_deny_it(
    claims: list[str], sample: str, language: str | None
) -> None:
    assert find_language(claims, sample) == language


def test_the_zone_is_that_of_the_language_where_none_is_given() -> None:
    html = (
        f"<title>旧水塔将变成图书馆</title><h1>旧水塔将变成图书馆</h1><p>2024-10-24 09:05</p>{BODY}".encode()
    )
    assert extract_article(html, "https://a.example/1").published == datetime(2024, 10, 24, 9, 5, tzinfo=ZONE)


def test_an_agency_in_brackets_is_one_with_the_name_before_it() -> None:
    declared = "<meta name='author' content='Jane Doe (AFP, Paris), John Roe (DPA)'>"
    assert _page(head=declared).authors == ("Jane Doe (AFP, Paris)", "John Roe (DPA)")


def test_names_of_people_and_outlets() -> None:
    assert is_chinese_person("林小舟")
    assert is_chinese_person("欧阳晓")
    assert not is_chinese_person("江畔晚报")
    assert not is_chinese_person("第二天")
    assert is_outlet("江畔晚报")
    assert not is_name("佚名")
    assert not is_name("L_104485")
