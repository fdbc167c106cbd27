"""JSON Schema of feeds.yaml for editors, and the reference for people: both out of the types.

``python -m aggregator.config.schema`` writes them to ``docs/``; a test says that what is there is up to date.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from aggregator.config.described import meanings
from aggregator.config.durations import format_duration
from aggregator.config.model import Config, SourceDefaults
from aggregator.config.reference import reference_markdown

#: YAML 1.2 editors take ``no`` and ``off`` for texts; feeds.yaml takes them for what people mean.
_YES_NO = {"enum": [True, False, "yes", "no", "on", "off"]}
_VARIABLE = {"type": "string", "pattern": r"\$\{"}


class _Generator(GenerateJsonSchema):
    """Meanings beside the keys, defaults as a person would write them; those of whole maps stand at their keys."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        made = super().model_schema(schema)
        for key, words in meanings(schema["cls"]).items():
            made["properties"][key].setdefault("description", words)
        return made

    def encode_default(self, dft: Any) -> Any:
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def default_schema(self, schema: Any) -> dict[str, Any]:
        made = super().default_schema(schema)
        return _without(made, "default") if isinstance(made.get("default"), dict) else made


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the file as people write it: a source may be an address alone, without an id."""
    schema = Config.model_json_schema(schema_generator=_Generator)
    source = schema["$defs"]["Source"]
    source["required"] = ["url"]
    own = {
        key: value for key, value in source["properties"].items() if key not in SourceDefaults.model_fields
    }
    source["properties"] = {**own, **source["properties"]}
    sources = schema["properties"]["sources"]
    # "if" and not "anyOf": an editor then names the fault in a source instead of "matches none of two".
    sources["items"] = {
        "if": {"type": "string"},
        "then": source["properties"]["url"],
        "else": sources["items"],
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "feeds.yaml"}
    return {**head, **_tidied(schema)}


def _tidied(part: Any) -> Any:
    """Without pydantic's titles, with the ways in which a person may write numbers and yes or no."""
    if isinstance(part, list):
        return [_tidied(inner) for inner in part]
    if not isinstance(part, Mapping):
        return part
    kept = {
        key: _tidied(inner) for key, inner in part.items() if key != "title" or not isinstance(inner, str)
    }
    if kept.get("type") == "boolean":
        return {**_without(kept, "type"), **_YES_NO}
    if kept.get("type") in ("integer", "number"):
        about = {key: kept[key] for key in ("description", "default") if key in kept}
        return {**about, "anyOf": [_without(kept, *about), _VARIABLE]}
    if kept.get("type") == "string" and "pattern" in kept:
        kept["pattern"] = rf"(?:{kept['pattern']})|\$\{{"
    return kept


def _without(part: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in keys}


def schema_text() -> str:
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def write_docs(folder: Path) -> None:
    """Write the schema and the reference."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "feeds.schema.json").write_text(schema_text(), encoding="utf-8")
    (folder / "configuration.md").write_text(reference_markdown(), encoding="utf-8")


if __name__ == "__main__":
    write_docs(Path(__file__).resolve().parents[2] / "docs")
