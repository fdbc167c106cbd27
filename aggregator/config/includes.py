"""``include``: more files of sources and sections. These files and ``ca_file`` are all that is read here."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aggregator.config.document import compose
from aggregator.config.environment import substitute
from aggregator.config.faults import ConfigError, Fault, did_you_mean
from aggregator.config.tree import Map, Node, Text, items_of, texts_of

MAX_SIZE = 1_000_000  #: bytes of one file; thousands of sources fit

_ALLOWED = ("sources", "sections")


@dataclass(slots=True)
class Included:
    sources: list[Node]
    sections: list[Node]
    files: list[Path]
    faults: list[Fault]


def read_text(path: Path) -> str:
    """The text of a configuration file. Raises ConfigError, which says how to come by a good one."""
    name = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except FileNotFoundError as error:
        message = "no such file; `aggregator init URL` writes one, -c FILE names another"
        raise ConfigError([Fault(name, 0, 0, message)]) from error
    except OSError as error:
        raise ConfigError([Fault(name, 0, 0, f"cannot be read: {error.strerror or error}")]) from error
    if len(data) > MAX_SIZE:
        message = f"larger than {MAX_SIZE:,} bytes; spread the sources over several files with 'include'"
        raise ConfigError([Fault(name, 0, 0, message)])
    return _decoded(data, name)


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        message = f"not UTF-8{_guess(data)}; save the file as UTF-8"
        raise ConfigError([Fault(name, line, column, message)]) from error


def _guess(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return " but UTF-16"
    for encoding, words in (("gb18030", "GBK or GB18030"), ("big5", "Big5")):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return f" (it may be {words})"
    return ""


def read_includes(root: Map, path: Path, env: Mapping[str, str]) -> Included:
    """All files that ``include`` names, each once, by pattern and name. Faults name their own file."""
    found = Included(sources=[], sections=[], files=[], faults=[])
    seen = {os.path.realpath(path)}
    for pattern in texts_of(root.get("include")):
        for file in _matches(pattern, path.parent, found.faults):
            if os.path.realpath(file) not in seen:
                seen.add(os.path.realpath(file))
                found.files.append(file)
                _take(file, env, found)
    return found


def _matches(pattern: Text, folder: Path, faults: list[Fault]) -> list[Path]:
    name = pattern.value or ""
    if glob.has_magic(name):
        matches = sorted(glob.glob(name, root_dir=folder, recursive=True))
    elif (folder / name).is_file():
        matches = [name]
    else:
        faults.append(
            pattern.mark.fault(f"no such file: {folder / name}; a pattern with * may also match none")
        )
        return []
    return [folder / match for match in matches if (folder / match).is_file()]


def _take(file: Path, env: Mapping[str, str], found: Included) -> None:
    try:
        tree, faults = compose(read_text(file), str(file))
    except ConfigError as error:
        found.faults += error.faults
        return
    found.faults += faults
    if tree is None:
        return
    tree, unset = substitute(tree, env)
    found.faults += unset
    if not isinstance(tree, Map):
        found.faults.append(
            tree.mark.fault("an included file is a map with the keys 'sources' and 'sections'")
        )
        return
    found.faults += _strangers(tree)
    found.sources += _list_under(tree, "sources", found.faults)
    found.sections += _list_under(tree, "sections", found.faults)


def _list_under(tree: Map, key: str, faults: list[Fault]) -> tuple[Node, ...]:
    node = tree.get(key)
    if isinstance(node, Map) or (isinstance(node, Text) and node.value is not None):
        faults.append(node.mark.fault(f"{key} must be a list"))
    return items_of(node)


def _strangers(tree: Map) -> list[Fault]:
    faults = []
    for key, entry in tree.entries.items():
        if key == "include":
            faults.append(
                entry.key.fault("an included file cannot include others; name them in the main file")
            )
        elif key not in _ALLOWED:
            hint = did_you_mean(key, _ALLOWED)
            message = f"key {key!r} cannot stand in an included file, only 'sources' and 'sections' can{hint}"
            faults.append(entry.key.fault(message))
    return faults
