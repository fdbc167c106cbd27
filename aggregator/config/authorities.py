"""``ca_file``: the certificate authorities that sources name, looked at when the configuration is read."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from pathlib import Path

from aggregator.config.faults import Fault
from aggregator.config.tree import Map, Node, Text


def check_authorities(nodes: Iterable[Node | None], root: Path) -> list[Fault]:
    """Faults in the files that sources and ``defaults`` name, each file once, where it is named first."""
    named: dict[str, Text] = {}
    for text in _named(nodes):
        named.setdefault(text.value or "", text)
    return [text.mark.fault(fault) for name, text in named.items() if (fault := _fault(name, root))]


def _named(nodes: Iterable[Node | None]) -> Iterator[Text]:
    for node in nodes:
        text = node.get("ca_file") if isinstance(node, Map) else None
        if isinstance(text, Text) and text.value:
            yield text


def _fault(name: str, root: Path) -> str | None:
    file = root / Path(name).expanduser()
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except ssl.SSLError:
        return f"{file} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----), which ca_file wants"
    except OSError as error:
        return (
            f"ca_file {file} cannot be read: {error.strerror or error}; relative paths begin beside this file"
        )
    return None
