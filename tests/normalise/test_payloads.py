"""Nothing that a source writes runs on our pages, wherever it writes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from aggregator.item import Item
from aggregator.normalise import SourceContext, clean_html, normalise
from aggregator.text.html import text_of, text_of_regular
from aggregator.text.markup_rules import TAGS
from storage.model import Article, Enclosure
from tests.normalise.payloads import PAYLOADS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = SourceContext(id="s", url="https://news.example/feed", zone=ZoneInfo("UTC"))
BASE = "https://news.example/a/"
ATTRIBUTES = frozenset(
    "href src rel title alt width height controls preload poster type dir lang start reversed value span colspan rowspan "
    "scope datetime open referrerpolicy".split()
)
HANDLER = re.compile(r"<\s*[a-z!?/][^<>]*?[\s/\"']on\w+\s*=", re.IGNORECASE)
SCRIPT = re.compile(r"<\s*(script|style|iframe|svg)\b[^<>]*>.*<\s*/\s*\1", re.IGNORECASE | re.DOTALL)

payloads = pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())


def active(fragment: str) -> list[str]:
    """What of a fragment could do anything but be read, as two parsers see it."""
    found: list[str] = []
    for element in html.fromstring(f"<div>{fragment}</div>").iter():
        if element.tag not in TAGS:
            found.append(f"element {element.tag!r}")
        attributes = [(str(name), str(value)) for name, value in element.attrib.items()]
        found += [f"{name}={value}" for name, value in attributes if not inert(name, value)]
    seen: list[str] = []

    def note(tag: str, name: str, value: str) -> str:
        seen.extend([] if inert(name, value) else [f"{tag} {name}={value}"])
        return value

    nh3.clean(
        fragment,
        generic_attribute_prefixes=set("abcdefghijklmnopqrstuvwxyz"),
        attribute_filter=note,
        link_rel=None,
    )
    return found + seen


def inert(name: str, value: str) -> bool:
    address = name not in ("href", "src", "poster") or value.startswith(("http://", "https://", "mailto:"))
    return name in ATTRIBUTES and address


def unarmed(text: str) -> bool:
    return (
        not HANDLER.search(text)
        and not SCRIPT.search(text)
        and not re.search("[\u202a-\u202e\u2066-\u2069\u200b]", text)
    )


def taken(item: Item) -> Article:
    article = normalise(item, SOURCE, now=NOW)
    assert isinstance(article, Article)
    return article


@payloads
def test_a_body_carries_nothing_that_runs(payload: str) -> None:
    clean = clean_html(payload, BASE)
    assert active(clean) == []
    assert clean_html(clean, BASE) == clean


@payloads
@pytest.mark.parametrize("is_html", [True, False])
def test_a_title_carries_nothing_that_runs_in_a_reader_that_takes_it_for_html(
    payload: str, is_html: bool
) -> None:
    article = taken(Item(title=f"News {payload} today", title_is_html=is_html, url=BASE))
    assert unarmed(article.title)
    assert "\n" not in article.title


@payloads
def test_a_summary_is_plain_text(payload: str) -> None:
    article = taken(Item(title="t", url=BASE, summary=f"One sentence. {payload}", content="<p>Body</p>"))
    assert unarmed(article.summary)
    alone = taken(Item(title="t", url=BASE, summary=f"One sentence. {payload}"))
    assert unarmed(alone.summary)
    assert active(alone.html) == []


@payloads
def test_names_carry_nothing_that_runs(payload: str) -> None:
    article = taken(
        Item(
            title="t",
            url=BASE,
            authors=(payload, f"x@y.example ({payload})"),
            tags=(payload,),
            breadcrumb=(payload,),
            section=payload,
            site=payload,
            origin=payload,
        )
    )
    names = (
        *article.authors,
        *article.tags,
        *article.breadcrumb,
        *article.labels,
        article.site or "",
        article.origin or "",
    )
    assert all(map(unarmed, names))


@payloads
def test_addresses_are_web_addresses_or_none(payload: str) -> None:
    article = taken(
        Item(
            title="t",
            url=payload,
            guid=payload,
            canonical_url=payload,
            image=payload,
            base_url=payload,
            enclosures=(Enclosure(url=payload, type=payload),),
        )
    )
    addresses = [article.url, article.image or "", *(file.url for file in article.enclosures)]
    assert all(re.fullmatch(r"|https?://[^\s<>\"]+", address) for address in addresses)
    assert all(file.type is None for file in article.enclosures)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "\x01javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://h.example/x",
        "feed://h.example/x",
        "blob:https://h.example/x",
    ],
)
def test_an_address_of_another_scheme_is_none(address: str) -> None:
    article = taken(Item(title="t", url=address, image=address, enclosures=(Enclosure(url=address),)))
    assert (article.url, article.image, article.enclosures) == ("", None, ())


@pytest.mark.parametrize(
    "form", ["<div>", "<b>", "<table><tr><td>", "<ul><li>", "<div><object>", "<a<a", "<p><b>", "&lt;p "]
)
def test_deep_or_broken_nesting_costs_no_more_than_its_length(form: str) -> None:
    assert active(clean_html(form * 20_000 + "x", BASE)) == []


FRAGMENTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *PAYLOADS.values(),
                "<p>",
                "</p>",
                "<a href=/x>",
                "</a>",
                "<table>",
                "<tr>",
                "<td>",
                "<pre>\n\n",
                "</pre>",
            ]
        ),
        st.sampled_from(
            [
                "<b>",
                "</i>",
                "<i>",
                "</div>",
                "<img src=/i.jpg>",
                "<picture>",
                "<source srcset='a 1x'>",
                "<li>",
                "<ul>",
            ]
        ),
        st.text(max_size=12),
    ),
    max_size=14,
).map("".join)


@given(FRAGMENTS)
def test_whatever_comes_cleaning_is_harmless_and_final(fragment: str) -> None:
    clean = clean_html(fragment, BASE)
    assert active(clean) == []
    assert clean_html(clean, BASE) == clean


@given(FRAGMENTS)
def test_the_text_of_a_clean_fragment_is_the_same_read_and_parsed(fragment: str) -> None:
    clean = clean_html(fragment, BASE)
    assert text_of_regular(clean) == text_of(clean)


TEXTS = st.one_of(FRAGMENTS, st.text(st.characters(codec=None), max_size=40))
DATES = st.one_of(
    st.none(), st.datetimes(timezones=st.sampled_from([UTC, ZoneInfo("Asia/Shanghai")])), st.datetimes()
)
ITEMS = st.builds(
    Item,
    guid=TEXTS,
    url=TEXTS,
    title=TEXTS,
    title_is_html=st.booleans(),
    summary=TEXTS,
    content=TEXTS,
    base_url=st.sampled_from(["", "https://h.example/a/", "http://[", "nonsense"]),
    authors=st.lists(TEXTS, max_size=3).map(tuple),
    published=DATES,
    updated=DATES,
    tags=st.lists(TEXTS, max_size=3).map(tuple),
    language=st.one_of(st.none(), TEXTS),
    image=st.one_of(st.none(), TEXTS),
    enclosures=st.lists(
        st.builds(Enclosure, url=TEXTS, type=st.one_of(st.none(), TEXTS), length=st.integers()), max_size=2
    ).map(tuple),
    breadcrumb=st.lists(TEXTS, max_size=3).map(tuple),
    section=st.one_of(st.none(), TEXTS),
    canonical_url=st.one_of(st.none(), TEXTS),
)


@given(ITEMS, st.sampled_from(["clamp", "keep", "drop"]))
def test_no_item_raises_and_every_article_fits_into_xml(item: Item, future: str) -> None:
    source = SourceContext(id="s", url=SOURCE.url, zone=ZoneInfo("Asia/Shanghai"), future_dates=future)  # type: ignore[arg-type]
    article = normalise(item, source, now=NOW)
    if not isinstance(article, Article):
        assert article.reason
        return
    element = etree.Element("x")
    for text in (
        article.title,
        article.summary,
        article.html,
        article.text,
        article.guid,
        article.url,
        *article.authors,
    ):
        element.text = text
    for name in (
        *article.tags,
        *article.labels,
        *article.breadcrumb,
        article.image or "",
        article.language or "",
    ):
        element.set("y", name)
    assert article.title
    assert len(article.uid) == 26
    assert article.story == article.uid
    assert article == normalise(item, source, now=NOW)
    for date in (article.published, article.updated):
        assert date is None or date.tzinfo is UTC
    assert article.published is None or future == "keep" or article.published <= NOW
