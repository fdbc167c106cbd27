"""Lists of subscriptions of other readers, in and out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sources import NotOpml, OpmlEntry, OpmlOutline, parse_opml, read_opml, render_opml


def opml(body: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><head><title>x</title></head><body>{body}</body></opml>'.encode()


def test_a_list_with_folders_is_read() -> None:
    data = opml(
        '<outline text="新闻"><outline type="rss" text="甲" title="甲报" xmlUrl="https://a.example/rss" htmlUrl="x"/>'
        '<outline text="深"><outline text="乙" xmlUrl="https://b.example/rss"/></outline></outline>'
        '<outline text="丙" xmlUrl="https://c.example/rss"/>'
    )
    assert parse_opml(data) == [
        OpmlEntry(url="https://a.example/rss", title="甲报", folder="新闻"),
        OpmlEntry(url="https://b.example/rss", title="乙", folder="新闻/深"),
        OpmlEntry(url="https://c.example/rss", title="丙", folder=""),
    ]


@pytest.mark.parametrize(
    ("outline", "entry"),
    [
        ('<outline text="a" xmlurl="https://a.example/"/>', OpmlEntry(url="https://a.example/", title="a")),
        ('<outline text="a" xmlURL="https://a.example/"/>', OpmlEntry(url="https://a.example/", title="a")),
        (
            '<outline type="rss" text="a" url="https://a.example/"/>',
            OpmlEntry(url="https://a.example/", title="a"),
        ),
        ('<outline xmlUrl="feed://a.example/x"/>', OpmlEntry(url="http://a.example/x")),
        ('<outline xmlUrl="feed:https://a.example/x"/>', OpmlEntry(url="https://a.example/x")),
        (
            '<outline text="a" xmlUrl="https://a.example/" category="/News/World,/x"/>',
            OpmlEntry(url="https://a.example/", title="a", folder="News/World"),
        ),
        (
            '<outline text="a" xmlUrl="https://a.example/?x=1&y=2"/>',
            OpmlEntry(url="https://a.example/?x=1&y=2", title="a"),
        ),
    ],
)
def test_the_dialects_of_readers_are_understood(outline: str, entry: OpmlEntry) -> None:
    assert parse_opml(opml(outline)) == [entry]


@pytest.mark.parametrize(
    "url",
    [
        "exec:rm -rf /",
        "filter:/bin/sh:https://a.example/",
        "|curl https://a.example/",
        "\"query:unread:unread = 'yes'\"".strip('"'),
        "file:///etc/passwd",
        "javascript:alert(1)",
        "gopher://a.example/",
        "/relative",
        "a.example/rss",
    ],
)
def test_commands_and_other_schemes_are_refused(url: str) -> None:
    escaped = url.replace("'", "&apos;")
    read = read_opml(opml(f"<outline text='a' xmlUrl='{escaped}'/>"))
    assert read.entries == ()
    assert read.refused == (url,)


def test_an_address_counts_once() -> None:
    outline = '<outline text="a" xmlUrl="https://a.example/"/>'
    assert len(parse_opml(opml(outline * 3))) == 1


@pytest.mark.parametrize("data", [b"", b"<html></html>", b"{}", b"words"])
def test_what_is_no_opml_is_refused(data: bytes) -> None:
    with pytest.raises(NotOpml):
        parse_opml(data)


def test_an_entity_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("https://s3cret.example/")
    data = opml('<outline text="&x;" xmlUrl="&x;"/>')
    data = data.replace(b"<opml", f'<!DOCTYPE opml [<!ENTITY x SYSTEM "{secret.as_uri()}">]><opml'.encode())
    assert "s3cret" not in repr(read_opml(data))


def test_deep_nesting_is_survived() -> None:
    nested = "<outline text='f'>" * 3000 + '<outline xmlUrl="https://a.example/"/>' + "</outline>" * 3000
    assert len(parse_opml(opml(nested))) == 1


def test_a_list_of_another_encoding_is_read() -> None:
    text = '<?xml version="1.0" encoding="gbk"?><opml><body><outline text="人民生活日报" xmlUrl="https://a.example/"/></body></opml>'
    assert parse_opml(text.encode("gbk"))[0].title == "人民生活日报"


FOLDERS = st.sampled_from(["", "News", "News/World", "国际", "a & b"])
OUTLINES = st.lists(
    st.builds(
        OpmlOutline,
        title=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
        url=st.integers(0, 99).map("https://a.example/{}".format),
        html_url=st.sampled_from(["", "https://a.example/"]),
        folder=FOLDERS,
    ),
    unique_by=lambda outline: outline.url,
)


@given(OUTLINES)
def test_what_is_written_is_read_back(outlines: list[OpmlOutline]) -> None:
    data = render_opml("List", outlines)
    assert data == render_opml("List", outlines)
    assert {(entry.url, entry.title, entry.folder) for entry in parse_opml(data)} == {
        (outline.url, outline.title, outline.folder) for outline in outlines
    }


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_not_opml(data: bytes) -> None:
    with pytest.raises(NotOpml):
        parse_opml(data)
