"""HTML to plain text, titles, and what XML can carry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.text.html import fold_space, plain_title, single_spaced, text_of, xml_safe


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("<div>One<div>Two</div>Three</div>", "One\nTwo\nThree"),
        ("<p>a <b>bold</b> word</p>", "a bold word"),
        ("<p>un<b>broken</b></p>", "unbroken"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\nTwo"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<p>Said:</p><blockquote>So</blockquote>", "Said:\nSo"),
        ("<pre>if x:\n    y()</pre>", "if x:\ny()"),
        ("a<script>b()</script>c<style>d{}</style><noscript>e</noscript>", "ac"),
        ("<!-- a -->b<?php c ?>", "b"),
        ("&lt;b&gt; &amp; &nbsp;&hellip; &#20013;", "<b> & … 中"),
        ("<p>第一行\n      第二行</p>", "第一行第二行"),
        ("<p>第一行，\r\n第二行</p>", "第一行，第二行"),
        ("<p>one\n   two</p>", "one two"),
        ("<p>中文\n abc\n中文</p>", "中文 abc 中文"),
        ("<p>　　段落</p>", "段落"),
        ("<p>中 文</p>", "中 文"),
        ("unclosed <p>a <b>b", "unclosed\na b"),
        ("a</div>b", "a\nb"),
        ("<body>a</body></html>b", "ab"),
        ("<?xml version='1.0' encoding='gbk'?>中文<br>", "中文"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("a\x00\x0bb<br>\ud800", "ab"),
        ("<img alt='x' src='y'>", ""),
        ("<h1>T</h1>text", "T\ntext"),
    ],
)
def test_the_text_of_a_fragment(fragment: str, text: str) -> None:
    assert text_of(fragment) == text


def test_deep_nesting_does_not_lose_the_text() -> None:
    assert text_of("<div>" * 1000 + "deep") == "deep"
    assert isinstance(text_of("<b>" * 100_000 + "x"), str)


@pytest.mark.parametrize(
    ("title", "is_html", "plain"),
    [
        ("A &amp; B", True, "A & B"),
        ("A &amp; B", False, "A &amp; B"),
        ("<b>Bold</b> and <i>not</i>", True, "Bold and not"),
        ("I <3 you & 5 < 6", True, "I <3 you & 5 < 6"),
        ("Box<int> explained", True, "Box<int> explained"),
        ("&lt;b&gt; in HTML", True, "<b> in HTML"),
        ("two<br>lines", True, "two lines"),
        ("a<!-- b -->c", True, "ac"),
        ("<script>alert(1)</script>safe", True, "safe"),
        ("  多余的\n  换行 ", True, "多余的换行"),
        ("a\x07b", False, "ab"),
        ('<a href="x">Link</a>', True, "Link"),
        ("&#0;&#55296;x", True, "\ufffd\ufffdx"),
    ],
)
def test_a_title_is_one_line_of_text(title: str, is_html: bool, plain: str) -> None:
    assert plain_title(title, is_html) == plain


def test_what_xml_forbids_is_taken_out() -> None:
    assert xml_safe("a\x00b\x0b\x0c\x1f\ud800\udfff\ufffe\uffffc\t\r\n中𠀀") == "abc\t\r\n中𠀀"


@given(st.text(alphabet=st.characters()))
def test_safe_text_is_carried_by_xml(text: str) -> None:
    element = etree.Element("a")
    element.text = xml_safe(text)
    assert etree.fromstring(etree.tostring(element)) is not None


FRAGMENTS = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<br>", "<td>", "&amp;", "&", "<", "<!--", "中文", "\n", "a", "<pre>", "<script>"]
    )
    | st.text(max_size=5)
).map("".join)


@given(FRAGMENTS)
def test_no_fragment_makes_it_raise_and_no_line_is_blank(fragment: str) -> None:
    text = text_of(fragment)
    assert all(line == line.strip() != "" for line in text.split("\n")) or text == ""
    assert "\n" not in plain_title(fragment, is_html=True)


SPACED = st.text(st.characters() | st.sampled_from("  \n\r\t\u00a0\u3000\u2028第一，ab"), max_size=12)


@given(SPACED)
def test_text_that_looks_folded_is_folded_like_any_other(text: str) -> None:
    assert single_spaced(text) == " ".join(text.split())
    assert fold_space(text) == fold_space(f"\n{text}\n")


@given(st.text(st.characters() | st.sampled_from("\n\t\x00\x1f\ud800\ufffe\uffff"), max_size=12))
def test_what_xml_allows_is_left_in(text: str) -> None:
    allowed = (c in "\t\n\r" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c > "\uffff" for c in text)
    assert xml_safe(text) == "".join(c for c, may_stand in zip(text, allowed, strict=True) if may_stand)
