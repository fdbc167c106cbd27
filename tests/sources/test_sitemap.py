from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator.sources import NotASitemap, Sitemap, parse_sitemap

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
NAMESPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def read(body: str | bytes) -> Sitemap:
    raw = body.encode() if isinstance(body, str) else body
    return parse_sitemap(raw, "https://paper.example/sitemap.xml", zone=ZoneInfo("Asia/Shanghai"), now=NOW)


def test_the_pages_of_a_sitemap_are_read_the_newest_first() -> None:
    pages = read(
        f"<urlset {NAMESPACES}><url><loc>https://paper.example/old</loc><lastmod>2026-01-01</lastmod></url>"
        "<url><loc>/undated</loc></url>"
        "<url><loc>https://paper.example/new</loc><lastmod>2026-03-01T08:00:00Z</lastmod></url></urlset>"
    ).pages
    assert [page.url.rsplit("/", 1)[1] for page in pages] == ["new", "old", "undated"]
    assert pages[0].modified == datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_a_news_sitemap_gives_title_and_date() -> None:
    (page,) = read(
        f'<?xml version="1.0" encoding="gb2312"?><urlset {NAMESPACES}><url><loc>https://paper.example/1</loc><news:news>'
        "<news:publication><news:name>晨报</news:name></news:publication>"
        "<news:publication_date>2026-03-02 09:30</news:publication_date><news:title>潮汐闸启用</news:title>"
        "</news:news></url></urlset>".encode("gb18030").decode("gb18030")
    ).pages
    assert page.title == "潮汐闸启用"
    assert page.published == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def test_an_index_names_further_sitemaps() -> None:
    found = read(
        f"<sitemapindex {NAMESPACES}><sitemap><loc>https://paper.example/news.xml</loc></sitemap></sitemapindex>"
    )
    assert found.pages == ()
    assert [child.url for child in found.children] == ["https://paper.example/news.xml"]


@pytest.mark.parametrize("loc", ["javascript:alert(1)", "file:///etc/passwd", "", "ftp://paper.example/x"])
def test_an_entry_that_leads_nowhere_is_left_out(loc: str) -> None:
    assert read(f"<urlset {NAMESPACES}><url><loc>{loc}</loc></url></urlset>").pages == ()


def test_a_sitemap_that_breaks_off_gives_what_came() -> None:
    assert len(read(f"<urlset {NAMESPACES}><url><loc>https://paper.example/1</loc></url><url><lo").pages) == 1


def test_entities_stay_inert() -> None:
    bomb = (
        '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "&x;&x;">]>'
        f"<urlset {NAMESPACES}><url><loc>https://paper.example/&y;</loc></url></urlset>"
    )
    assert all("root" not in page.url for page in read(bomb).pages)


@pytest.mark.parametrize("body", [b"", b"<html><body>no</body></html>", b"plain text", b"\xff\xfe\x00"])
def test_what_is_no_sitemap_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(NotASitemap, match="no sitemap"):
        read(body)
