"""The reference of feeds.yaml in Markdown: every key, its type, its default, its meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from aggregator.config.base import Model
from aggregator.config.described import meanings
from aggregator.config.durations import format_duration
from aggregator.config.forms import Form, OneOrMore, Short
from aggregator.config.model import Config, Defaults, Source, SourceDefaults
from aggregator.config.wording import keys_of, models_in

_WORDS: dict[Any, str] = {
    timedelta: "duration",
    bool: "yes / no",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
    IPv4Network: "network",
    IPv6Network: "network",
}

_HEAD = """\
# feeds.yaml: every key

Generated from the types in `aggregator/config` by `python -m aggregator.config.schema`; not edited by hand.
`feeds.schema.json`, beside this file, tells the same to editors: begin feeds.yaml with the line
`# yaml-language-server: $schema=docs/feeds.schema.json`.

What holds everywhere:

- A text is what stands there: `no`, `12:30`, `1.10` and `007` stay as they are; the key says what it means.
- `yes`, `no`, `true`, `false`, `on` and `off` are the two answers of a yes / no key.
- A duration is a number and a unit, or several: `90s`, `15m`, `6h`, `7d`, `2w`, `1h30m`.
- Where a list may hold texts, a single one needs no brackets.
- `${NAME}` in a value is the environment variable; `${NAME:-default}` has a default; `$${` writes `${`.
- A key with nothing behind it is as good as left out.
- Anchors, aliases, merge keys and tags are refused; `defaults` and `like` say once what sources share.
- Paths begin at the folder of the file.
"""

_SOURCE_FORMS = """
A source is written as an address alone, or as a map:

```yaml
sources:
  - https://example.org/news.xml
  - {url: https://example.org/world/, type: page, section: World}
```

Besides the keys below it takes every key of [`defaults`](#defaults) but `concurrency`; what it says wins,
then what `like` gives, then `defaults`. Maps are joined key by key, lists and texts replaced whole.
"""

_INCLUDE = """
## Included files

`include` names files, or patterns with `*`, `?` and `**`, from the folder of the main file on. Each holds
`sources` and `sections` alone and cannot include others. Their entries come after those of the main file.
"""


def reference_markdown() -> str:
    """The whole reference; the same text for the same types."""
    parts = [_HEAD, "\n## The file\n", *_table(Config)]
    chapters = list(_chapters())
    for heading, model in chapters:
        parts += [f"\n## {heading}\n", f"\n{_about(model)}\n"]
        if model is Source:
            parts.append(_SOURCE_FORMS)
        parts += _table(model)
    return _linked("".join([*parts, _INCLUDE]), chapters)


def _linked(text: str, chapters: Sequence[tuple[str, type[Model]]]) -> str:
    for heading, model in chapters:
        anchor = heading.replace(".", "")
        text = text.replace(f"map ({model.__name__})", f"map: [{heading}](#{anchor})")
    return text


def _chapters() -> Iterator[tuple[str, type[Model]]]:
    """The maps of the file, each after the one that first names it; headings are the keys that lead there."""
    seen: set[type[Model]] = {Config}
    queue: list[tuple[str, type[Model]]] = [("", Config)]
    while queue:
        path, model = queue.pop(0)
        if path:
            yield path, model
        for key, field in _own_fields(model).items():
            for inner in models_in(field):
                if inner not in seen:
                    seen.add(inner)
                    queue.append((f"{path}.{key}" if path else key, inner))


def _own_fields(model: type[Model]) -> dict[str, FieldInfo]:
    """The keys of a map; those that a source shares with ``defaults`` are told of there alone."""
    fields = keys_of(model)
    if model is not Source:
        return fields
    return {key: field for key, field in fields.items() if key not in SourceDefaults.model_fields}


def _about(model: type[Model]) -> str:
    return (Defaults.__doc__ if model is Defaults else model.__doc__) or ""


def _table(model: type[Model]) -> list[str]:
    words = meanings(model)
    rows = ["\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n"]
    for key, field in _own_fields(model).items():
        cells = (f"`{key}`", type_words(field), _default(field), " ".join(words.get(key, "").split()))
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n")
    return rows


# -- types


def type_words(field: FieldInfo) -> str:
    """What may stand under a key, in words."""
    return _words(field.annotation, field.metadata)


def _words(annotation: Any, marks: Sequence[Any] = ()) -> str:
    for mark in marks:
        if isinstance(mark, Form):
            return mark.word
        if isinstance(mark, Short):
            return f"{mark.word}, or {_words(annotation)}"
        if isinstance(mark, OneOrMore):
            return f"{_words(get_args(annotation)[0])}, or a list"
    if get_origin(annotation) is Annotated:
        inner, *inner_marks = get_args(annotation)
        return _words(inner, inner_marks)
    if get_origin(annotation) is Literal:
        return " / ".join(f"`{choice}`" for choice in get_args(annotation))
    if get_origin(annotation) is tuple:
        return f"list of {_words(get_args(annotation)[0])}"
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(
            dict.fromkeys(_words(part) for part in get_args(annotation) if part is not NoneType)
        )
    return _word(annotation)


def _word(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"map ({annotation.__name__})"
    return _WORDS[annotation]


# -- defaults


def _default(field: FieldInfo) -> str:
    if field is Source.model_fields["id"]:
        return "made from the address"
    return "*required*" if field.is_required() else _shown(field.default)


def _shown(value: Any) -> str:
    if value is None or value == () or value == "" or isinstance(value, BaseModel):
        return ""
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    if isinstance(value, timedelta):
        return f"`{format_duration(value)}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`"
