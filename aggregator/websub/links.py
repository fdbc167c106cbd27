"""The Link header field (RFC 8288 §3), as far as a subscriber needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.text.urls import absolute

_PARAMETER = r'\s?;\s?(?:[^\s;,="<>]+(?:\s?=\s?(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)?'
_LINK = re.compile(rf"<([^<>]*)>((?:{_PARAMETER})*)")
_NAMED = re.compile(r';\s?([^\s;,="<>]+)\s?=\s?(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))')


@dataclass(frozen=True, slots=True, kw_only=True)
class WebLink:
    """One link of a document to another."""

    url: str  #: absolute, http or https
    relations: frozenset[str]  #: lower case


def web_links(field: str, base: str) -> list[WebLink]:
    """The links of a field, several of which may have been joined; what cannot be read is passed over.

    Links with an anchor speak of another document than the one that came (RFC 8288 §3.2), and are left out.
    """
    return list(_links(" ".join(field.split()), base))


def _links(field: str, base: str) -> Iterator[WebLink]:
    for target, written in _LINK.findall(field):
        parameters = _parameters(written)
        url = absolute(base, target)
        if url is not None and "anchor" not in parameters:
            yield WebLink(url=url, relations=frozenset(parameters.get("rel", "").lower().split()))


def _parameters(written: str) -> dict[str, str]:
    """Of a parameter that is given twice the first counts (RFC 8288 §3.3)."""
    found: dict[str, str] = {}
    for name, quoted, bare in _NAMED.findall(written):
        found.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or bare)
    return found
