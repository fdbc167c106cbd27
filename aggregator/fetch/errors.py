"""Why a fetch brought no answer, fit to be shown: nothing here repeats a password."""

from __future__ import annotations

import re
from typing import Literal

FaultKind = Literal[
    "dns",
    "connect",
    "timeout",
    "tls",
    "refused-address",
    "too-large",
    "truncated",
    "encoding",
    "redirect",
    "protocol",
    "url",
]

_SHOWN = 500  #: characters of an address that a message repeats


class FetchError(Exception):
    """No usable answer. ``reason`` is a sentence for people that names the remedy where there is one.

    An HTTP error status is an answer, not a FetchError.
    """

    def __init__(self, url: str, reason: str, kind: FaultKind) -> None:
        super().__init__(url, reason, kind)
        self.url = redact(url)
        self.args = (self.url, reason, kind)
        self.reason = reason
        self.kind: FaultKind = kind

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}"


def redact(url: str) -> str:
    """The address without user name and password, on one line, not longer than a message should be."""
    scheme, slashes, rest = url.partition("//")
    shown = f"{scheme}{slashes}{rest[_credentials_end(rest) :]}"
    return "".join(c if c.isprintable() else "?" for c in shown[:_SHOWN])


def _credentials_end(rest: str) -> int:
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        return authority.rindex("@") + 1
    # A slash in a password ends the authority too early: "user:pa/ss@host" has the port "pa".
    port = authority.rpartition(":")[2] if ":" in authority and not authority.endswith("]") else ""
    return rest.rindex("@") + 1 if port and not port.isdigit() and "@" in rest else 0
