"""Sources added to a file that a person wrote, and fresh files."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import (
    ConfigError,
    NewSection,
    NewSource,
    add_sources,
    new_config,
    parse_config,
)
from aggregator.config.model import Source

NEW = NewSource(url="https://new.example/feed")


def added(text: str, *sources: NewSource) -> str:
    return add_sources(dedent(text), sources or (NEW,))


def urls(text: str) -> list[str]:
    return [source.url for source in parse_config(text).config.sources]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "sources:\n  - https://a.example/\n",
            "sources:\n  - https://a.example/\n  - https://new.example/feed\n",
            id="end",
        ),
        pytest.param(
            "sources:\n- https://a.example/\nsite: {title: x}\n",
            "sources:\n- https://a.example/\n- https://new.example/feed\nsite: {title: x}\n",
            id="not indented",
        ),
        pytest.param(
            "sources:\n  - https://a.example/   # mine\n\n# -- sections\nsite: {title: x}\n",
            "sources:\n  - https://a.example/   # mine\n  - https://new.example/feed\n\n# -- sections\nsite: {title: x}\n",
            id="comments",
        ),
        pytest.param(
            "sources:\n  - url: https://a.example/\n    # name: A\n  # - https://b.example/\nsite: {title: x}\n",
            "sources:\n  - url: https://a.example/\n    # name: A\n  # - https://b.example/\n"
            "  - https://new.example/feed\nsite: {title: x}\n",
            id="comments of the last entry",
        ),
        pytest.param(
            "sources:\n  - url: https://a.example/\n    name: |\n      A\n      # no comment\n\n\nsite: {title: x}\n",
            "sources:\n  - url: https://a.example/\n    name: |\n      A\n      # no comment\n"
            "  - https://new.example/feed\n\n\nsite: {title: x}\n",
            id="block text",
        ),
        pytest.param(
            "sources:\n  - https://a.example/",
            "sources:\n  - https://a.example/\n  - https://new.example/feed\n",
            id="no line end",
        ),
        pytest.param(
            "sources:\r\n  - https://a.example/\r\nversion: 1\r\n",
            "sources:\r\n  - https://a.example/\r\n  - https://new.example/feed\r\nversion: 1\r\n",
            id="windows",
        ),
        pytest.param(
            "\ufeffsources:\n  - https://a.example/\n",
            "\ufeffsources:\n  - https://a.example/\n  - https://new.example/feed\n",
            id="byte order mark",
        ),
        pytest.param(
            "sources:\n  -   url: https://a.example/\n      name: A\n",
            "sources:\n  -   url: https://a.example/\n      name: A\n  -   https://new.example/feed\n",
            id="wide dashes",
        ),
        pytest.param(
            "site: {title: x}\n", "site: {title: x}\n\nsources:\n  - https://new.example/feed\n", id="missing"
        ),
        pytest.param("", "sources:\n  - https://new.example/feed\n", id="empty"),
        pytest.param("# mine\n", "# mine\n\nsources:\n  - https://new.example/feed\n", id="only comments"),
        pytest.param(
            "site: {title: x}\n...\n",
            "site: {title: x}\n\nsources:\n  - https://new.example/feed\n...\n",
            id="closed",
        ),
        pytest.param(
            "sources:   # none yet\n  # - https://b.example/\n\nversion: 1\n",
            "sources:   # none yet\n  - https://new.example/feed\n  # - https://b.example/\n\nversion: 1\n",
            id="nothing",
        ),
        pytest.param(
            "sources: ~   # none\n", "sources:    # none\n  - https://new.example/feed\n", id="null"
        ),
        pytest.param(
            "sources: [] # none\n", "sources: ['https://new.example/feed'] # none\n", id="empty brackets"
        ),
        pytest.param(
            "sources: [https://a.example/, ] # one\n",
            "sources: [https://a.example/, 'https://new.example/feed', ] # one\n",
            id="brackets",
        ),
        pytest.param(
            "sources: [\n  https://a.example/,   # one\n  {url: https://b.example/}   # two, last\n]\n",
            "sources: [\n  https://a.example/,   # one\n  {url: https://b.example/}, 'https://new.example/feed'   # two, last\n]\n",
            id="brackets over lines",
        ),
    ],
)
def test_the_entry_goes_to_the_end_of_the_list_and_the_rest_stays(before: str, after: str) -> None:
    assert add_sources(before, [NEW]) == after


def test_what_a_source_has_is_written_as_a_map() -> None:
    assert added(
        "sources:\n  - https://a.example/\n",
        NewSource(
            url="https://b.example/",
            id="b",
            name="华文天下: 国际",
            type="page",
            section="no",
            extra={
                "page": {"url_pattern": r"/\d+\.html$"},
                "allow_private": ["127.0.0.0/8"],
                "enabled": False,
            },
        ),
    ) == dedent("""\
        sources:
          - https://a.example/
          - id: b
            name: '华文天下: 国际'
            url: https://b.example/
            type: page
            section: 'no'
            page:
              url_pattern: /\\d+\\.html$
            allow_private:
            - 127.0.0.0/8
            enabled: false
        """)


def test_what_looks_like_a_variable_stands_for_itself() -> None:
    after = added("", NewSource(url="https://a.example/${X}", name="${HOME}"))
    (made,) = parse_config(after).config.sources
    assert (made.url, made.name) == ("https://a.example/${X}", "${HOME}")


def test_nothing_to_add_changes_nothing() -> None:
    assert add_sources("a: [", []) == "a: ["


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sources: [\n", "the file ends"),
        ("{sources: []}\n", "in one pair of braces"),
        ("sources: https://a.example/\n", "no list"),
        ("- https://a.example/\n", "no map"),
        ("sources: &a\n  - https://a.example/\n", "anchors"),
    ],
)
def test_what_cannot_be_added_to_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        add_sources(text, [NEW])
    (fault,) = caught.value.faults
    assert words in fault.message
    assert fault.line > 0


# -- properties

LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=12)
NAMES = st.text(max_size=12)
PATHS = st.text("abcxyz0189-_/.?&=%${}#[],:", max_size=12)


@st.composite
def files(draw: st.DrawFn) -> str:
    """Files as people write them: sources in either form, comments, empty lines, more keys before and after."""
    indent = " " * draw(st.integers(0, 4))
    lines = ["# head", "site:", "  title: x", "sources:"] if draw(st.booleans()) else ["sources:   # all"]
    for number in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            lines.append(f"{indent}- https://{number}.example/  # {draw(LINES)}")
        else:
            lines += [f"{indent}- id: s{number}", f"{indent}  url: https://{number}.example/"]
            lines += draw(
                st.lists(
                    st.sampled_from([f"{indent}  # note", "", f"{indent}  name: |\n{indent}    a\n"]),
                    max_size=2,
                    unique=True,
                )
            )
        lines += draw(st.lists(st.sampled_from(["", "# at the left", f"{indent}# at the dash"]), max_size=2))
    lines += draw(st.sampled_from([[], ["version: 1"], ["", "# output", "output: {dir: x}"]]))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))


SOURCES = st.builds(
    NewSource,
    url=st.builds("https://h{}.example/{}".format, st.integers(0, 999), PATHS),
    name=st.none() | NAMES,
    section=st.none() | LINES,
    extra=st.dictionaries(
        st.sampled_from(["language", "encoding"]), st.sampled_from(["zh", "no"]), max_size=1
    ),
)


@given(files(), st.lists(SOURCES, min_size=1, max_size=3))
def test_all_that_was_there_is_there_line_by_line_and_means_the_same(text: str, new: list[NewSource]) -> None:
    after = add_sources(text, new)
    later = iter(after.splitlines())
    assert all(line in later for line in text.splitlines()), "not a subsequence"
    old_sources = given_of(text)
    assert given_of(after)[: len(old_sources)] == old_sources
    assert [source["url"] for source in given_of(after)[len(old_sources) :]] == [source.url for source in new]


def given_of(text: str) -> list[dict[str, Any]]:
    from aggregator.config.document import compose
    from aggregator.config.environment import substitute
    from aggregator.config.tree import plain

    tree, faults = compose(text, "f")
    assert tree is not None
    assert faults == []
    sources = plain(substitute(tree, {})[0])["sources"]
    return [{"url": source} if isinstance(source, str) else source for source in sources]


def test_a_loaded_source_is_unchanged_by_adding_another() -> None:
    before = "defaults: {timeout: 5s}\nsources:\n  - {url: https://a.example/, interval: 5m}\n"
    old, new = (parse_config(text).config.sources for text in (before, add_sources(before, [NEW])))
    assert new[: len(old)] == old
    assert isinstance(new[-1], Source)


# -- fresh files


def test_a_fresh_file_loads_without_a_fault_and_warns_only_of_having_no_sources() -> None:
    (warning,) = parse_config(new_config()).warnings
    assert "no sources" in warning.message


def test_a_fresh_file_has_what_it_was_given() -> None:
    text = new_config(
        [NewSource(url="https://a.example/feed", section="国际"), NEW],
        [NewSection(id="world", title="国际: 世界", include=("国际", "*")), NewSection(id="all", title="no")],
        title="My #1 paper: ${HOME}",
        language="zh-CN",
        timezone="Asia/Shanghai",
        base_url="https://paper.example/",
    )
    loaded = parse_config(text)
    config = loaded.config
    assert loaded.warnings == ()
    assert (config.site.title, config.site.language, config.site.timezone) == (
        "My #1 paper: ${HOME}",
        "zh-CN",
        "Asia/Shanghai",
    )
    assert (loaded.base_url, urls(text)) == ("https://paper.example", ["https://a.example/feed", NEW.url])
    assert [(section.id, section.title, section.include) for section in config.sections] == [
        ("world", "国际: 世界", ("国际", "*")),
        ("all", "no", ()),
    ]


def test_a_fresh_file_can_be_added_to() -> None:
    assert urls(add_sources(new_config([NEW]), [NewSource(url="https://b.example/")])) == [
        NEW.url,
        "https://b.example/",
    ]


@given(st.text(max_size=30))
def test_any_title_is_written_so_that_it_is_read_back(title: str) -> None:
    written = parse_config(new_config(title=title)).config.site.title
    assert written.split() == title.encode("utf-8", "replace").decode().split() or title == ""
