"""What a document is, whatever its header says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sources import sniff


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'<?xml version="1.0"?><rss version="2.0">', "feed"),
        (b"\xef\xbb\xbf<rss>", "feed"),
        ('<?xml version="1.0"?><rss>'.encode("utf-16"), "feed"),
        (
            b"<?xml-stylesheet href='x'?>\n<!-- a > b <html> -->\n<!DOCTYPE rss [<!ENTITY a '>'>]>\n<feed>",
            "feed",
        ),
        (b"<rdf:RDF xmlns:rdf='x'>", "feed"),
        (b"<atom:feed>", "feed"),
        (b"  {", "json"),
        (b"[1]", "json"),
        (b"<!DOCTYPE html><html>", "page"),
        (b"<!doctype HTML PUBLIC '-//W3C//DTD'>\n<p>x", "page"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'>", "page"),
        (b"<div>x</div>", "page"),
        (b"<?xml version='1.0'?><urlset>", "sitemap"),
        (b"<sitemapindex>", "sitemap"),
        (b"<br />\n<b>Warning</b>: on line 3<br />\n<?xml version='1.0'?>\n<!-- x -->\n<rss>", "feed"),
        (b"Notice: on line 3\n<?xml version='1.0'?><feed>", "feed"),
        (b"<title>How to</title><p><?xml version='1.0'?><rss></p>", "page"),
        (b"<!DOCTYPE html><p><?xml version='1.0'?><rss></p>", "page"),
        (b"<br /><b>Warning</b>: <?xml version='1.0'?><urlset>", "page"),
        (b"<catalog>", "other"),
        (b"words", "other"),
        (b"%PDF-1.7", "other"),
        (b"\x1f\x8b\x08\x00", "other"),
        (b"<!-- never closed", "other"),
        (b"<!DOCTYPE html [", "other"),
    ],
)
def test_a_document_is_known_by_what_stands_in_it(body: bytes, kind: str) -> None:
    assert sniff(body, None) == kind


@pytest.mark.parametrize("header", ["text/html", "application/rss+xml", "text/plain", "application/json"])
def test_the_header_does_not_make_a_feed_of_a_page(header: str) -> None:
    assert sniff(b"<rss>", header) == "feed"
    assert sniff(b"<html>", header) == "page"


def test_the_header_decides_for_markup_that_tells_nothing() -> None:
    assert sniff(b"<custom-element>", "text/html; charset=utf-8") == "page"
    assert sniff(b"<custom-element>", "application/xml") == "other"


@given(st.binary(max_size=200), st.none() | st.text(max_size=20))
def test_nothing_makes_it_raise(body: bytes, header: str | None) -> None:
    sniff(body, header)
