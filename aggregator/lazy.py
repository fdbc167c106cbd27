"""Names of a package that are imported when somebody asks for them first (PEP 562).

The daemon's own process names what its reading processes do, and needs little of what it takes to do it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazily(package: str, **homes: str) -> Callable[[str], Any]:
    """The package's ``__getattr__``: by submodule, the names that live there.

    A name must not be a submodule's too: that would take its place once it is imported.
    """
    home = {name: f"{package}.{module}" for module, names in homes.items() for name in names.split()}

    def attribute(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(home[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return attribute
