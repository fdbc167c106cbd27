"""What a sound configuration becomes: paths, addresses, warnings."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import aggregator
from aggregator import extras
from aggregator.config import load_config
from aggregator.config.base import Model
from aggregator.config.document import compose
from aggregator.config.load import base_url_of, resolve_storage_url
from aggregator.config.model import Config, SourceDefaults
from aggregator.config.pending import Pending, pending_warnings
from aggregator.config.wording import models_in
from tests.config.helpers import fault, load


def test_paths_begin_at_the_folder_of_the_file_and_the_configuration_stays_as_written(tmp_path: Path) -> None:
    path = tmp_path / "paper" / "feeds.yaml"
    path.parent.mkdir()
    path.write_text(
        "sources: [https://a.example/]\noutput: {dir: ../public}\nstorage: {url: 'sqlite:///var/x.db'}\n"
    )
    loaded = load_config(path, env={})
    assert loaded.root == path.parent
    assert loaded.output_dir == tmp_path / "public"
    assert loaded.storage_url == f"sqlite:///{tmp_path}/paper/var/x.db"
    assert str(loaded.config.output.dir) == "../public"


def test_a_relative_file_gives_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("feeds.yaml").write_text("sources: [https://a.example/]\n")
    loaded = load_config(Path("feeds.yaml"), env={})
    assert (loaded.root, loaded.output_dir) == (tmp_path, tmp_path / "var/public")
    assert loaded.files == (Path("feeds.yaml"),)


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        ("sqlite:///var/x.db", "sqlite:////srv/paper/var/x.db"),
        ("sqlite:///../x.db?mode=ro", "sqlite:////srv/x.db?mode=ro"),
        ("sqlite+pysqlite:///x.db", "sqlite+pysqlite:////srv/paper/x.db"),
        ("sqlite:////var/lib/x.db", "sqlite:////var/lib/x.db"),
        ("sqlite:///~/x.db", f"sqlite:///{os.path.expanduser('~')}/x.db"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("memory://", "memory://"),
        ("postgresql+psycopg://u@h/db", "postgresql+psycopg://u@h/db"),
    ],
)
def test_only_relative_files_of_sqlite_are_resolved(url: str, resolved: str) -> None:
    assert resolve_storage_url(url, Path("/srv/paper")) == resolved


@pytest.mark.parametrize(
    ("listen", "url"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        (":80", "http://127.0.0.1:80"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("[::]:8000", "http://[::1]:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("box.local:1", "http://box.local:1"),
    ],
)
def test_without_a_base_address_it_follows_from_where_the_server_listens(listen: str, url: str) -> None:
    assert base_url_of(listen) == url


def test_a_base_address_has_no_slash_at_its_end() -> None:
    assert load("site: {base_url: 'https://news.example/x/'}\n").base_url == "https://news.example/x"


def test_a_configuration_without_sources_is_sound_and_says_so() -> None:
    assert [str(warning) for warning in load("site: {title: x}").warnings] == [
        "feeds.yaml: no sources: nothing will be polled; `aggregator add URL` adds one"
    ]


# -- what has no effect yet

TABLE = (
    Pending("output.archive", "not written", frozenset({"no"})),
    Pending("dedup.near", "not looked for", frozenset({"no"})),
    Pending("source.full_text", "not fetched", frozenset({"never"})),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("output: {archive: yes}", "f:1:19: output.archive has no effect: not written"),
        ("output: {archive: No}", None),
        ("output: {dir: x}", None),
        ("dedup: {near: {threshold: 0.9}}", "f:1:15: dedup.near has no effect: not looked for"),
        ("dedup: {near: {enabled: no}}", None),
        ("defaults: {full_text: auto}", "f:1:23: defaults.full_text has no effect: not fetched"),
        ("defaults: {full_text: never}", None),
    ],
)
def test_a_key_without_effect_is_a_warning_where_it_is_set(text: str, expected: str | None) -> None:
    tree, _ = compose(text, "f")
    assert tree is not None
    assert [str(warning) for warning in pending_warnings(tree, [], TABLE)] == ([expected] if expected else [])


def test_a_key_without_effect_in_defaults_is_one_warning_however_many_sources_there_are() -> None:
    text = "defaults: {future_dates: keep, images: {hotlink: no-referrer}}\nsources: [https://a.example/, https://b.example/]"
    root, _ = compose(text, "f")
    assert root is not None
    table = (Pending("source.images.hotlink", "as it is", frozenset({"keep"})),)
    assert len(list(pending_warnings(root, [], table))) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dedup: {prefer: longest}", []),
        ("dedup: {prefer: first, near: {enabled: yes}, scope: section, fold_variants: no}", []),
        ("sources: [{url: https://a.example/, dedup: near}]", []),
        ("defaults: {stale_after: 3d}", []),
        ("defaults: {dedup: exact}", []),
        ("sources: [{url: https://a.example/, dedup: off, priority: 0}]", []),
        ("sources: [{url: https://a.example/, priority: 3}]", ["sources[0].priority"]),
        ("dedup: {prefer: priority}\nsources: [{url: https://a.example/, priority: 3}]", []),
        (
            "dedup: {prefer: longest}\nsources: [{url: https://a.example/, priority: 3}]",
            ["sources[0].priority"],
        ),
        ("dedup: {prefer: longest, show_also: no}", []),
        ("sources: [https://a.example/]", []),
    ],
)
def test_a_key_that_nothing_heeds_yet_is_named(text: str, expected: list[str]) -> None:
    warnings = [str(warning) for warning in load(f"{text}\n").warnings if "no effect" in str(warning)]
    assert [warning.split()[1] for warning in warnings] == expected


#: Keys that are used up while the file is read, and one that leaves no choice.
READ_BY_THE_CONFIGURATION = {"version", "include", "like", "storage", "seen_ids"}


def test_every_key_is_heeded_by_the_program_or_said_to_have_no_effect() -> None:
    from aggregator.config.pending import PENDING

    package = Path(aggregator.__file__).parent
    program = "".join(
        file.read_text(encoding="utf-8")
        for file in package.rglob("*.py")
        if "config" not in file.relative_to(package).parts
    )
    read = set(re.findall(r"\.([a-z_]+)\b(?!\()", program)) | READ_BY_THE_CONFIGURATION
    announced = {row.path for row in PENDING}
    unheeded = {
        path for path, name in config_keys(Config, "") if name not in read and not covered(path, announced)
    }
    assert unheeded == set()


def config_keys(model: type[Model], within: str) -> Iterator[tuple[str, str]]:
    """(path, attribute) of every key, each kind of map once a branch."""
    for name, field in model.model_fields.items():
        path = f"{within}{field.alias or name}"
        yield path, name
        for inner in models_in(field):
            if inner.__name__ not in ("Condition", "Routing", "Route"):
                yield from config_keys(inner, "source." if issubclass(inner, SourceDefaults) else f"{path}.")


def covered(path: str, announced: set[str]) -> bool:
    return any(path == row or path.startswith(f"{row}.") for row in announced)


def test_the_shipped_table_names_keys_that_exist() -> None:
    from aggregator.config.model import Config, Source
    from aggregator.config.pending import PENDING
    from aggregator.config.wording import keys_of, model_at

    for row in PENDING:
        within, _, rest = row.path.partition(".")
        model, path = (Source, rest) if within == "source" else (Config, row.path)
        *holders, key = path.split(".")
        holder = model_at(model, holders)
        assert holder is not None
        assert key in keys_of(holder), row.path


def test_the_semantic_stage_cannot_be_on_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "semantic_encoder", lambda: None)
    assert load("dedup: {semantic: auto}").config.dedup.semantic == "auto"
    assert load("dedup: {semantic: off}").config.dedup.semantic == "off"
    found = fault("dedup:\n  semantic: on\n")
    assert found.startswith("feeds.yaml:2:13: ")
    assert found.endswith("the semantic stage is not installed: pip install 'feed-aggregator[semantic]'")
    monkeypatch.setattr(extras, "semantic_encoder", lambda: "encoder 1")
    assert load("dedup: {semantic: on}").config.dedup.semantic == "on"
