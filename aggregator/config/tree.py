"""The configuration as it stands in its files: texts, lists and maps, each with its place.

Every text stays a text (``no``, ``12:30``, ``1.10``, ``007``): the types decide what it means, not YAML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aggregator.config.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place in a file."""

    file: str
    line: int  #: from 1
    column: int  #: from 1, in characters
    index: int = 0  #: characters from the beginning of the text, a byte order mark not counted

    def fault(self, message: str) -> Fault:
        return Fault(self.file, self.line, self.column, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A scalar, as it is written between its quotes; None when there is nothing, ``~`` or ``null``."""

    mark: Mark
    end: int  #: index behind its last character
    path: str  #: as ``sources[3].interval``; "" for the whole document
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    mark: Mark
    end: int
    path: str
    items: tuple[Node, ...]
    flow: bool = False  #: written in [ ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    key: Mark
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    mark: Mark
    end: int
    path: str
    entries: Mapping[str, Entry]
    flow: bool = False  #: written in { }

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry.value if entry else None

    def text(self, key: str) -> str | None:
        """The text under the key; None also when there is a list or a map."""
        node = self.get(key)
        return node.value if isinstance(node, Text) else None


Node = Text | Listing | Map


def plain(node: Node | None) -> Any:
    """The node as str, None, list and dict."""
    if isinstance(node, Map):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return node.value if node else None


def items_of(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; none when it is not one, which is the validation's to say."""
    return node.items if isinstance(node, Listing) else ()


def texts_of(node: Node | None) -> Iterator[Text]:
    """The texts of a list, or the one text that stands where a list may."""
    for item in (node,) if isinstance(node, Text) else items_of(node):
        if isinstance(item, Text) and item.value is not None:
            yield item


def child(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def map_texts(node: Node, change: Callable[[Text], Text]) -> Node:
    """The same tree with every text changed; keys stay."""
    if isinstance(node, Text):
        return change(node)
    if isinstance(node, Listing):
        return replace(node, items=tuple(map_texts(item, change) for item in node.items))
    entries = {
        key: replace(entry, value=map_texts(entry.value, change)) for key, entry in node.entries.items()
    }
    return replace(node, entries=entries)
