from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.item import Item
from aggregator.normalise import Dropped, SourceContext, mint_uid, normalise
from storage.model import Article, Enclosure

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=3)
SOURCE = SourceContext(
    id="desk", url="https://news.example/rss.xml", zone=ZoneInfo("Asia/Shanghai"), name="报"
)
ITEM = Item(
    guid="g-1",
    url="/world/1.html",
    title="雨后的<b>桥</b> &amp; 河",
    content="<p>第一段说桥。</p><p>第二段说河。</p>",
    base_url="https://news.example/world/",
    published=BEFORE,
)


def taken(source: SourceContext = SOURCE, **changes: Any) -> Article:
    article = normalise(replace(ITEM, **changes), source, now=NOW)
    assert isinstance(article, Article)
    return article


def test_an_item_becomes_an_article_of_ours() -> None:
    article = taken()
    assert article == Article(
        uid=mint_uid("desk", "g-1"),
        source="desk",
        url="https://news.example/world/1.html",
        canonical_url="news.example/world/1.html",
        guid="g-1",
        title="雨后的桥 & 河",
        summary="第一段说桥。第二段说河。",
        html="<p>第一段说桥。</p><p>第二段说河。</p>",
        text="第一段说桥。\n第二段说河。",
        published=BEFORE,
        first_seen=NOW,
        language="zh-CN",
        story=article.uid,
        content_hash=article.content_hash,
    )


# -- title


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("  two\n lines ", "two lines"),
        ("\u202etitle\u202c with \u200bzero\ufeff width", "title with zero width"),
        ("क्\u200dष stays", "क्\u200dष stays"),
        ("bell\x07 and \x85next", "bell and next"),
        ("x" * 400, "x" * 299 + "…"),
        ("How the <canvas> element works", "How the <canvas> element works"),
    ],
)
def test_a_title_is_one_line_that_shows_all_it_holds(title: str, shown: str) -> None:
    assert taken(title=title, title_is_html=False).title == shown


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("<p>今天下雨。明天天晴。</p>", "今天下雨"),
        ("<p>It rained today. It will not tomorrow.</p>", "It rained today"),
        ("<p>" + "很长的句子没有句号，" * 20 + "</p>", None),
        ("<img src=/a.jpg>", "https://news.example/world/1.html"),
    ],
)
def test_a_missing_title_is_the_first_sentence_or_the_address(content: str, title: str | None) -> None:
    made = taken(title=" ", content=content).title
    assert made == title or (title is None and made.endswith("…") and 30 <= len(made) <= 60)


def test_an_item_without_title_text_and_address_is_dropped_with_a_reason() -> None:
    dropped = normalise(Item(guid="g-9"), SOURCE, now=NOW)
    assert dropped == Dropped(reason="an entry without title, text and address (guid 'g-9')")


# -- addresses


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"url": "1.html"}, "https://news.example/world/1.html"),
        ({"url": "1.html", "base_url": ""}, "https://news.example/1.html"),
        ({"url": "//cdn.example/x", "base_url": ""}, "https://cdn.example/x"),
        ({"url": "https://user:secret@news.example/x"}, "https://news.example/x"),
        ({"url": "https://news.example/" + "x" * 5000}, ""),
        ({"url": "javascript:alert(1)"}, ""),
        ({"url": ""}, ""),
    ],
)
def test_the_address_is_absolute_and_without_credentials(changes: dict[str, Any], url: str) -> None:
    assert taken(**changes).url == url


@pytest.mark.parametrize(
    ("declared", "identity"),
    [
        ("https://www.news.example/world/one?utm_source=rss", "news.example/world/one"),
        ("/world/one", "news.example/world/one"),
        ("https://other.example/world/one", "news.example/world/1.html"),
        ("https://news.example/", "news.example/world/1.html"),
        ("https://zh.news.example/one", "zh.news.example/one"),
        ("javascript:x", "news.example/world/1.html"),
        (None, "news.example/world/1.html"),
    ],
)
def test_a_declared_canonical_address_counts_on_its_own_site_alone(
    declared: str | None, identity: str
) -> None:
    assert taken(canonical_url=declared).canonical_url == identity


def test_under_a_public_second_level_two_names_are_two_sites() -> None:
    article = taken(url="https://one.com.cn/a", canonical_url="https://two.com.cn/b")
    assert article.canonical_url == "one.com.cn/a"


@pytest.mark.parametrize(
    ("declared", "origin"),
    [
        ("https://agency.example/a/1.html", "agency.example"),
        ("https://agency.example/", None),  # a template declares its owner's front page everywhere
        ("https://m.news.example/world/1.html", None),
    ],
)
def test_the_page_of_another_site_that_is_declared_to_be_the_original_names_the_origin(
    declared: str, origin: str | None
) -> None:
    assert taken(canonical_url=declared).origin == origin
    assert taken(canonical_url=declared, origin="江城晚报").origin == "江城晚报"


