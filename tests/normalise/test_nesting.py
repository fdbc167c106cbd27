"""Markup that would take a parser long: what it costs grows with its length, and what is sound stays as it is."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.normalise import clean_html
from aggregator.normalise.article import normalise_all
from aggregator.normalise.nesting import MAX_DEPTH, MOST_MISPLACED, MOST_STYLES, in_order
from aggregator.text.html import text_of_regular
from aggregator.text.portions import in_portions, texts_in_portions
from tests.normalise.test_article import ITEM, NOW, SOURCE, taken
from tests.normalise.test_payloads import FRAGMENTS, active

BASE = "https://news.example/"


@pytest.mark.parametrize(
    ("written", "ordered"),
    [
        ("<P CLASS=a>one<p>two", '<p class="a">one</p><p>two'),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"),
        ("<table><tr><td>a<td>b</table>c", "<table><tr><td>a</td><td>b</td></table>c"),
        ("<div><b>a</div>b</b>", "<div><b>a</div>b</b>"),
        ("<h2>a</h3>b", "<h2>a</h2>b"),
        ("<p>a<ins><div>b</div>", "<p>a<ins></ins></p><div>b</div>"),
        ("<a href=x>a<a href='y\"'>b", '<a href="x">a</a><a href="y&quot;">b'),
        ("a<!-- </p> -->b<!-->c<!x>d<?y>e</ z>f", "abcdef"),
        ("a < b <3 c", "a &lt; b &lt;3 c"),
        ("<script>'<b>'</script>a<svg><title>t</title></svg>b", "ab"),
        ("<button>a", "a"),
        ("a<style>b", "a"),
        ("<main>a<x-y>b</x-y></main>", "ab"),
        ('<p title="a>b">c', '<p title="a>b">c'),
        ("a</p></div></td><td>b", "a<p></p>b"),
        ("a<img src='/torn", "a"),
        ('a<p title="b>c', "a"),
    ],
)
def test_each_tag_is_written_so_that_it_closes_what_it_should(written: str, ordered: str) -> None:
    assert in_order(written) == ordered


PHRASES = st.recursive(
    st.sampled_from(
        ["桥", "a &amp; b", "<br>", "a < b", '<img src="/i.jpg" alt="x">', "&lt;p>", "<!-- c -->"]
    ),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
        st.sampled_from(["b", "i", "em", "strong", "code", "sup", "q", "span", "font"]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)
SOUND = st.recursive(
    st.lists(PHRASES, min_size=1, max_size=3).map(lambda parts: f"<p>{'x'.join(parts)}</p>"),
    lambda inner: st.builds(
        lambda form, parts: form.format("".join(parts)),
        st.sampled_from(
            [
                "<div>{}</div>",
                "<blockquote>{}</blockquote>",
                "<ul><li>{}</li></ul>",
                "<ol><li>a<li>{}</ol>",
                "<dl><dt>a</dt><dd>{}</dd></dl>",
                "<table><tr><td>{}</td><td>b</td></tr></table>",
                "<section><h2>a</h2>{}</section>",
                "<details><summary>a</summary>{}</details>",
                "<ins>{}</ins>",
                "<script>a</script>{}",
            ]
        ),
        st.lists(inner, max_size=3),
    ),
    max_leaves=10,
)


@given(SOUND)
def test_what_is_sound_looks_the_same(fragment: str) -> None:
    assert clean_html(in_order(fragment), BASE) == clean_html(fragment, BASE)


@given(FRAGMENTS)
def test_whatever_comes_stays_harmless_and_what_was_cleaned_stays_as_it_is(fragment: str) -> None:
    clean = clean_html(in_order(fragment), BASE)
    assert active(clean) == []
    assert clean_html(in_order(clean), BASE) == clean


def test_a_long_honest_page_is_what_it_was() -> None:
    rows = "".join(f"<tr><td><a href='/{n}'>第{n}座桥</a><td><b>建成</b> &amp; 通车" for n in range(3_000))
    page = f"<p>一<p>二<table border=1>{rows}</table><ul>{'<li>桥' * 3_000}</ul>"
    clean = clean_html(page, BASE)
    assert clean.count("<tr><td><a href=") == 3_000
    assert clean.count("</b> &amp; 通车</td></tr>") == 3_000
    assert clean.count("<li>桥</li>") == 3_000


def test_no_text_is_lost_to_the_bounds() -> None:
    deep = "".join(f"<div>{n} " for n in range(2 * MAX_DEPTH)) + "</div>end" * MAX_DEPTH
    loose = "<table>" + "".join(f"<p>{n}</p>" for n in range(2 * MOST_MISPLACED)) + "</table>end"
    styled = "<p>" + "".join(f"<b lang=x{n}>{n} " for n in range(2 * MOST_STYLES)) + "<p>end" * 400
    for fragment in (deep, loose, styled):
        text = text_of_regular(clean_html(fragment, BASE))
        assert all(str(n) in text for n in range(2 * MOST_STYLES))
        assert text.endswith("end")


def test_links_outlast_styles_that_nobody_closed() -> None:
    page = "".join(f'<p><b>{n} <a href="/{n}">x</a>' for n in range(10 * MOST_STYLES))
    assert clean_html(page, BASE).count("<a href=") == 10 * MOST_STYLES


STYLES = "".join(f"<b lang=x{n}>" for n in range(250))
#: Each takes the length, and made a parser take its square, or wrote out many times as much.
HOSTILE: dict[str, Callable[[int], str]] = {
    "ampersands": lambda n: "&" * n,
    "hard spaces": lambda n: "\u00a0" * n,
    "ampersands in an attribute": lambda n: f'<a href="http://x.example/{"&" * n}">x</a>',
    "attributes": lambda n: f"<p {' '.join(f'a{i}=1' for i in range(n // 8))}>x",
    "depth hidden by comments": lambda n: "<div><!--</div>-->" * (n // 18),
    "depth hidden by attributes": lambda n: '<div><br title="</div>">' * (n // 24),
    "styles hidden by comments": lambda n: "".join(f"<b lang={i}><!--</b>-->" for i in range(n // 22)),
    "styles hidden by objects": lambda n: "<b><object></b></object>" * (n // 24),
    "styles that are never closed": lambda n: f"<p>{STYLES}{'<p>x' * (n // 4)}",
    "styles in cells": lambda n: "<table><tr>" + "<td><b>x" * (n // 8),
    "links": lambda n: STYLES + "<a>" * (n // 3),
    "breaks between cells": lambda n: "<table>" + "<br>" * (n // 4),
    "texts between cells": lambda n: "<br>" * (n // 8) + "<table>" + "x<tr>" * (n // 10),
    "paragraphs between cells": lambda n: f"<table>{STYLES}{'<p>x' * (n // 4)}",
    "tables": lambda n: "<table>x</table>" * (n // 16),
    "pieces of a text": lambda n: "<table>" + "x<b>" * (n // 4),
    "elements without an end": lambda n: "<svg>" * (n // 5),
    "raw elements without an end": lambda n: "<script></scriptx>" * (n // 18),
    "quotation marks": lambda n: "<a title='" * (n // 10),
    "lists": lambda n: "<dl><dt>" * (n // 8),
}


@pytest.mark.parametrize("form", HOSTILE)
def test_what_a_hostile_body_costs_grows_with_its_length(form: str) -> None:
    # In the square it would be sixteen times as much, and was a minute for some.
    def cost(length: int) -> float:
        return min(_cpu(HOSTILE[form](length)) for _ in range(2))

    short, long = cost(40_000), cost(160_000)
    assert long < max(8 * short, 0.4)
    assert long < 3


def _cpu(body: str) -> float:
    began = time.process_time()
    normalise_all([ITEM.__class__(guid="g", title="t", content=body)], SOURCE, now=NOW)
    return time.process_time() - began


def test_few_tags_cost_little_too() -> None:
    assert _cpu(f"<p>{'<b lang=x>' * 60}{'<p>x' * 900}") < 3
    assert _cpu(f"<p>{STYLES}{'<p>x' * 740}") < 3


@pytest.mark.parametrize("form", HOSTILE)
def test_a_hostile_body_is_not_written_out_many_times(form: str) -> None:
    assert len(clean_html(HOSTILE[form](30_000), BASE)) < 1_200_000


@given(st.lists(st.sampled_from(["&", "&amp;", "&am", "\u00a0", "桥" * 50, "x " * 30]), min_size=1))
def test_a_long_text_is_the_same_in_portions(parts: list[str]) -> None:
    text = "".join(parts) * 100
    assert clean_html(in_portions(text), BASE) == clean_html(text, BASE)
    regular = f'<p title="{"&amp;" * 2000}">{clean_html(text, BASE)}</p>'
    assert texts_in_portions(regular).replace("<!---->", "") == regular
    assert f'<p title="{"&amp;" * 2000}">' in texts_in_portions(regular)


def test_such_a_body_is_an_article_like_any_other() -> None:
    assert taken(content="&" * 3_000).html == "&amp;" * 3_000
