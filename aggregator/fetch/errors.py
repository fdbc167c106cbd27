"""Why a fetch brought no answer, fit to be shown: nothing here repeats a password."""

from __future__ import annotations

from typing import Literal

from aggregator.text.urls import without_credentials

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
    "robots",
    "held",
]

_SHOWN = 500  #: characters of an address that a message repeats
_SHOWN_ON_THE_WAY = 100


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
        self.status: int | None = None  #: of the answer that could not be used; None when its head never came

    def on_the_way(self) -> None:
        """Have it told as what came of a redirect: the address is not the one that is configured."""
        self.reason = redirected(self.url, self.reason)
        self.args = (self.url, self.reason, self.kind)

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}"


def redact(url: str) -> str:
    """The address without user name and password, on one line, not longer than a message should be."""
    return "".join(c if c.isprintable() else "?" for c in without_credentials(url)[:_SHOWN])


def redirected(url: str, told: str) -> str:
    """What is told of an address that a redirect led to."""
    return f"redirected to {redact(url)[:_SHOWN_ON_THE_WAY]}: {told}"
