"""``${NAME}`` and ``${NAME:-default}`` in the texts of a configuration; ``$${`` writes ``${`` itself.

Works on the tree, after YAML is read: what a variable holds never becomes a key, a list or a comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from aggregator.config.faults import Fault, did_you_mean
from aggregator.config.tree import Node, Text, map_texts

_REFERENCE = re.compile(
    r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|\$\{[^}]*\}?"
)


def substitute(tree: Node, env: Mapping[str, str]) -> tuple[Node, list[Fault]]:
    """The tree with variables filled in, and the places of those that are not set and have no default."""
    faults: list[Fault] = []

    def fill(text: Text) -> Text:
        if text.value is None or "${" not in text.value:
            return text
        return replace(text, value=_REFERENCE.sub(lambda found: _value(found, text, env, faults), text.value))

    return map_texts(tree, fill), faults


def _value(found: re.Match[str], text: Text, env: Mapping[str, str], faults: list[Fault]) -> str:
    name, default = found["name"], found["default"]
    if found[0] == "$${":
        return "${"
    if name is None:
        faults.append(
            text.mark.fault(
                f"{found[0]!r} names no variable; write ${{NAME}}, or $${{ for the characters themselves"
            )
        )
        return ""
    # As in the shell, ":-" also stands in for a variable that is set but empty.
    value = env.get(name, "")
    if value or (name in env and default is None):
        return value
    if default is None:
        hint = did_you_mean(name, env)
        remedy = f"set it, or give a default: ${{{name}:-default}}"
        faults.append(text.mark.fault(f"the environment variable {name} is not set{hint}; {remedy}"))
    return default or ""
