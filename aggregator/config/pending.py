"""Keys that are read and have no effect: yet (these rows leave as features land), or beside what another key says.

Setting one is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from aggregator.config.faults import Fault
from aggregator.config.tree import Listing, Map, Node, Text

NO = frozenset({"no", "false", "off", "0", "n", "f"})


@dataclass(frozen=True, slots=True)
class Pending:
    """``path`` within the file, or after ``source.`` within a source or ``defaults``."""

    path: str
    sentence: str
    idle: frozenset[str] = frozenset()  #: values that ask for what is done anyway
    #: Path and value of the key within the file that gives it its effect.
    unless: tuple[str, str] | None = None


def _values(*values: str) -> frozenset[str]:
    return frozenset(values)


PENDING: tuple[Pending, ...] = (
    Pending(
        "source.priority",
        "it counts under `dedup.prefer: priority`",
        _values("0"),
        unless=("dedup.prefer", "priority"),
    ),
)


def pending_warnings(
    root: Node, sources: Sequence[Node], table: Iterable[Pending] = PENDING
) -> Iterator[Fault]:
    """A warning for each place where a key of the table asks for something that is not done yet."""
    in_sources = [
        node for node in (root.get("defaults") if isinstance(root, Map) else None, *sources) if node
    ]
    for row in table:
        if row.unless and _says(root, *row.unless):
            continue
        within, _, rest = row.path.partition(".")
        places = [(node, rest) for node in in_sources] if within == "source" else [(root, row.path)]
        for node, path in places:
            found = _find(node, path.split("."))
            if found and not _is_idle(found, row.idle):
                yield found.mark.fault(f"{found.path} has no effect: {row.sentence}")


def _find(node: Node | None, path: list[str]) -> Node | None:
    for key in path:
        node = node.get(key) if isinstance(node, Map) else None
    return node


def _says(root: Node, path: str, value: str) -> bool:
    node = _find(root, path.split("."))
    return isinstance(node, Text) and (node.value or "").casefold() == value


def _is_idle(node: Node, idle: frozenset[str]) -> bool:
    if isinstance(node, Text):
        return node.value is None or node.value.casefold() in idle
    inner = node.items if isinstance(node, Listing) else [entry.value for entry in node.entries.values()]
    return all(_is_idle(part, idle) for part in inner)
