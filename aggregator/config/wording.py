"""What the validation finds, at its place in the file and in plain words: a sentence for each kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from aggregator.config.base import Model
from aggregator.config.faults import Fault, did_you_mean, nearest
from aggregator.config.tree import Listing, Map, Node, Text

#: Kind of error → sentence; the rest of the sentence is "<path>: ". ``{given}`` is what stands there.
_SENTENCES: Mapping[str, str] = {
    "bool_parsing": "must be yes or no, not {given}",
    "bool_type": "must be yes or no, not {given}",
    "int_parsing": "must be a whole number, not {given}",
    "int_parsing_size": "must be a smaller number, not {given}",
    "int_from_float": "must be a whole number, not {given}",
    "int_type": "must be a whole number, not {given}",
    "float_parsing": "must be a number, not {given}",
    "float_type": "must be a number, not {given}",
    "finite_number": "must be a number, not {given}",
    "greater_than_equal": "must be at least {ge}, not {given}",
    "greater_than": "must be more than {gt}, not {given}",
    "less_than_equal": "must be at most {le}, not {given}",
    "less_than": "must be less than {lt}, not {given}",
    "string_type": "must be a text, not {given}",
    "string_too_short": "must not be empty",
    "path_type": "must be a path, not {given}",
    "time_delta_type": "must be a duration, as 15m, not {given}",
    "time_delta_parsing": "must be a duration, as 15m, not {given}",
    "tuple_type": "must be a list, not {given}",
    "list_type": "must be a list, not {given}",
    "dict_type": "must be a map of keys, not {given}",
    "model_type": "must be a map of keys, not {given}",
    "model_attributes_type": "must be a map of keys, not {given}",
    "ip_v4_network": "must be a network, as 127.0.0.0/8, not {given}",
    "ip_v6_network": "must be a network, as fd00::/8, not {given}",
    "is_instance_of": "must be a text, not {given}",
}

#: Keys that other programs use → ours.
_SYNONYMS: Mapping[str, str] = {
    "feed": "url",
    "href": "url",
    "link": "url",
    "xmlurl": "url",
    "title": "name",
    "label": "name",
    "name": "title",
    "ttl": "interval",
    "every": "interval",
    "refresh": "interval",
    "category": "section",
    "folder": "section",
    "topic": "section",
    "tz": "timezone",
    "charset": "encoding",
    "disabled": "enabled",
    "paused": "enabled",
    "sources": "include",
    "max_items": "limit",
}


def faults_of(error: ValidationError, tree: Node, model: type[Model]) -> list[Fault]:
    """One fault for each thing found, in the words of this module."""
    return [_fault(detail, tree, model) for detail in error.errors(include_url=False)]


def _fault(detail: ErrorDetails, tree: Node, model: type[Model]) -> Fault:
    loc = detail["loc"]
    if detail["type"] == "extra_forbidden":
        return _unknown_key(tree, model, loc)
    if detail["type"] == "missing":
        return _missing_key(tree, loc)
    node = deepest(tree, loc)
    return node.mark.fault(f"{node.path or 'the file'}: {_sentence(detail, node)}")


def deepest(tree: Node, loc: Iterable[int | str]) -> Node:
    """The node a location leads to, or the last on the way; parts that name a choice of types are skipped."""
    node = tree
    for part in loc:
        if isinstance(node, Map) and part in node.entries:
            node = node.entries[str(part)].value
        elif isinstance(node, Listing) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
    return node


# -- keys


def _unknown_key(tree: Node, model: type[Model], loc: tuple[int | str, ...]) -> Fault:
    holder, key = deepest(tree, loc[:-1]), str(loc[-1])
    mark = holder.entries[key].key if isinstance(holder, Map) and key in holder.entries else holder.mark
    place = model_at(model, loc[:-1])
    hint = suggestion(key, place) if place else ""
    return mark.fault(f"unknown key {key!r} {_in(holder)}{hint}")


def _missing_key(tree: Node, loc: tuple[int | str, ...]) -> Fault:
    holder, key = deepest(tree, loc[:-1]), str(loc[-1])
    if isinstance(holder, Map) and key in holder.entries:
        return holder.entries[key].key.fault(f"{key!r} {_in(holder)} has no value")
    return holder.mark.fault(f"key {key!r} is missing {_in(holder)}")


def _in(holder: Node) -> str:
    return f"in {holder.path}" if holder.path else "at the top level"


def suggestion(key: str, model: type[Model]) -> str:
    """The key that was probably meant: spelt alike, one level down, or called otherwise elsewhere."""
    known = keys_of(model)
    synonym = _SYNONYMS.get(key.casefold().replace("_", ""))
    below = [
        f"{name}.{key}" for name, field in known.items() for part in models_in(field) if key in keys_of(part)
    ]
    guess = synonym if synonym in known else nearest(key, known)
    meant = [guess] if guess else below[:2]
    return f" (did you mean {' or '.join(map(repr, meant))}?)" if meant else ""


def keys_of(model: type[Model]) -> dict[str, FieldInfo]:
    """The keys of a map as feeds.yaml spells them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def model_at(model: type[Model], loc: Iterable[int | str]) -> type[Model] | None:
    """The type of the map at a location."""
    for part in loc:
        field = keys_of(model).get(str(part))
        inner = next(models_in(field), None) if field else None
        # An index, or the name of a choice of types, stays where it is.
        model = inner or model
    return model


def models_in(field: FieldInfo) -> Iterator[type[Model]]:
    """The maps a field may hold."""
    return _models(field.annotation)


def _models(annotation: Any) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    elif get_origin(annotation) is Annotated:
        yield from _models(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType, tuple):
        for inner in get_args(annotation):
            yield from _models(inner)


# -- values


def _sentence(detail: ErrorDetails, node: Node) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return str(context.get("error", detail["msg"]))
    if detail["type"] == "literal_error":
        return _choice(str(context["expected"]), node)
    sentence = _SENTENCES.get(detail["type"])
    if sentence is None:
        return detail["msg"][:1].lower() + detail["msg"][1:]
    return sentence.format(
        given=given(node), **{name: context.get(name) for name in ("ge", "gt", "le", "lt")}
    )


def _choice(expected: str, node: Node) -> str:
    choices = expected.replace("'", "").replace(" or ", ", ").split(", ")
    hint = did_you_mean(node.value or "", choices) if isinstance(node, Text) else ""
    listed = choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
    return f"must be {listed}, not {given(node)}{hint}"


def given(node: Node) -> str:
    """What stands there, in words."""
    if isinstance(node, Text):
        shown = node.value or ""
        return "nothing" if node.value is None else repr(shown if len(shown) <= 60 else shown[:59] + "…")
    return "a list" if isinstance(node, Listing) else "a map"
