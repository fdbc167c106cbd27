"""What a strange body has to become before it stands on a page of ours."""

from __future__ import annotations

import pytest

from aggregator.publish.bodies import laid_out

UNSIZED = 'width="900" height="600"'


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ("<h1>a</h1><h2>b</h2><h2>c</h2>", "<h2>a</h2><h3>b</h3><h3>c</h3>"),
        ("<h4>a</h4><p>x</p><h4>b</h4><h6>c</h6>", "<h2>a</h2><p>x</p><h2>b</h2><h3>c</h3>"),
        ("<h3>a</h3><h2>b</h2><h3>c</h3>", "<h2>a</h2><h2>b</h2><h3>c</h3>"),
        (
            "".join(f"<h{n}>x</h{n}>" for n in range(1, 7)),
            "<h2>x</h2><h3>x</h3><h4>x</h4><h5>x</h5><h6>x</h6><h6>x</h6>",
        ),
    ],
)
def test_headings_follow_the_title_without_a_gap(said: str, stands: str) -> None:
    assert laid_out(said, "Table") == stands


@pytest.mark.parametrize(
    "html",
    [
        '<p><img src="https://a.example/p.jpg"></p>',
        '<p> <a href="https://a.example/"><b><img src="https://a.example/p.jpg"></b></a>\n</p>',
        '<p><img src="https://a.example/p.jpg"><img src="https://a.example/q.jpg"></p>',
        '<figure><img src="https://a.example/p.jpg"><figcaption>the bay</figcaption></figure>',
        '<p>text</p><img src="https://a.example/p.jpg"><p>text</p>',
        '<img src="https://a.example/p.jpg">',
    ],
)
def test_a_picture_alone_gets_a_place_of_its_own(html: str) -> None:
    out = laid_out(html, "Table")
    assert out.count(f'{UNSIZED} class="alone unsized"') == html.count("<img")


@pytest.mark.parametrize(
    "html",
    [
        '<p>a smile <img src="https://a.example/p.gif"> in a line</p>',
        'text <img src="https://a.example/p.gif">',
        '<img src="https://a.example/p.gif"> text',
        '<ul><li><b><img src="https://a.example/p.gif"></b> text</li></ul>',
    ],
)
def test_a_picture_within_a_line_stays_in_it(html: str) -> None:
    assert f'{UNSIZED} class="unsized"' in laid_out(html, "Table")


def test_a_size_that_is_told_is_kept() -> None:
    told = '<p><img src="https://a.example/p.jpg" width="640" height="360" alt="the bay"></p>'
    assert 'width="640" height="360" alt="the bay" class="alone"' in laid_out(told, "Table")


@pytest.mark.parametrize("size", ['width="640"', 'width="0" height="0"', 'width="100%" height="auto"'])
def test_a_size_that_tells_nothing_is_none(size: str) -> None:
    out = laid_out(f'<p><img src="https://a.example/p.jpg" {size}></p>', "Table")
    assert UNSIZED in out
    assert "unsized" in out


def test_a_picture_without_words_is_passed_over_by_who_listens() -> None:
    assert 'alt=""' in laid_out('<img src="https://a.example/p.jpg">', "Table")
    assert 'alt="the bay"' in laid_out('<img src="https://a.example/p.jpg" alt="the bay">', "Table")


def test_a_link_that_shows_only_a_picture_is_named_by_where_it_leads() -> None:
    picture = '<a href="https://a.example/x?y"><img src="https://a.example/p.jpg"></a>'
    assert 'title="a.example"' in laid_out(picture, "Table")
    assert "title" not in laid_out(picture.replace("<img", '<img alt="the bay"'), "Table")
    assert "title" not in laid_out('<a href="https://a.example/">words</a>', "Table")


def test_a_link_that_shows_nothing_is_none() -> None:
    assert laid_out('<p>a<a href="https://a.example/"> </a>b</p>', "Table") == "<p>a b</p>"


def test_a_wide_table_can_be_scrolled_by_keyboard() -> None:
    inner = "<table><tr><td><table><tr><td>in</td></tr></table></td></tr></table>"
    out = laid_out(f"<p>x</p>{inner}behind", "表格")
    assert (
        out == f'<p>x</p><div class="wide" tabindex="0" role="region" aria-label="表格">{inner}</div>behind'
    )


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ("<p>x</p><li>a</li>", "<p>x</p><div>a</div>"),
        ("<ul><p>a</p><li>b</li></ul>", "<ul><li><p>a</p></li><li>b</li></ul>"),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "<ul><li>a</li><li><ul><li>b</li></ul></li></ul>"),
    ],
)
def test_items_stand_in_lists_and_lists_hold_items(said: str, stands: str) -> None:
    assert laid_out(said, "Table") == stands


def test_there_is_one_main_thing_on_a_page() -> None:
    out = laid_out("<nav>a</nav><aside>b</aside><h2>c</h2>", "Table")
    assert out == "<div>a</div><div>b</div><h2>c</h2>"


def test_what_has_nothing_of_this_is_left_alone() -> None:
    html = "<p>a &amp; b<br>“c”</p>"
    assert laid_out(html, "Table") == html


def test_marks_and_emoji_come_through() -> None:
    html = "<h2>𠮷 &lt;b&gt; 👩‍🚀 é</h2>"
    assert laid_out(html, "Table") == html
