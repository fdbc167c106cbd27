"""Files: reading them, and including more."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config import ConfigError, load_config


def write(folder: Path, **files: str | bytes) -> Path:
    """Files by name (``__`` stands for a slash); the path of feeds.yaml."""
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / "feeds.yaml"


def faults(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(path, env={})
    return [str(fault).replace(f"{path.parent}/", "") for fault in caught.value.faults]


# -- the file itself


def test_a_missing_file_is_explained_with_the_remedy(tmp_path: Path) -> None:
    assert faults(tmp_path / "feeds.yaml") == [
        "feeds.yaml: no such file; `aggregator init URL` writes one, -c FILE names another"
    ]


@pytest.mark.parametrize("content", ["", "\n\n", "# all commented out\n", "---\n", "~\n"])
def test_an_empty_file_is_explained_with_the_remedy(tmp_path: Path, content: str) -> None:
    (found,) = faults(write(tmp_path, feeds=content))
    assert "empty" in found
    assert "aggregator init URL" in found


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").mkdir()
    assert "cannot be read" in faults(tmp_path / "feeds.yaml")[0]


@pytest.mark.parametrize("content", ["- https://a.example/\n", "https://a.example/\n"])
def test_a_list_or_text_alone_is_no_configuration(tmp_path: Path, content: str) -> None:
    assert "a map that begins with keys" in faults(write(tmp_path, feeds=content))[0]


def test_a_file_in_gbk_is_explained_at_its_first_wrong_byte(tmp_path: Path) -> None:
    (found,) = faults(write(tmp_path, feeds="site:\n  title: 华文早报\n".encode("gbk")))
    assert found == "feeds.yaml:2:10: not UTF-8 (it may be GBK or GB18030); save the file as UTF-8"


def test_a_file_in_utf_16_is_explained(tmp_path: Path) -> None:
    assert "UTF-16" in faults(write(tmp_path, feeds="site: {title: x}\n".encode("utf-16")))[0]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = write(tmp_path, feeds="\ufeffsite: {title: x, langage: en}\n")
    assert faults(path) == ["feeds.yaml:1:18: unknown key 'langage' in site (did you mean 'language'?)"]


def test_a_file_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    assert "include" in faults(write(tmp_path, feeds=b"#" * 1_000_001))[0]


def test_windows_line_ends_are_line_ends(tmp_path: Path) -> None:
    assert faults(write(tmp_path, feeds="site:\r\n  titel: x\r\n"))[0].startswith("feeds.yaml:2:3: ")


# -- include

MAIN = "include: [feeds.d/*.yaml]\nsources: [{id: a, url: https://a.example/}]\nsections: [{id: world, title: 国际}]\n"


def test_included_sources_and_sections_come_after_our_own_by_name_of_file(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        feeds=MAIN,
        feeds_d__z="",
        **{
            "feeds.d__b": "sources: [{id: c, url: https://c.example/, section: 财经}]\nsections: [{id: finance, title: 财经}]",
            "feeds.d__a": "sources: [https://b.example/]",
        },
    )
    loaded = load_config(path, env={})
    assert [source.id for source in loaded.config.sources] == ["a", "b-example", "c"]
    assert [section.id for section in loaded.config.sections] == ["world", "finance"]
    assert [file.name for file in loaded.files] == ["feeds.yaml", "a.yaml", "b.yaml"]


def test_defaults_ids_and_like_reach_into_included_files(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        feeds="include: more.yaml\ndefaults: {language: zh-CN}\nsources: [{id: a, url: https://a.example/, priority: 3}]",
        more="sources: [{id: b, url: https://b.example/, like: a}]",
    )
    made = load_config(path, env={}).config.sources[1]
    assert (made.language, made.priority) == ("zh-CN", 3)


def test_a_fault_names_its_own_file(tmp_path: Path) -> None:
    path = write(
        tmp_path, feeds=MAIN, **{"feeds.d__a": "sources:\n  - {id: a, url: https://b.example/, tpye: feed}\n"}
    )
    assert faults(path) == [
        "feeds.d/a.yaml:2:10: duplicate id 'a' in sources[0]; feeds.yaml:2 has it already",
        "feeds.d/a.yaml:2:38: unknown key 'tpye' in sources[0] (did you mean 'type'?)",
    ]


def test_faults_of_all_files_come_in_one_go(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        feeds="include: [a.yaml, b.yaml, c.yaml]\nsite: {titel: x}\n",
        a="sources: [",
        b="site: {title: x}\ninclude: d.yaml\nsections: {a: b}\n",
    )
    assert [line.split(": ")[0] for line in faults(path)] == [
        "feeds.yaml:1:27",
        "feeds.yaml:2:8",
        "a.yaml:2:1",
        "b.yaml:1:1",
        "b.yaml:2:1",
        "b.yaml:3:11",
    ]


def test_a_literal_path_must_be_there_and_a_pattern_may_match_none(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, feeds=MAIN), env={}).files == (tmp_path / "feeds.yaml",)
    (found,) = faults(write(tmp_path, feeds="include: [more.yaml]\n"))
    assert found.startswith("feeds.yaml:1:11: no such file: more.yaml")


def test_an_included_file_cannot_include_others(tmp_path: Path) -> None:
    (found,) = faults(write(tmp_path, feeds="include: a.yaml\n", a="include: b.yaml\n"))
    assert found == "a.yaml:1:1: an included file cannot include others; name them in the main file"


def test_a_file_is_taken_once_and_never_includes_itself(tmp_path: Path) -> None:
    path = write(
        tmp_path, feeds="include: ['*.yaml', a.yaml]\nsources: []\n", a="sources: [https://a.example/]\n"
    )
    assert [file.name for file in load_config(path, env={}).files] == ["feeds.yaml", "a.yaml"]


def test_an_empty_included_file_is_fine(tmp_path: Path) -> None:
    path = write(tmp_path, feeds="include: a.yaml\nsources: [https://a.example/]\n", a="# later\n")
    assert len(load_config(path, env={}).config.sources) == 1


def test_variables_are_filled_in_in_included_files_and_in_the_names_of_them(tmp_path: Path) -> None:
    path = write(tmp_path, feeds="include: '${DESK}.yaml'\n", a="sources: ['https://${HOST}/x']\n")
    loaded = load_config(path, env={"DESK": "a", "HOST": "a.example"})
    assert loaded.config.sources[0].url == "https://a.example/x"
