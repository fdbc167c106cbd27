"""feeds.yaml → ``Loaded``: read, fill in variables, include, expand, validate, check. All faults at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from aggregator.config.authorities import check_authorities
from aggregator.config.document import compose
from aggregator.config.environment import substitute
from aggregator.config.expand import Expanded, expand
from aggregator.config.faults import ConfigError, Fault, unique
from aggregator.config.includes import Included, read_includes, read_text
from aggregator.config.labels import check_labels, check_sections, check_source_names, derived_sections
from aggregator.config.looks import check_look
from aggregator.config.model import Config
from aggregator.config.pending import pending_warnings
from aggregator.config.tree import Entry, Listing, Map, Node, Text, items_of, plain
from aggregator.config.wording import faults_of

_EMPTY = "the configuration is empty; `aggregator init URL` writes one to begin with"
_NO_SOURCES = "no sources: nothing will be polled; `aggregator add URL` adds one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A sound configuration, and what follows from where it lies."""

    config: Config  #: as written: paths are not resolved in it
    warnings: tuple[Fault, ...]
    files: tuple[Path, ...]  #: the file itself, then those it includes: what to watch for changes
    root: Path  #: the folder of the file, absolute; relative paths begin there
    output_dir: Path  #: absolute
    templates: Path | None  #: absolute; the operator's own folder of templates
    stylesheet: Path | None  #: absolute; the operator's own style
    storage_url: str  #: SQLite paths in it are absolute
    base_url: str  #: without a slash at the end; from ``server.listen`` where ``site.base_url`` is not given
    places: Mapping[str, str]  #: source id → ``file:line`` where it stands
    sections_declared: bool  #: False: ``config.sections`` follow from what the sources name


def load_config(path: Path, *, env: Mapping[str, str]) -> Loaded:
    """Read the file and those it includes. Raises ConfigError with every fault found."""
    return parse_config(read_text(path), env=env, path=path)


def parse_config(
    text: str, *, env: Mapping[str, str] | None = None, path: Path = Path("feeds.yaml")
) -> Loaded:
    """The same for a text that would lie at ``path``; included files are read. Raises ConfigError."""
    root, faults = _tree(text, str(path), env or {})
    included = read_includes(root, path, env or {})
    faults += included.faults
    broken = {(fault.file, fault.line, fault.column) for fault in faults}
    expanded = expand([*items_of(root.get("sources")), *included.sources], root.get("defaults"))
    sections = [*items_of(root.get("sections")), *included.sections]
    whole = _whole(root, expanded, sections, included)
    config, invalid = _validated(whole)
    later = [*invalid, *expanded.faults, *check_sections(sections), *check_labels(expanded.sources, sections)]
    later += check_authorities([root.get("defaults"), *expanded.sources], path.parent)
    later += check_look(root.get("output"), path.parent)
    # What was refused already (an alias, a variable that is not set) left a gap: no second fault for the gap.
    faults += [fault for fault in later if (fault.file, fault.line, fault.column) not in broken]
    if config is None or faults:
        raise ConfigError(unique(faults, str(path)))
    return _loaded(config, path, included.files, expanded, _warnings(root, expanded, sections, path))


def _tree(text: str, file: str, env: Mapping[str, str]) -> tuple[Map, list[Fault]]:
    tree, faults = compose(text.removeprefix("\ufeff"), file)
    if tree is None or (isinstance(tree, Text) and tree.value is None):
        raise ConfigError([*faults, Fault(file, 0, 0, _EMPTY)])
    if not isinstance(tree, Map):
        message = "the configuration is a map that begins with keys such as 'site:' and 'sources:'"
        raise ConfigError([*faults, tree.mark.fault(message)])
    filled, unset = substitute(tree, env)
    assert isinstance(filled, Map)
    return filled, faults + unset


def _whole(root: Map, expanded: Expanded, sections: Sequence[Node], included: Included) -> Map:
    """The tree with the expanded sources and the included parts in their place."""
    tree = root
    if isinstance(root.get("sources"), Listing) or included.sources:
        tree = _with_list(tree, "sources", expanded.sources)
    if isinstance(root.get("sections"), Listing) or included.sections:
        tree = _with_list(tree, "sections", sections)
    return tree


def _with_list(tree: Map, key: str, items: Sequence[Node]) -> Map:
    there = tree.entries.get(key)
    if (
        there
        and not isinstance(there.value, Listing)
        and not (isinstance(there.value, Text) and not there.value.value)
    ):
        return tree
    mark = there.key if there else tree.mark
    listing = Listing(mark=mark, end=tree.end, path=key, items=tuple(items))
    return replace(tree, entries={**tree.entries, key: Entry(key=mark, value=listing)})


def _validated(tree: Map) -> tuple[Config | None, list[Fault]]:
    try:
        return Config.model_validate(plain(tree)), []
    except ValidationError as error:
        return None, faults_of(error, tree, Config)


def _warnings(root: Map, expanded: Expanded, sections: Sequence[Node], path: Path) -> tuple[Fault, ...]:
    warnings = [*expanded.warnings, *pending_warnings(root, expanded.sources)]
    warnings += check_source_names([*sections, *expanded.sources], expanded.places)
    if not expanded.sources:
        warnings.append(Fault(str(path), 0, 0, _NO_SOURCES))
    return unique(warnings, str(path))


def _loaded(
    config: Config, path: Path, files: Sequence[Path], expanded: Expanded, warnings: tuple[Fault, ...]
) -> Loaded:
    declared = bool(config.sections)
    if not declared:
        sections = derived_sections(config.sources, config.site.title)
        config = config.model_copy(update={"sections": sections})
    root = Path(os.path.abspath(path)).parent
    return Loaded(
        config=config,
        warnings=warnings,
        files=(path, *files),
        root=root,
        output_dir=Path(_beside(root, str(config.output.dir))),
        templates=_path_beside(root, config.output.templates),
        stylesheet=_path_beside(root, config.output.stylesheet),
        storage_url=resolve_storage_url(config.storage.url, root),
        base_url=config.site.base_url or base_url_of(config.server.listen),
        places=expanded.places,
        sections_declared=declared,
    )


def resolve_storage_url(url: str, root: Path) -> str:
    """A SQLite file beside the configuration, by its full path; every other address as it is."""
    found = re.fullmatch(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:)([^?]+)(\?.*)?", url)
    if not found:
        return url
    return f"{found[1]}{_beside(root, found[2])}{found[3] or ''}"


def _path_beside(root: Path, path: Path | None) -> Path | None:
    return Path(_beside(root, str(path))) if path else None


def _beside(root: Path, path: str) -> str:
    """The full path of one that begins at the folder of the file, or with ``~``."""
    return os.path.abspath(root / os.path.expanduser(path))


def base_url_of(listen: str) -> str:
    """Where a browser on this machine finds the server; an address that means "all" becomes loopback."""
    host, _, port = listen.rpartition(":")
    local = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}
    return f"http://{local.get(host, host)}:{int(port)}"
