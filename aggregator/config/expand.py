"""Sources as they are meant: bare addresses opened, ids made, ``like`` and ``defaults`` worked in.

Works on the tree, so that every value keeps the place where it was written, wherever it ends up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from aggregator.config.faults import Fault, did_you_mean
from aggregator.config.forms import plain_address
from aggregator.config.model import Source, SourceDefaults
from aggregator.config.slugs import slug_of_url
from aggregator.config.tree import Entry, Map, Node, Text

#: What ``like`` leaves to each source.
_OWN = frozenset({"id", "url", "name", "test", "like"})

#: Maps that may be written as one value, and the keys which that value is for.
_SHORT: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("interval",): ("base", "min"),
    ("per_host",): ("concurrency",),
    **{
        (page, key): ("select",)
        for page, keys in {
            "page": ("link", "title", "date", "next_page"),
            "article": ("title", "date", "author", "section", "next_page"),
        }.items()
        for key in keys
    },
}


@dataclass(slots=True)
class Expanded:
    """The sources, ready for validation, in order."""

    sources: list[Node]
    places: dict[str, str]  #: id → ``file:line`` where the source begins
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def expand(nodes: Sequence[Node], defaults: Node | None) -> Expanded:
    """Work everything in. What is no source at all passes unchanged, for the validation to refuse."""
    result = Expanded(sources=[], places={})
    opened = [_opened_address(node) for node in nodes]
    named = _with_ids(opened, result)
    known = {id: source for source in named if isinstance(source, Map) and (id := source.text("id"))}
    _note_twins(named, result)
    base = _defaults(defaults)
    for source in named:
        if isinstance(source, Map):
            result.sources.append(_merged(_like(source, known, result, ()), base))
        else:
            result.sources.append(source)
    return result


# -- bare addresses and ids


def _opened_address(node: Node) -> Node:
    if not isinstance(node, Text) or node.value is None:
        return node
    return Map(
        mark=node.mark, end=node.end, path=node.path, entries={"url": Entry(key=node.mark, value=node)}
    )


def _with_ids(nodes: Sequence[Node], result: Expanded) -> list[Node]:
    """Explicit ids first, so that a made one never takes the id that somebody chose."""
    for node in nodes:
        if isinstance(node, Map) and (id := node.text("id")):
            if id in result.places:
                message = f"duplicate id {id!r} in {node.path}; {result.places[id]} has it already"
                result.faults.append(node.entries["id"].value.mark.fault(message))
            result.places.setdefault(id, f"{node.mark.file}:{node.mark.line}")
    return [_with_id(node, result) if isinstance(node, Map) else node for node in nodes]


def _with_id(node: Map, result: Expanded) -> Map:
    if node.get("id") is not None:
        return node
    id = slug_of_url(plain_address(node.text("url") or f"source-{node.path}"), result.places)
    result.places[id] = f"{node.mark.file}:{node.mark.line}"
    made = Text(mark=node.mark, end=node.end, path=f"{node.path}.id", value=id)
    return replace(node, entries={**node.entries, "id": Entry(key=node.mark, value=made)})


def _note_twins(nodes: Sequence[Node], result: Expanded) -> None:
    seen: dict[str, Text] = {}
    for node in nodes:
        url = node.get("url") if isinstance(node, Map) else None
        if isinstance(url, Text) and url.value:
            first = seen.setdefault(_same_address(url.value), url)
            if first is not url:
                place = f"{first.mark.file}:{first.mark.line}"
                message = f"the address {url.value} is polled twice; {place} has it already"
                result.warnings.append(url.mark.fault(message))


def _same_address(url: str) -> str:
    return plain_address(url).partition("#")[0].partition("://")[2].rstrip("/")


# -- like and defaults


def _like(source: Map, known: Mapping[str, Map], result: Expanded, above: tuple[str, ...]) -> Map:
    """The source over what its ``like`` gives. A circle, or an unknown id, is a fault and gives nothing."""
    name = source.get("like")
    if not isinstance(name, Text) or not name.value:
        return source
    if name.value in above or name.value == source.text("id"):
        circle = " → ".join([*above, source.text("id") or "", name.value])
        result.faults.append(name.mark.fault(f"'like' goes in a circle in {source.path}: {circle}"))
        return source
    if name.value not in known:
        hint = did_you_mean(name.value, known)
        result.faults.append(
            name.mark.fault(f"no source has the id {name.value!r} that {name.path} names{hint}")
        )
        return source
    model = _like(known[name.value], known, result, (*above, source.text("id") or ""))
    given = {key: entry for key, entry in model.entries.items() if key not in _OWN}
    return _merged(source, replace(model, entries=given))


def _defaults(node: Node | None) -> Map | None:
    """What of ``defaults`` is for sources; the rest, misspelt keys included, is judged where it stands."""
    if not isinstance(node, Map):
        return None
    keys = SourceDefaults.model_fields
    return replace(node, entries={key: entry for key, entry in node.entries.items() if key in keys})


def _merged(over: Map, under: Map | None) -> Map:
    """``over`` wins; an empty key wins only where "none" is a value of it."""
    if under is None:
        return over
    given = {
        key: entry
        for key, entry in over.entries.items()
        if key not in under.entries or not _is_nothing(entry.value) or Source.takes_nothing(key)
    }
    return _merge(replace(over, entries=given), under, ())


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Text) and node.value is None


def _merge(over: Map, under: Map, at: tuple[str, ...]) -> Map:
    entries = dict(under.entries)
    for key, entry in over.entries.items():
        below = _opened(entries[key].value, (*at, key)) if key in entries else None
        if isinstance(entry.value, Map) and isinstance(below, Map):
            entry = replace(entry, value=_merge(entry.value, below, (*at, key)))
        entries[key] = entry
    return replace(over, entries=entries)


def _opened(node: Node, at: tuple[str, ...]) -> Node:
    """A value written short, as the map it stands for."""
    keys = _SHORT.get(at)
    if keys is None or not isinstance(node, Text) or node.value is None:
        return node
    entries = {key: Entry(key=node.mark, value=node) for key in keys}
    return Map(mark=node.mark, end=node.end, path=node.path, entries=entries)