def test_the_guid_stays_raw() -> None:
    assert taken(guid=" HTTP://News.Example/?p=1#x ").guid == " HTTP://News.Example/?p=1#x "
    assert taken(guid="a\x00b").guid == "ab"
    assert taken(guid="x" * 5000).guid.startswith("blake2b:")


def test_enclosures_are_absolute_once_and_of_a_media_type() -> None:
    files = (
        Enclosure(url="/a.mp3", type="audio/mpeg; q=1", length=5),
        Enclosure(url="https://news.example/a.mp3"),
        Enclosure(url="ftp://news.example/b"),
        Enclosure(url="/c.jpg", type="<b>", length=-1),
    )
    assert taken(enclosures=files).enclosures == (
        Enclosure(url="https://news.example/a.mp3", type="audio/mpeg", length=5),
        Enclosure(url="https://news.example/c.jpg"),
    )


@pytest.mark.parametrize(
    ("changes", "image"),
    [
        ({"image": "/lead.jpg", "content": "<img src=/a.jpg>"}, "https://news.example/lead.jpg"),
        ({"image": "data:x", "content": "<img src=/a.jpg>"}, "https://news.example/a.jpg"),
        ({"enclosures": (Enclosure(url="/e.jpg", type="image/jpeg"),)}, "https://news.example/e.jpg"),
        ({"enclosures": (Enclosure(url="/e.mp3", type="audio/mpeg"),)}, None),
    ],
)
def test_the_picture_is_the_named_one_else_the_first_large_else_an_enclosed(
    changes: dict[str, Any], image: str | None
) -> None:
    assert taken(**changes).image == image


# -- words


def test_a_summary_alone_is_the_body_too() -> None:
    article = taken(content="", summary="<p>短讯：<i>桥</i>通了。</p>")
    assert article.html == "<p>短讯：<i>桥</i>通了。</p>"
    assert article.summary == "短讯：桥通了。"


def test_a_sub_heading_is_no_part_of_a_summary_made_of_the_text() -> None:
    article = taken(
        content="<h2>绪论</h2><p>第一段说桥。</p><h3>桥的<b>历史</b></h3><p>第二段说河。</p>", summary=""
    )
    assert article.summary == "第一段说桥。第二段说河。"
    assert article.text.splitlines() == ["绪论", "第一段说桥。", "桥的历史", "第二段说河。"]


def test_a_summary_made_of_the_text_ends_with_a_sentence() -> None:
    summary = taken(content="<p>" + "这是一句话。" * 60 + "</p>").summary
    assert summary.endswith("。")
    assert 100 <= len(summary) <= 200


@pytest.mark.parametrize(
    "tail", ["The post One appeared first on The Paper.", "[…]", "[...]", "… Continue reading One"]
)
def test_the_furniture_of_a_summary_goes(tail: str) -> None:
    assert taken(summary=f"Said in short {tail}").summary == "Said in short…"


@pytest.mark.parametrize(
    ("authors", "shown"),
    [
        (("a@news.example (张三)",), ("张三",)),
        (("张三 <a@news.example>",), ("张三",)),
        (('"Li, Si" <a@news.example>',), ("Li, Si",)),
        (("By Ann Lee", "ann lee", ""), ("Ann Lee",)),
        (("作者：张三、李四",), ("张三", "李四")),
        (("Jane Roe (AFP)",), ("Jane Roe (AFP)",)),
        (("Bob (b@news)",), ("Bob",)),
        (("张三（新华社、北京）、李四",), ("张三（新华社、北京）", "李四")),
        (("本报记者 王五",), ("王五",)),
        (("noreply@news.example", "desk@news.example"), ("desk@news.example",)),
        (("<b>张三</b>\n",), ("张三",)),
    ],
)
def test_authors_are_names_each_once(authors: tuple[str, ...], shown: tuple[str, ...]) -> None:
    assert taken(authors=authors).authors == shown


def test_tags_are_clean_and_told_apart_by_letter_case_no_more() -> None:
    assert taken(tags=("#国际", "World", "world", " ", "<i>财经</i>")).tags == ("国际", "World", "财经")


@pytest.mark.parametrize(
    ("label", "labels"),
    [
        (None, ("时政", "国际", "新闻", "桥")),
        ("要闻", ("要闻",)),
    ],
)
def test_labels_are_the_configured_one_else_what_the_page_says_innermost_first(
    label: str | None, labels: tuple[str, ...]
) -> None:
    article = taken(
        replace(SOURCE, label=label),
        section="时政",
        breadcrumb=("首页", "报社", "新闻", "国际", "正文"),
        tags=("桥", "国际"),
        site="报社",
    )
    assert article.labels == labels
    assert article.breadcrumb == ("首页", "报社", "新闻", "国际", "正文")


# -- dates


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        (datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8))), datetime(2026, 3, 1, 0, tzinfo=UTC)),
        (datetime(2026, 3, 1, 8), datetime(2026, 3, 1, 0, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(1970, 1, 1, tzinfo=UTC), None),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=8))), None),
        (datetime(1970, 1, 2, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC)),
    ],
)
def test_dates_are_in_utc_and_the_epoch_is_none(given: datetime | None, kept: datetime | None) -> None:
    assert taken(published=given).published == kept


