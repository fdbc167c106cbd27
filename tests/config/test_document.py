"""YAML as feeds.yaml understands it: texts stay texts, and what people stumble over is explained."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import ConfigError
from aggregator.config.document import compose
from aggregator.config.syntax import explain
from aggregator.config.tree import Map, plain
from tests.config.helpers import fault, faults, load


def read(text: str) -> Any:
    tree, found = compose(text, "f.yaml")
    assert found == []
    return plain(tree)


@pytest.mark.parametrize(
    "written",
    [
        "on",
        "off",
        "yes",
        "no",
        "NO",
        "true",
        "12:30",
        "10:00",
        "1.10",
        "007",
        "0x1f",
        "1e3",
        "2024-10-24",
        "=",
        ".inf",
    ],
)
def test_a_plain_word_stays_the_text_that_it_is(written: str) -> None:
    assert read(f"key: {written}\nlist: [{written}]") == {"key": written, "list": [written]}


@pytest.mark.parametrize("written", ["", "~", "null", "Null", "NULL"])
def test_nothing_and_null_are_none(written: str) -> None:
    assert read(f"key: {written}\n") == {"key": None}


@pytest.mark.parametrize("written", ["''", '""', "'null'", '"~"'])
def test_what_is_quoted_is_never_none(written: str) -> None:
    assert read(f"key: {written}\n") == {"key": written[1:-1]}


def test_on_is_also_a_key() -> None:
    assert read("on: a\nno: b\n1: c\n") == {"on": "a", "no": "b", "1": "c"}


def test_places_are_lines_and_columns_in_characters() -> None:
    tree, _ = compose("标题: 国际\n列表:\n  - {甲: 乙, 丙: 丁}\n", "f.yaml")
    assert isinstance(tree, Map)
    item = tree.get("列表").items[0]  # type: ignore[union-attr]
    entry = item.entries["丙"]  # type: ignore[union-attr]
    assert (entry.key.line, entry.key.column) == (3, 12)
    assert (entry.value.mark.line, entry.value.mark.column) == (3, 15)
    assert entry.value.path == "列表[0].丙"


# PyYAML's writer, not its reader, loses the line breaks of Unicode in single quotes.
WORDS = st.text(st.characters(exclude_characters="\x85\u2028\u2029", exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(WORDS, WORDS | st.lists(WORDS), min_size=1, max_size=5))
def test_what_pyyaml_writes_is_read_back_the_same(document: dict[str, Any]) -> None:
    document = {f"k{key}": value for key, value in document.items()}
    assert read(yaml.safe_dump(document, allow_unicode=True)) == document


# -- refused


def test_a_duplicate_key_is_a_fault_that_names_both_lines() -> None:
    text = "sources:\n  - url: https://a.example/\n    interval: 5m\n    url: https://b.example/\n"
    assert fault(text) == "feeds.yaml:4:5: duplicate key 'url' in sources[0]; it is given in line 2 already"


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("site: &a {title: x}\nsources: []\n", "1:7", "anchors"),
        ("site: {title: x}\nsources: *a\n", "2:10", "aliases"),
        ("site:\n  <<: {title: x}\n", "2:3", "merge keys (<<)"),
        ("site: !!python/object/apply:os.system ['true']\n", "1:7", "tags"),
        ("site: {title: !!str 5}\n", "1:15", "tags"),
        ("site: {[a]: b}\n", "1:8", "a list or map stands where a key should"),
        ("'': b\n", "1:1", "is empty"),
        ("site: {title: x}\n---\nsite: {}\n", "2:1", "second document"),
    ],
)
def test_what_yaml_has_beyond_maps_lists_and_texts_is_refused(text: str, place: str, word: str) -> None:
    found = faults(text)
    assert any(line.startswith(f"feeds.yaml:{place}: ") and word in line for line in found), found


def test_an_alias_bomb_is_refused_without_unfolding() -> None:
    layers = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 10))
    started = time.process_time()
    assert any("anchors" in line for line in faults(f"l0: &l0 [x]\n{layers}"))
    assert time.process_time() - started < 20


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "{a: " * 5_000, "- " * 5_000])
def test_bottomless_nesting_is_refused_at_once(text: str) -> None:
    started = time.process_time()
    assert "nested more than" in faults(text)[0]
    assert time.process_time() - started < 20


# -- syntax errors in plain words

MISTAKES = [
    ("site:\n\ttitle: x\n", "2:1", "a tab"),
    ("site:\n  title: x\n\tlanguage: en\n", "3:1", "a tab"),
    ("site: {title: a: b}\n", "1:16", "a quote"),
    ("title: a: b\n", "1:9", "quotes"),
    ("site:\n  title: 'x\nsources: []\n", None, "the quote opened in line 2 is never closed"),
    ("site:\n  title: x\n language: en\n", "3:2", "indentation"),
    ("sources:\n  - url: x\n   name: y\n", "3:4", "indentation"),
    ("include: [a, b\nsources: []\n", None, "opened with [ in line 1"),
    ("server: {token: ${X:-}}\n", None, "in quotes"),
    ("site: {title: @x}\n", "1:15", "begins with '@'"),
    ("site: {title: `x`}\n", "1:15", "begins with '`'"),
    ("include: [*]\n", None, "begins with '*'"),
    ("include: *.yaml\n", None, "begins with '*'"),
    ('a: "\\d+"\n', None, "single quotes"),
    ("a: x\x00\n", "1:5", "control character"),
    ("url：x\nb: 1\n", None, "full-width"),
    ("a: 1\n- b\n", "2:1", "a '-' where a key"),
    ("a: }\n", "1:4", "begin with '}'"),
    ("a: > x\n", None, "next line"),
]


@pytest.mark.parametrize(("text", "place", "words"), MISTAKES)
def test_a_syntax_error_is_one_fault_in_plain_words(text: str, place: str | None, words: str) -> None:
    found = fault(text)
    assert words in found
    assert "scalar" not in found
    assert place is None or found.startswith(f"feeds.yaml:{place}: ")


@pytest.mark.parametrize(("text", "place", "words"), MISTAKES)
def test_both_parsers_of_pyyaml_are_put_into_the_same_words(text: str, place: str | None, words: str) -> None:
    with pytest.raises(yaml.YAMLError) as caught:
        list(yaml.parse(text, Loader=yaml.SafeLoader))
    assert words in explain(caught.value, text, "f.yaml").message


@given(st.text(alphabet=st.sampled_from("ab:-[]{},#&*!|>'\"%@` \n\t$\\é国\u2028\x00"), max_size=60))
def test_any_text_loads_or_is_refused_as_faults(text: str) -> None:
    with suppress(ConfigError):
        load(text)
