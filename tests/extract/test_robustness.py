"""Whatever the bytes are: no exception, no script, bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator.extract import extract_article, extract_links, extract_listing
from aggregator.extract.furniture import is_furniture

URL = "https://news.example.cn/a/1.html"

_TAGS = st.sampled_from(
    "html body div p span a h1 h2 ul li table tr td script style title meta article time img figure pre br form".split()
)
_TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "2024-10-24国际",
            "来源：江畔晚报",
            "相关阅读",
            "责任编辑：王大明",
            "水塔改建成图书馆，工期九个月。" * 4,
        ]
    ),
)
_ATTRIBUTES = st.sampled_from(
    [
        "",
        ' class="content"',
        ' class="comment"',
        ' href="/a/2.html"',
        ' src="x.jpg"',
        ' style="display:none"',
        ' itemprop="author"',
    ]
)


@st.composite
def markup(draw: st.DrawFn) -> str:
    """Tags that open and close as they like."""
    pieces = draw(st.lists(st.tuples(_TAGS, _ATTRIBUTES, _TEXTS, st.booleans()), max_size=40))
    return "".join(
        f"<{tag}{attribute}>{text}{f'</{tag}>' if closed else ''}" for tag, attribute, text, closed in pieces
    )


def _read(html: bytes) -> None:
    result = extract_article(html, URL)
    assert not [note for note in result.notes if "could not be read" in note]
    if b"<pre" not in html.lower():  # whose lines are of one paragraph, and kept to the letter
        assert not any(
            is_furniture(line) for line in result.text.splitlines() if line.strip() and "\t" not in line
        )
    assert "<script" not in result.html
    extract_links(html, URL)
    extract_listing(html, URL)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_read(html: bytes) -> None:
    _read(html)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(markup())
def test_any_markup_is_read_and_leaves_no_furniture(html: str) -> None:
    _read(html.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "html",
    [
        b"",
        b"\x00" * 500,
        b"<" * 5000,
        b"<!--" * 2000,
        b'<html><meta charset="utf-7"><body>+ADw-script+AD4-',
        b"<p>&#0;&#1;&#xD800;&#xFFFF;&#x1F600;</p>",
        b'<script type="application/ld+json">' + b"[" * 50_000 + b"</script>",
        b'<script type="application/ld+json">{"@type":"NewsArticle","headline":{"a":1},"author":[[1]],"datePublished":[null]}</script>',
        b'<base href="javascript:x"><a href="b">c</a>',
        b'<base href="http://[::1"><a href="b">c</a><img src="http://[">',
        b"<time datetime='9999999999999999'>x</time><p>99999-99-99 99:99</p>",
    ],
    ids=range(11),
)
def test_a_hostile_document_is_read(html: bytes) -> None:
    _read(html)


@pytest.mark.parametrize(
    "html",
    [
        b"<div>" * 60_000 + b"x",
        b"<p>a</p>" * 40_000,
        b"<a href='/a/1'>b</a>" * 20_000,
        b"<ul><li>" * 20_000,
        b"<b>" * 30_000 + b"x</b>" * 30_000,
        b"<p>" + b"2024-10-24 " * 60_000,
        b"<title>" + b"a - " * 50_000,
        b"<p>" + "（记者 ".encode() * 40_000,
        b"<p>" + b"\xe5\xbd\x93\xe5\x89\x8d\xe4\xbd\x8d\xe7\xbd\xae: > " * 20_000,
        b"<img srcset='" + b"a 1w, " * 50_000 + b"'>",
        b"<script>var a = {content: '" + b"\\" * 300_000 + b"</script>",
        b"<div class='" + b"a-b " * 100_000 + b"'>x</div>",
        b"<table><tr><td>a<td>b</tr>" * 8_000,
    ],
    ids=range(13),
)
def test_a_huge_document_takes_bounded_time(html: bytes) -> None:
    begin = time.process_time()
    _read(html)
    assert time.process_time() - begin < 8


def test_handlers_and_schemes_of_scripts_are_not_carried_over() -> None:
    html = (
        "<h1>标题在这里</h1><div class='content'><p onclick='x()'>城东的旧水塔将改建成图书馆，工程九个月。"
        "<a href='javascript:x()'>甲</a><a href='JaVa\tScRiPt:x()'>乙</a><img src='x.jpg' onerror='x()'></p></div>"
    )
    tree = etree.fromstring(f"<div>{extract_article(html.encode(), URL).html}</div>", etree.HTMLParser())
    values = [value for element in tree.iter() for value in element.attrib.values()]
    assert not [name for element in tree.iter() for name in element.attrib if str(name).startswith("on")]
    assert not [value for value in values if "script" in str(value).lower()]


def test_text_that_looks_like_markup_stays_text() -> None:
    html = "<h1>标题在这里</h1><div class='content'><p>他写道，&lt;img src=x onerror=alert(1)&gt; 是危险的，要小心，再小心。</p></div>"
    assert "&lt;img src=x" in extract_article(html.encode(), URL).html
