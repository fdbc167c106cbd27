"""``output.templates`` and ``output.stylesheet``: what is wrong with them is said before anything is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config import ConfigError, Loaded, parse_config

SOURCES = "sources: ['https://a.example/']\n"


def loaded(folder: Path, output: str) -> Loaded:
    return parse_config(f"{SOURCES}output: {output}\n", path=folder / "feeds.yaml")


def faults(folder: Path, output: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, output)
    return [str(fault) for fault in caught.value.faults]


def test_paths_begin_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "looks").mkdir()
    (tmp_path / "paper.css").write_text("body{}")
    found = loaded(tmp_path, "{templates: looks, stylesheet: paper.css}")
    assert (found.templates, found.stylesheet) == (tmp_path / "looks", tmp_path / "paper.css")
    assert (loaded(tmp_path, "{}").templates, loaded(tmp_path, "{}").stylesheet) == (None, None)


@pytest.mark.parametrize("key", ["templates", "stylesheet"])
def test_what_is_not_there_is_named_where_it_is_asked_for(tmp_path: Path, key: str) -> None:
    [fault] = faults(tmp_path, f"{{{key}: away}}")
    assert fault.startswith(f"{tmp_path}/feeds.yaml:2:")
    assert "'away'; relative paths begin beside this file" in fault


def test_a_broken_template_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "front.html").write_text("<p>\n{% for %}\n")
    (tmp_path / "deep" / "part.html").write_bytes(b"a\n\xff")
    assert faults(tmp_path, "{templates: .}") == [
        f"{tmp_path}/deep/part.html:2:1: this is not UTF-8",
        f"{tmp_path}/front.html:2:1: Expected an expression, got 'end of statement block'",
    ]
