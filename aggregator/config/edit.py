"""Adding sources to a feeds.yaml that a person wrote: text goes in, and their own stays as it is.

Entries go in at the end of the list; comments, order, indentation, line ends and a byte order mark stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from aggregator.config.document import compose
from aggregator.config.faults import ConfigError, Fault
from aggregator.config.tree import Listing, Map, Node, Text, items_of, plain

_UNBROKEN = 1_000_000  #: no line is folded


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """A source to write down. What is None is left out."""

    url: str
    id: str | None = None
    name: str | None = None
    type: str | None = None
    section: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)  #: more keys, as feeds.yaml has them

    def entry(self) -> str | dict[str, Any]:
        """As YAML would hold it: the address alone where nothing else is said."""
        name, section = (text and " ".join(text.split()) for text in (self.name, self.section))
        named = {
            "id": self.id,
            "name": name,
            "url": self.url,
            "type": self.type,
            "section": section,
        }
        given = {key: literal(value) for key, value in {**named, **self.extra}.items() if value is not None}
        return literal(self.url) if given.keys() == {"url"} else given


def add_sources(text: str, new: Sequence[NewSource], file: str = "feeds.yaml") -> str:
    """The text with the sources at the end of its list. Raises ConfigError where text cannot do it."""
    if not new:
        return text
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    before = _read(body, file)
    after = _inserted(body, before, [source.entry() for source in new], file)
    _must_hold(before, _read(after, file), [source.entry() for source in new], file)
    return mark + after


def literal(value: Any) -> Any:
    """The value, so written that a ``${`` in it stands for itself and not for a variable."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {key: literal(inner) for key, inner in value.items()}
    return [literal(inner) for inner in value] if isinstance(value, list | tuple) else value


def _read(text: str, file: str) -> Map | None:
    tree, faults = compose(text, file)
    if faults:
        raise ConfigError(faults)
    if tree is None or (isinstance(tree, Text) and tree.value is None):
        return None
    if not isinstance(tree, Map):
        raise ConfigError([tree.mark.fault("the configuration is no map of keys")])
    return tree


def _must_hold(before: Map | None, after: Map | None, entries: Sequence[Any], file: str) -> None:
    """The proof of the work: all that was there is there, and the list has grown by the entries."""
    old, grown = (plain(tree) or {} for tree in (before, after))
    added = plain(compose(_dumped(list(entries)), file)[0])
    wanted = {**old, "sources": [*(old.get("sources") or []), *added]}
    if grown != wanted:
        raise ConfigError([Fault(file, 0, 0, "the sources cannot be added by text here; add them by hand")])


# -- where to


def _inserted(text: str, tree: Map | None, entries: Sequence[Any], file: str) -> str:
    if tree is None:
        return _appended(text, 0, entries)
    if tree.flow:
        raise ConfigError([tree.mark.fault("written in one pair of braces; add the sources by hand")])
    there = tree.entries.get("sources")
    if there is None:
        return _appended(text, tree.mark.column - 1, entries, tree.end)
    node = there.value
    if isinstance(node, Listing) and node.flow:
        return _into_brackets(text, node, entries)
    if isinstance(node, Listing):
        indent = node.mark.column - 1
        return _below(text, _end_of_list(text, node, indent), _block(entries, indent, _gap(node)))
    if isinstance(node, Text) and node.value is None:
        head = text[: node.mark.index] + text[node.end :]  # "~" or "null" makes room
        indent = there.key.column + 1
        return _below(head, _line_end(head, there.key.index), _block(entries, indent, 2))
    raise ConfigError([node.mark.fault("'sources' is no list; put this right first")])


def _appended(text: str, indent: int, entries: Sequence[Any], end: int = 0) -> str:
    """A new list at the end of the document, which a line with ``...`` may close before the text ends."""
    lines = [" " * indent + "sources:", *_block(entries, indent + 2, 2)]
    at = _document_end(text, end)
    close = bool(text[:at].strip()) and not text[:at].endswith(("\n\n", "\n\r\n"))
    return _below(text, at, [*([""] if close else []), *lines])


def _document_end(text: str, start: int) -> int:
    at = start
    for line in text[start:].splitlines(keepends=True):
        if line.rstrip() == "..." and (at == 0 or text[at - 1] == "\n"):
            return at
        at += len(line)
    return len(text)


def _end_of_list(text: str, node: Listing, indent: int) -> int:
    """Behind the last entry and its comments: those of its indentation, up to an empty line."""
    at = _line_end(text, _content_end(text, node))
    while at < len(text):
        line = text[at : _line_end(text, at)]
        column = len(line) - len(line.lstrip(" "))
        if not line.lstrip(" ").startswith("#") or column < max(indent, 1):
            break
        at = _line_end(text, at)
    return at


def _content_end(text: str, node: Node) -> int:
    """The index of the last character of the node (a block text ends in line breaks that are not its own)."""
    return len(text[: node.end].rstrip()) - 1


def _line_end(text: str, index: int) -> int:
    """Where the next line begins."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _gap(node: Listing) -> int:
    """Characters from a dash to what follows it, as this list has them."""
    last = node.items[-1].mark
    same_line = last.line >= node.mark.line and isinstance(node.items[-1], Map)
    return max(2, last.column - node.mark.column) if same_line else 2


# -- how


def _below(text: str, at: int, lines: Sequence[str]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    before = text[:at]
    if before and not before.endswith("\n"):
        before += newline
    return before + "".join(line + newline for line in lines) + text[at:]


def _block(entries: Sequence[Any], indent: int, gap: int) -> list[str]:
    lines: list[str] = []
    for entry in entries:
        first, *rest = _dumped(entry).splitlines()
        lines.append(" " * indent + "-" + " " * (gap - 1) + first)
        lines += [" " * (indent + gap) + line if line else "" for line in rest]
    return lines


def _dumped(entry: Any) -> str:
    text = yaml.safe_dump(
        entry, allow_unicode=True, sort_keys=False, default_flow_style=False, width=_UNBROKEN
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _into_brackets(text: str, node: Listing, entries: Sequence[Any]) -> str:
    added = ", ".join(map(one_line, entries))
    if items_of(node):
        at = max(item.end for item in node.items)
        return f"{text[:at]}, {added}{text[at:]}"
    return f"{text[: node.mark.index + 1]}{added}{text[node.mark.index + 1 :]}"


def one_line(value: Any) -> str:
    """The value as it may stand within brackets."""
    text = yaml.safe_dump(
        [value], allow_unicode=True, sort_keys=False, default_flow_style=True, width=_UNBROKEN
    )
    return text.strip().removeprefix("[").removesuffix("]")
