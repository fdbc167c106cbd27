"""Imports that are put off until somebody asks for the name (PEP 562), and imports that are left out.

The daemon's own process names what its reading processes do, and needs little of what it takes to do it.
"""

from __future__ import annotations

import ast
import gc
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


def lazily(package: str) -> Callable[[str], Any]:
    """The package's ``__getattr__``: what its ``if TYPE_CHECKING:`` imports, imported when somebody asks for it.

    Type checkers are to see no ``__getattr__``, in the presence of which every name would be right. A name must not be
    a submodule's too: that would take its place once it is imported.
    """
    home = _put_off(inspect.getsource(sys.modules[package]))

    def attribute(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(home[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return attribute


def _put_off(source: str) -> dict[str, str]:
    """By name, the module that it is imported from."""
    block = next(node for node in ast.parse(source).body if isinstance(node, ast.If))
    imports = (node for node in block.body if isinstance(node, ast.ImportFrom))
    return {alias.name: str(node.module) for node in imports for alias in node.names}


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """While the block runs, a library that would import these finds that they are not installed.

    For what libraries take along where they find it, and do without where they do not.
    """
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None is how the import system is told
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


@contextmanager
def loading() -> Iterator[None]:
    """While the block runs, a command imports what it is made of.

    That stays, so no garbage is looked for in it, neither now, which takes a tenth of the time, nor later. structlog
    and httpx take along what draws tables for people: 4 MB; who draws some imports it afterwards.
    """
    collecting, there = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        with left_out("rich", "pygments"):
            yield
    finally:
        if len(sys.modules) > there:
            gc.freeze()
        if collecting:
            gc.enable()
