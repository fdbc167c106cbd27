"""Whatever an article holds, what is published of it is well-formed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as html_parser

from aggregator.config.model import Output
from aggregator.publish.edition import Also, PrintedArticle
from aggregator.publish.fragments import FragmentCache
from aggregator.publish.paths import render_paper
from storage.model import Article, Enclosure
from tests.publish.samples import edition, paper
from tests.support.scripts import strange_scripts

ANY = st.characters(exclude_categories=()) | st.sampled_from("<>&\"']\x00\x0b\x85\ufffe\ufffd\ud800\u202e{}%")
TEXT = st.text(ANY, max_size=40)
HTML = st.lists(
    TEXT | st.sampled_from(["<p>", "</p>", "<a href=", "<img src=x", "]]>", "<!--", "<b", "<svg>", "<table>"])
).map("".join)
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
NAMES = st.lists(TEXT, max_size=3).map(tuple)
URLS = TEXT | TEXT.map("https://a.example/".__add__)
FILES = st.lists(
    st.builds(Enclosure, url=URLS, type=st.none() | TEXT, length=st.none() | st.integers()), max_size=3
).map(tuple)
ARTICLES = st.builds(
    Article,
    uid=st.just("anything"), source=st.just("harbour"), url=URLS, title=TEXT, summary=TEXT, html=HTML, text=TEXT, authors=NAMES,
    published=st.none() | TIMES, updated=st.none() | TIMES, first_seen=TIMES, tags=NAMES, language=st.none() | TEXT,
    image=st.none() | URLS, enclosures=FILES, site=st.none() | TEXT,
)  # fmt: skip
PRINTED = st.builds(
    PrintedArticle,
    article=ARTICLES,
    source_name=TEXT,
    source_url=URLS,
    also=st.lists(st.builds(Also, source_name=TEXT, url=URLS, title=TEXT), max_size=2).map(tuple),
    sections=st.lists(st.tuples(st.just("world"), TEXT), max_size=1).map(tuple),
)


@given(one=PRINTED, attribution=st.none() | st.just("{source} <{link}> {author} {site}"))
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_any_article_is_printed_in_every_form(one: PrintedArticle, attribution: str | None) -> None:
    whole = paper(edition(one), output=Output(attribution=attribution))
    rendered = render_paper(whole, FragmentCache())
    assert rendered.faults == ()
    files = rendered.files
    assert len(list(etree.fromstring(files["world.rss"]).iter("item"))) == 1
    assert len(list(etree.fromstring(files["world.atom"]).iter("{*}entry"))) == 1
    assert len(json.loads(files["world.json"])["items"]) == 1
    for name in ("index.html", "world/index.html", "a/anything.html"):
        page: Any = html_parser.document_fromstring(files[name].decode())
        assert not strange_scripts(page)
        assert not page.xpath("//iframe | //svg | //*[@onerror]")
    assert render_paper(whole, FragmentCache()) == rendered


@given(title=TEXT, description=TEXT, language=TEXT)
@settings(deadline=None, max_examples=60)
def test_any_section_is_printed_in_every_form(title: str, description: str, language: str) -> None:
    whole = paper(edition(title=title or "x", description=description, language=language))
    files = render_paper(whole, FragmentCache()).files
    for name in ("world.rss", "world.atom", "feeds.opml", "status.atom"):
        etree.fromstring(files[name])
    json.loads(files["world.json"])
