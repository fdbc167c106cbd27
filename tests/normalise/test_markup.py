from __future__ import annotations

import pytest

from aggregator.normalise import clean_html
from aggregator.normalise.markup import lead_picture, markup_of

BASE = "https://news.example/world/1.html"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<p>甲</p>", "<p>甲</p>"),
        ("<P CLASS=x STYLE='color:red'>甲<SPAN>乙</SPAN></P>", "<p>甲乙</p>"),
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("a &amp; b &lt; c", "a &amp; b &lt; c"),
        ("<p>甲</p><p>&nbsp;</p><p><br></p><p>乙</p>", "<p>甲</p><p>乙</p>"),
        ("<pre>\n\nx\n</pre>", "<pre>x\n</pre>"),
        ("a\x00b\x0bc\ufffe\ud800", "abc"),
        ("<table><tr><td colspan=2 onclick=x>1</td></tr></table>",
         '<table><tbody><tr><td colspan="2">1</td></tr></tbody></table>'),
        ("x<!-- comment -->y", "xy"),
    ],
)  # fmt: skip
def test_markup_is_reduced_to_what_it_says(written: str, shown: str) -> None:
    assert clean_html(written, BASE) == shown


@pytest.mark.parametrize(
    ("href", "shown"),
    [
        ("2.html", "https://news.example/world/2.html"),
        ("/a", "https://news.example/a"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("#note", "https://news.example/world/1.html#note"),
        ("?p=2", "https://news.example/world/1.html?p=2"),
        ("http://other.example/a?b=1&c=2", "http://other.example/a?b=1&amp;c=2"),
        ("mailto:desk@news.example", "mailto:desk@news.example"),
    ],
)
def test_links_are_absolute_and_tell_nobody_where_from(href: str, shown: str) -> None:
    assert clean_html(f'<a href="{href}" target=_blank>x</a>', BASE) == (
        f'<a href="{shown}" rel="noopener noreferrer">x</a>'
    )


@pytest.mark.parametrize("href", ["", "  ", "javascript:x", "tel:1", "http://", "http://[::1"])
def test_a_link_that_leads_nowhere_leaves_its_words(href: str) -> None:
    assert clean_html(f'<a href="{href}">x</a>', BASE) == "<a>x</a>"


def test_without_a_base_relative_addresses_are_left_out() -> None:
    assert clean_html("<a href=/x>x</a><img src=/y.jpg>", "") == "<a>x</a>"


@pytest.mark.parametrize(
    "written",
    [
        '<img src="/blank.gif" data-src="/p.jpg">',
        '<img src="data:image/gif;base64,R0lGOD" data-original="/p.jpg">',
        '<img data-lazy-src="//news.example/p.jpg" src="">',
        '<img file="/p.jpg" zoomfile="/p.jpg" src="/static/image/common/none.gif">',
        '<img data-src="true" src="/p.jpg">',
        '<img data-src="javascript:alert(1)/x" src="/p.jpg">',
        '<img src="data:image/svg+xml,x" srcset="/s.jpg 320w, /p.jpg 1280w, /m.jpg 640w">',
        '<img src="/loading.gif" data-srcset="/s.jpg 1x,/p.jpg 2x">',
        '<picture><source srcset="/p.jpg 2x, /s.jpg"><img src="data:x"></picture>',
        '<img src="/loading.gif" data-src="/p.jpg"><noscript><img src="/p.jpg"></noscript>',
        '<noscript><img src="/p.jpg"></noscript>',
    ],
)
def test_a_lazily_loaded_picture_is_put_in_its_place_once(written: str) -> None:
    assert clean_html(written, BASE) == '<img src="https://news.example/p.jpg" alt="">'


def test_lazy_pictures_are_left_alone_where_that_is_configured() -> None:
    clean = clean_html('<img src="/small.jpg" data-src="/p.jpg">', BASE, lazy_images=False)
    assert clean == '<img src="https://news.example/small.jpg" alt="">'


@pytest.mark.parametrize(
    "pixel",
    [
        '<img src="https://count.example/x" width="1" height="1">',
        '<img src="https://count.example/x" height="0">',
        '<img src="https://count.example/x" width="1px">',
        '<img src="https://feeds.feedburner.com/~r/x/~4/y">',
        '<img src="https://pixel.wp.com/b.gif?x=1">',
        '<img src="/stat/tracker.php?id=7">',
        '<img src="">',
        "<img>",
        '<img src="data:image/png;base64,AAAA">',
    ],
)
def test_a_picture_that_nobody_is_meant_to_see_goes(pixel: str) -> None:
    assert clean_html(f"<p>x{pixel}</p>", BASE) == "<p>x</p>"


def test_pictures_ask_without_telling_where_from_where_that_is_configured() -> None:
    clean = clean_html("<img src=/p.jpg title='T'>", BASE, no_referrer=True)
    assert clean == '<img src="https://news.example/p.jpg" alt="" title="T" referrerpolicy="no-referrer">'
    assert clean_html(clean, BASE, no_referrer=True) == clean


def test_an_embedded_player_becomes_a_link() -> None:
    clean = clean_html(
        '<iframe width=9 src="//player.bilibili.com/x?a=1&amp;b=2" allowfullscreen></iframe>', BASE
    )
    assert 'href="https://player.bilibili.com/x?a=1&amp;b=2"' in clean
    assert "iframe" not in clean


def test_sound_and_film_keep_their_controls() -> None:
    clean = clean_html(
        '<video src="/v.mp4" poster="/p.jpg" autoplay><source src="/v.webm" type="video/webm"></video>', BASE
    )
    assert clean == (
        '<video src="https://news.example/v.mp4" poster="https://news.example/p.jpg" controls="" preload="none">'
        '<source src="https://news.example/v.webm" type="video/webm"></video>'
    )


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("one line", "one line"),
        ("<p>a\n\nb</p>", "<p>a\n\nb</p>"),
        ("甲。\n乙。", "<p>甲。</p><p>乙。</p>"),
        ("wrapped\nline\n\nnext", "<p>wrapped\nline</p><p>next</p>"),
        ("甲\n　　乙\n　　丙", "<p>甲</p><p>乙</p><p>丙</p>"),
        ("&lt;p&gt;a&lt;/p&gt;", "<p>a</p>"),
        ("a &lt; b", "a &lt; b"),
    ],
)
def test_plain_and_escaped_text_is_read_as_its_author_meant_it(text: str, markup: str) -> None:
    assert markup_of(text) == markup


@pytest.mark.parametrize(
    ("fragment", "lead"),
    [
        ("<p>x</p>", None),
        ('<img src="/a.jpg">', "https://news.example/a.jpg"),
        ('<img src="/icon.png" width="16"><img src="/a.jpg">', "https://news.example/a.jpg"),
        (
            '<img src="/img/logo.png"><img src="/a.jpg" width="600" height="400">',
            "https://news.example/a.jpg",
        ),
        ('<img src="/share/qrcode.jpg">', None),
    ],
)
def test_the_lead_picture_is_the_first_large_one(fragment: str, lead: str | None) -> None:
    assert lead_picture(clean_html(fragment, BASE)) == lead
