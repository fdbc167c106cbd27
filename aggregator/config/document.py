"""YAML text → tree with places. What YAML offers beyond texts, lists and maps is refused, with the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from aggregator.config.faults import ConfigError, Fault
from aggregator.config.syntax import explain
from aggregator.config.tree import Entry, Listing, Map, Mark, Node, Text, child

MAX_DEPTH = 40  #: nesting; the deepest sensible configuration has 9
_EMPTY = {"", "~", "null", "Null", "NULL"}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NO_ANCHOR = (
    "anchors (&name) and aliases (*name) are not supported; say once what sources share under 'defaults', "
    "or with 'like: <id>'"
)
_NO_ALIAS = _NO_ANCHOR + "; a text that begins with '*' or '&' is put in quotes"
_NO_MERGE = (
    "merge keys (<<) are not supported; say once what sources share under 'defaults', or with 'like: <id>'"
)
_NO_TAG = "tags (!name) are not supported; a text that begins with '!' is put in quotes"
_ONE_DOCUMENT = "a second document begins here ('---'); a configuration is one document"
_TOO_DEEP = f"nested more than {MAX_DEPTH} deep"


def compose(text: str, file: str) -> tuple[Node | None, list[Fault]]:
    """The tree of a text (None: nothing but comments), and what in it is refused.

    Raises ConfigError when the text is no YAML: after a syntax error nothing that follows can be trusted.
    """
    composer = _Composer(text, file)
    try:
        return composer.document(), composer.faults
    except yaml.YAMLError as error:
        raise ConfigError([*composer.faults, explain(error, text, file)]) from error


class _Composer:
    """Reads the events of one document. It keeps places, and aliases never unfold."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self.faults: list[Fault] = []

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(self._mark(event), _ONE_DOCUMENT)
                    return root
                root = self._node(next(self._events), "", 0)
        return root

    def _node(self, event: Any, path: str, depth: int) -> Node:
        mark = self._mark(event)
        if depth > MAX_DEPTH:
            raise ConfigError([*self.faults, mark.fault(_TOO_DEEP)])
        end = _end(event)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(mark, _NO_ALIAS)
            return Text(mark=mark, end=end, path=path, value=None)
        if event.anchor is not None:
            self._refuse(mark, _NO_ANCHOR)
        if event.tag is not None:
            self._refuse(mark, _NO_TAG)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._listing(event, path, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(event, path, depth)
        nothing = event.implicit[0] and event.value in _EMPTY
        return Text(mark=mark, end=end, path=path, value=None if nothing else event.value)

    def _listing(self, start: Any, path: str, depth: int) -> Listing:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, f"{path}[{len(items)}]", depth + 1))
        flow = bool(start.flow_style)
        end = _end(event) if flow else max((item.end for item in items), default=_end(start))
        return Listing(mark=self._mark(start), end=end, path=path, items=tuple(items), flow=flow)

    def _map(self, start: Any, path: str, depth: int) -> Map:
        entries: dict[str, Entry] = {}
        end = _end(start)
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, path, depth + 1)
            name = key.value or "" if isinstance(key, Text) else ""
            value = self._node(next(self._events), child(path, name), depth + 1)
            end = max(end, key.end, value.end)
            if self._is_sound(key, name, entries, path):
                entries[name] = Entry(key=key.mark, value=value)
        flow = bool(start.flow_style)
        end = _end(event) if flow else end
        return Map(mark=self._mark(start), end=end, path=path, entries=entries, flow=flow)

    def _is_sound(self, key: Node, name: str, entries: dict[str, Entry], path: str) -> bool:
        where = f"in {path}" if path else "at the top level"
        if not isinstance(key, Text):
            self._refuse(
                key.mark, f"a list or map stands where a key should, {where}; did a text lack its quotes?"
            )
        elif not name:
            self._refuse(key.mark, f"a key {where} is empty")
        elif name == "<<":
            self._refuse(key.mark, _NO_MERGE)
        elif name in entries:
            first = entries[name].key.line
            self._refuse(key.mark, f"duplicate key {name!r} {where}; it is given in line {first} already")
        else:
            return True
        return False

    def _mark(self, event: Any) -> Mark:
        start = event.start_mark
        return Mark(file=self._file, line=start.line + 1, column=start.column + 1, index=start.index)

    def _refuse(self, mark: Mark, message: str) -> None:
        self.faults.append(mark.fault(message))


def _end(event: Any) -> int:
    index: int = event.end_mark.index
    return index