@pytest.mark.parametrize(("policy", "published"), [("clamp", NOW), ("keep", NOW + timedelta(days=2))])
def test_a_date_ahead_of_now_follows_the_policy(policy: Any, published: datetime) -> None:
    assert (
        taken(replace(SOURCE, future_dates=policy), published=NOW + timedelta(days=2)).published == published
    )


def test_an_article_from_the_future_is_dropped_where_that_is_configured() -> None:
    item = replace(ITEM, published=NOW + timedelta(days=2))
    dropped = normalise(item, replace(SOURCE, future_dates="drop"), now=NOW)
    reason = "'雨后的桥 & 河' is dated 2026-03-03 12:00 UTC, which is ahead of now"
    assert dropped == Dropped(reason=reason, later=True)


@pytest.mark.parametrize(
    ("updated", "kept"),
    [
        (BEFORE, None),
        (BEFORE - timedelta(hours=1), None),
        (BEFORE + timedelta(hours=1), BEFORE + timedelta(hours=1)),
        (NOW + timedelta(hours=1), NOW),
    ],
)
def test_an_update_is_later_than_the_publication(updated: datetime, kept: datetime | None) -> None:
    assert taken(updated=updated).updated == kept


def test_an_entry_that_is_only_updated_was_published_then() -> None:
    article = taken(published=None, updated=BEFORE)
    assert (article.published, article.updated) == (BEFORE, None)


# -- identity


@pytest.mark.parametrize(
    ("changes", "identity"),
    [
        ({}, "g-1"),
        ({"guid": ""}, "news.example/world/1.html"),
        ({"guid": "", "url": ""}, "雨后的桥 & 河\n2026-03-01T09:00:00+00:00"),
        ({"guid": "", "url": "", "published": None}, "雨后的桥 & 河\n第一段说桥。\n第二段说河。"),
    ],
)
def test_the_uid_is_minted_of_the_best_identity_there_is(changes: dict[str, Any], identity: str) -> None:
    assert taken(**changes).uid == mint_uid("desk", identity)


def test_a_uid_is_26_small_letters_and_digits_and_another_for_another_source() -> None:
    uid = mint_uid("desk", "g-1")
    assert len(uid) == 26
    assert uid.isalnum()
    assert uid == uid.lower()
    assert uid != mint_uid("des", "kg-1")


@pytest.mark.parametrize(
    "changes",
    [
        {"published": NOW - timedelta(days=1)},
        {"updated": NOW},
        {"guid": "g-2"},
        {"tags": ("x",)},
        {"content": "<p>第一段说桥。</p>\n\n  <p>第二段说河。</p>"},
    ],
)
def test_what_no_reader_sees_is_no_revision(changes: dict[str, Any]) -> None:
    assert taken(**{"content": "<p>第一段说桥。</p> <p>第二段说河。</p>", **changes}).content_hash == (
        taken(content="<p>第一段说桥。</p> <p>第二段说河。</p>").content_hash
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>正文</p><p>阅读 1234 评论(56)</p>", "<p>正文</p><p>阅读 1250 评论(57)</p>"),
        ("<p>正文</p><p>12条评论</p>", "<p>正文</p><p>13条评论</p>"),
        ("<p>Body</p><p>12 comments</p>", "<p>Body</p><p>1,013 comments</p>"),
        ("<p>2 voters, 3 comments, 4</p>", "<p>2 voters, 5 comments, 4</p>"),
        ("<p>Body</p><p>1,013. k+ reactions</p>", "<p>Body</p><p>1,014. k+ reactions</p>"),
        ("<p>正文</p><p>评论次數 ： 1</p>", "<p>正文</p><p>评论次數 ： 2</p>"),
        ('<p>x<img src="/a.jpg?auth=1"></p>', '<p>x<img src="/a.jpg?auth=2"></p>'),
    ],
)
def test_counters_and_signatures_of_pictures_are_no_revision(one: str, other: str) -> None:
    assert taken(content=one).content_hash == taken(content=other).content_hash


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "另一个题目"},
        {"content": "<p>第一段说桥！</p>"},
        {"content": "<p>共有 12 人参加</p>"},
        {"authors": ("张三",)},
        {"image": "/b.jpg"},
        {"url": "/world/2.html"},
        {"enclosures": (Enclosure(url="/a.mp3"),)},
    ],
)
def test_what_a_reader_sees_is_a_revision(changes: dict[str, Any]) -> None:
    assert taken(**changes).content_hash != taken().content_hash


def test_an_article_is_the_same_after_its_way_between_processes() -> None:
    article = taken(
        authors=("张三",), tags=("x",), enclosures=(Enclosure(url="/a.mp3", length=3),), updated=NOW
    )
    assert pickle.loads(pickle.dumps(article)) == article


def test_numbers_in_the_text_are_no_counters() -> None:
    assert (
        taken(content="<p>共有 12 人伤亡</p>").content_hash
        != taken(content="<p>共有 13 人伤亡</p>").content_hash
    )
