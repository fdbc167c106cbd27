"""What is generated from the types: the schema for editors, the reference for people. And the file we ship."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aggregator.config import load_config
from aggregator.config.described import meanings
from aggregator.config.model import Config
from aggregator.config.reference import reference_markdown
from aggregator.config.schema import json_schema, schema_text, write_docs
from aggregator.config.wording import keys_of, models_in

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["feeds.schema.json", "configuration.md"])
def test_what_is_in_docs_is_up_to_date(name: str, tmp_path: Path) -> None:
    write_docs(tmp_path)
    there = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert there == (tmp_path / name).read_text(encoding="utf-8"), "run: python -m aggregator.config.schema"


def all_models(model: type[Any] = Config) -> set[type[Any]]:
    found = {model}
    queue = [model]
    while queue:
        for field in keys_of(queue.pop()).values():
            fresh = set(models_in(field)) - found
            found |= fresh
            queue += fresh
    return found


def test_every_key_has_a_meaning() -> None:
    for model in all_models():
        assert model.__doc__, model
        for key in keys_of(model):
            assert meanings(model).get(key), f"{model.__name__}.{key}"


def test_the_reference_has_every_key() -> None:
    text = reference_markdown()
    for model in all_models():
        for key in keys_of(model):
            assert f"| `{key}` |" in text, f"{model.__name__}.{key}"
    assert "(Condition)" not in text


def test_a_source_may_be_an_address_and_needs_no_id() -> None:
    schema = json_schema()
    items = schema["properties"]["sources"]["items"]
    assert items["if"] == {"type": "string"}
    assert schema["$defs"]["Source"]["required"] == ["url"]
    assert next(iter(schema["$defs"]["Source"]["properties"])) == "url"


def test_short_forms_are_in_the_schema() -> None:
    source = json_schema()["$defs"]["Source"]["properties"]
    assert source["interval"]["anyOf"][0]["type"] == "string"
    assert "integer" in str(source["per_host"]["anyOf"][0])
    assert {"type": "string"} in json_schema()["$defs"]["Condition"]["properties"]["tag"]["anyOf"]


def test_the_schema_speaks_as_people_write() -> None:
    source = json_schema()["$defs"]["Source"]["properties"]
    assert source["timeout"]["default"] == "30s"
    assert "no" in source["verify"]["enum"]
    assert "pydantic" not in schema_text()


# -- the newspaper that we ship


def test_the_shipped_file_loads_without_a_fault_or_a_warning() -> None:
    loaded = load_config(ROOT / "feeds.yaml", env={})
    assert loaded.warnings == ()
    assert 4 <= len([section for section in loaded.config.sections if section.id != "all"]) <= 6
    assert loaded.config.site.timezone == "Asia/Shanghai"


def test_the_shipped_file_has_feeds_and_pages_for_every_section() -> None:
    config = load_config(ROOT / "feeds.yaml", env={}).config
    assert len([source for source in config.sources if source.type == "page"]) >= 2
    labels = {source.section for source in config.sources if isinstance(source.section, str)}
    assert {section.title for section in config.sections if section.id != "all"} <= labels
